"""Projectors and predictors as objectives' knobs write them: the widths of their layers, and the norm between these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from foveate.core.errors import FoveateError
from foveate.encoders.heads import MLP

Norm = Literal["batch", "layer", "none"]


@dataclass(frozen=True, kw_only=True)
class HeadKnobs:
    """The knobs of a projector."""

    projector: tuple[int, ...] = (512, 128)
    """Widths of the projector's layers. None at all costs many points: the loss then shapes the features themselves."""
    projector_norm: Norm = "batch"
    """Between the projector's layers. Batch norm is the usual; layer norm or none where batches are tiny."""
    projector_bias: bool = True
    """Whether layers of the projector that no norm follows have a bias."""


def projector(
    inputs: int,
    widths: tuple[int, ...],
    *,
    norm: Norm = "batch",
    bias: bool = True,
    last_norm: bool = False,
    activation: Literal["relu", "gelu"] = "relu",
    name: str = "projector",
) -> MLP | None:
    """A head on features of width ``inputs``: linear layers, norm and activation between them; None for no layers.

    Raises:
        FoveateError: a width below 1; ``name`` is the knob that it came from.
    """
    if not widths:
        return None
    if min(widths) < 1:
        raise FoveateError(f"{name}={','.join(map(str, widths))} has a layer of no width.", "give widths of at least 1")
    kind = None if norm == "none" else norm
    return MLP([inputs, *widths], norm=kind, bias=bias, last_norm=last_norm, activation=activation)
