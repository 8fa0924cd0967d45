"""Batch norms that were folded into their convolutions: weights that say the right thing and cannot be trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


def refuse_folded(encoder: Encoder) -> None:
    """Refuse an encoder whose batch norms only add a bias, as in networks that were converted from quantised ones.

    In training they would normalise by the batch for the first time, and another network would be trained than was given:
    from a kNN accuracy of .678 to .122 in 60 steps (docs/log.md).

    Raises:
        FoveateError: there are such norms.
    """
    norms = [m for m in encoder.module.modules() if isinstance(m, nn.BatchNorm2d) and m.running_mean is not None]
    for norm in norms:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        fresh = bool((norm.running_mean == 0).all() and (norm.running_var == 1).all())
        if fresh and norm.bias is not None and bool((norm.bias != 0).any()):
            raise FoveateError(
                f"{encoder.address} has batch norms that are folded into its convolutions: training would undo its weights.",
                "take weights of the same network that are not folded, e.g. --encoder timm:mobilenetv2_100.ra_in1k",
            )
