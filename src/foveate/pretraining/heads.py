"""Projectors as objectives' knobs write them: the widths of their layers."""

from __future__ import annotations

from foveate.core.errors import FoveateError
from foveate.encoders.heads import MLP


def projector(inputs: int, widths: tuple[int, ...], *, norm: str = "batch", last_norm: bool = False) -> MLP | None:
    """A projector on features of width ``inputs``: linear layers, norm and ReLU between them; None for no layers.

    Raises:
        FoveateError: a width below 1.
    """
    if not widths:
        return None
    if min(widths) < 1:
        raise FoveateError(
            f"projector={','.join(map(str, widths))} has a layer of no width.", "give widths of at least 1"
        )
    return MLP.from_spec({"widths": [inputs, *widths], "norm": norm, "last_norm": last_norm})
