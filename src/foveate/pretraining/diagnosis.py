"""What the curves of a run say in words: collapse is named while it happens, and only then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STD_GONE = 0.05
"""Deviation of unit-length embeddings, times √d: 1 when they point everywhere, 0 when all point one way."""
SPREAD_GONE = 0.02
"""The embeddings' own deviation, as a share of what it was before training."""
FEW_DIRECTIONS = 3.0
"""RankMe of a projector's output below which nearly everything lies on a plane."""


def diagnose(history: Sequence[Mapping[str, Any]]) -> str | None:
    """One sentence about collapse, or None where nothing is wrong.

    Args:
        history: the monitors' values, epoch by epoch; the first before training. It reads ``std``, ``spread`` and
            ``rankme``, each plain for the backbone and with ``_projector`` for the projector.
    """
    if not history:
        return None
    first, now = history[0], history[-1]
    for place, name in (("_projector", "projector"), ("", "backbone")):
        std, spread = now.get(f"std{place}"), now.get(f"spread{place}")
        if std is None or spread is None:
            continue
        gone = spread <= SPREAD_GONE * first.get(f"spread{place}", 0.0)
        # An untrained backbone already embeds images alike; what counts is that it got much worse, or is exact.
        alike = std < STD_GONE and (std < 0.5 * first.get(f"std{place}", 0.0) or std < 0.1 * STD_GONE)
        if gone or alike:
            return (
                f"collapsed: all images get nearly the same embedding at the {name} "
                f"(std {std:.3g} of 1, {_share(spread, first.get(f'spread{place}'))} of its spread before training)."
            )
    rank, width = now.get("rankme_projector"), now.get("width_projector", 0)
    if rank is not None and len(history) > 1 and width >= 16 and rank < FEW_DIRECTIONS:
        return f"dimensional collapse: the projector uses about {rank:.1f} of {width} directions (RankMe)."
    return None


def _share(now: float, before: float | None) -> str:
    return f"{now / before:.1%}" if before else "none"
