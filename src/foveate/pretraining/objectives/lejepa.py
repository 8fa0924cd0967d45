"""LeJEPA (Balestriero and LeCun 2025): views predict their common mean, and embeddings are held to an isotropic Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import sum_over_ranks, world
from foveate.pretraining.joint import LARGE, JointKnobs, Projected, mean
from foveate.pretraining.objective import Batch, LossOutput

POINTS, REACH = 17, 5.0
"""Where characteristic functions are compared: so many points of [−5, 5], under a Gaussian window."""


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """LeJEPA's knobs."""

    projector: tuple[int, ...] = (512, 512, 64)
    """Widths of the projector's layers."""
    gaussian: float = 0.05
    """Weight of SIGReg (λ); the other 1 − λ goes to the agreement of the views. The only knob that wants tuning: .01 to .1."""
    slices: int = 256
    """Random directions, drawn anew each step, along which embeddings are compared with a normal distribution."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.gaussian <= 1:
            raise FoveateError(f"gaussian = {self.gaussian:g} is outside [0, 1].", "try gaussian=0.05")
        if self.slices < 1:
            raise FoveateError(f"slices = {self.slices} is below 1.", "try slices=256")


class LeJEPA(Projected):
    """Views, a projector, the distance of each view to the mean of the large ones, and SIGReg. No teacher, no stop-gradient."""

    Config = Knobs
    config: Knobs

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        width = embeddings[0].shape[1]
        directions = torch.randn(width, self.config.slices, generator=batch.stream("slices"))
        with torch.autocast(features[0].device.type, enabled=False):
            kind = torch.promote_types(embeddings[0].dtype, torch.float32)
            z = torch.stack([e.to(kind) for e in embeddings])  # [v n d]
            prediction = (z - z[:LARGE].mean(0)).square().mean()
            directions = directions.to(z)
            gaussian = mean([sigreg(view, directions / directions.norm(dim=0)) for view in z])
        loss = (1 - self.config.gaussian) * prediction + self.config.gaussian * gaussian
        terms = {"prediction": prediction.detach(), "gaussian": gaussian.detach()}
        return LossOutput(loss=loss, terms=terms, outputs=self.outputs(features, embeddings))


def sigreg(z: Float[Tensor, "n d"], directions: Float[Tensor, "d s"]) -> Float[Tensor, ""]:
    """Sketched isotropic Gaussian regularisation: the Epps–Pulley statistic against N(0, 1), mean over directions.

    N ∫ |φ(t) − exp(−t²/2)|² exp(−t²/2) dt, where φ is the empirical characteristic function of the N projections of all
    processes; by the trapezoidal rule.
    """
    t = torch.linspace(-REACH, REACH, POINTS, device=z.device, dtype=z.dtype)
    angles = (z @ directions)[:, :, None] * t  # [n s p]
    real, imaginary = (sum_over_ranks(f(angles).mean(0)) / world() for f in (torch.cos, torch.sin))
    normal = torch.exp(-t.square() / 2)
    apart = ((real - normal).square() + imaginary.square()) * normal
    return torch.trapezoid(apart, t, dim=-1).mean() * (len(z) * world())
