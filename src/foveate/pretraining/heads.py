"""Projectors and predictors as objectives' knobs write them: the widths of their layers, and the norm between these."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from foveate.core.doctor import memory
from foveate.core.errors import FoveateError
from foveate.encoders.heads import MLP

COPIES = 3
"""Of every weight at least: itself, its gradient, and one moment of the optimiser (AdamW keeps two)."""
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
        FoveateError: a width below 1, or layers that this machine cannot hold; ``name`` is the knob that they came from.
    """
    if not widths:
        return None
    if min(widths) < 1:
        raise FoveateError(f"{name}={','.join(map(str, widths))} has a layer of no width.", "give widths of at least 1")
    needed, there = COPIES * 4 * sum(a * b for a, b in pairwise((inputs, *widths))), memory()[0]
    if (
        there and needed > there
    ):  # said here: a system that promises more memory than it has would only kill the process
        raise FoveateError(
            f"{name}={','.join(map(str, widths))} takes {needed / 2**30:,.0f} GiB for weights, gradients and optimiser; this machine has {there / 2**30:,.0f}.",
            f"give narrower layers, e.g. --set {name}=512",
        )
    kind = None if norm == "none" else norm
    return MLP([inputs, *widths], norm=kind, bias=bias, last_norm=last_norm, activation=activation)
