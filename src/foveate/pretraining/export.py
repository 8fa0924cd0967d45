"""What a checkpoint holds for use: weights, and the description that ``run:`` builds the encoder from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from foveate.encoders.encoder import Encoder
from foveate.encoders.heads import MLP
from foveate.encoders.run import describe
from foveate.pretraining.objective import Objective
from foveate.training.checkpoints import full_weights


def export(
    objective: Objective, encoder: Encoder, name: str, epoch: int
) -> tuple[Mapping[str, Tensor], Mapping[str, Any]]:
    """The weights for use as ``backbone.*`` and ``projector.*``, and ``encoder.json``. All processes call it."""
    parts = objective.parts()
    weights = {f"backbone.{key}": value for key, value in full_weights(parts.backbone).items()}
    if parts.projector is not None:
        weights |= {f"projector.{key}": value for key, value in full_weights(parts.projector).items()}
    head = parts.projector if isinstance(parts.projector, MLP) else None
    return weights, describe(encoder, projector=head, epoch=epoch, objective=name)
