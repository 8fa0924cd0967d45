"""What the monitors' values say in words: collapse is named while it happens, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STD_NONE = 0.005
"""Deviation of unit-length embeddings, times √d, below which they are one point; untrained encoders are above .1."""
STD_FALLEN = 0.35
"""That deviation within batches, as a share of the highest it has been in the run. In healthy runs it rises or stays."""
SPREAD_FALLEN = 0.02
"""The embeddings' own deviation, likewise: VICReg without its variance term shrinks to a point in all directions at once."""
FEW_DIRECTIONS = 2.0
"""RankMe of a projector's centred output below which nearly everything lies on a line."""


def diagnose(values: Mapping[str, Any]) -> str | None:
    """One sentence about collapse, or None where nothing is wrong.

    Args:
        values: of the monitors. ``std`` of unit-length embeddings of single images, for the backbone and, with
            ``_projector``, behind it; ``fallen_std`` and ``fallen_spread`` of the trained outputs within batches, as
            shares of their highest so far (absent before training); ``directions_projector``, ``width_projector``.
    """
    for place, name in (("", "backbone"), ("_projector", "projector")):
        std = values.get(f"std{place}")
        if std is not None and std < STD_NONE:
            return f"collapsed: all images get nearly the same embedding at the {name} (std {std:.2g}; 1 is healthy)."
    end = "projector" if "std_projector" in values else "backbone"
    fallen_std, fallen_spread = values.get("fallen_std", 1.0), values.get("fallen_spread", 1.0)
    if fallen_std < STD_FALLEN or fallen_spread < SPREAD_FALLEN:
        return (
            f"collapsed: all images get nearly the same embedding at the {end} (of the std that it had, "
            f"{fallen_std:.0%} is left in direction and {fallen_spread:.1%} in size)."
        )
    rank, width = values.get("directions_projector"), values.get("width_projector", 0)
    if rank is not None and "fallen_std" in values and width >= 16 and rank < FEW_DIRECTIONS:
        return f"dimensional collapse: the projector uses about {rank:.1f} of {width} directions (RankMe, centred)."
    return None
