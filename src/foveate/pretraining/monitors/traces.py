"""What is remembered from step to step, in buffers, so that it resumes with the run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.pretraining.limits import SPIKE


class Course(nn.Module):
    """What numbers were at the first step, what they are over about the last ten, and the highest that this has been.

    Means, so that one odd batch is neither a height nor a fall. In buffers, to resume.
    """

    first: Tensor
    recent: Tensor
    highest: Tensor
    steps: Tensor

    def __init__(self, numbers: int) -> None:
        super().__init__()
        for name in ("first", "recent", "highest"):
            self.register_buffer(name, torch.zeros(numbers))
        self.register_buffer("steps", torch.zeros(()))

    @torch.no_grad()
    def add(self, now: Float[Tensor, " n"]) -> None:
        """One step's numbers."""
        now = now.detach().to(self.recent)
        begun = self.steps > 0
        self.steps += 1
        self.first.copy_(torch.where(begun, self.first, now))
        self.recent.lerp_(now, torch.clamp(1 / self.steps, min=0.1))
        self.highest.copy_(torch.where(begun, torch.maximum(self.highest, self.recent), self.recent))


class Falls(Course):
    """How far the deviation of the trained embeddings within batches has fallen below the highest it has been, or grown."""

    def __init__(self) -> None:
        super().__init__(2)

    def values(self) -> dict[str, float]:
        """``fallen_std``, ``fallen_spread``: shares that are left, of unit-length embeddings and of the embeddings themselves;
        ``first_spread``, ``recent_spread``; empty before training."""
        if not bool(self.steps):
            return {}
        std, spread = (self.recent / self.highest.clamp_min(1e-12)).tolist()
        return {
            "fallen_std": std,
            "fallen_spread": spread,
            "first_spread": float(self.first[1]),
            "recent_spread": float(self.recent[1]),
        }


class Rises(Course):
    """How high the loss has stood above its first value."""

    def __init__(self) -> None:
        super().__init__(1)

    def values(self) -> dict[str, float]:
        """``risen_loss``: in units of the first loss, or of 1 where that is nearer to 0; empty before training."""
        if not bool(self.steps):
            return {}
        first, highest = float(self.first), float(self.highest)
        return {"risen_loss": (highest - first) / max(abs(first), 1.0)}


class Spikes(nn.Module):
    """Steps whose gradient stands far above the running median of the last ones.

    Args:
        window: steps that the median is of. times: a spike is larger than this many medians.
    """

    norms: Tensor
    steps: Tensor
    count: Tensor
    peak: Tensor

    def __init__(self, *, window: int = 64, times: float = SPIKE) -> None:
        super().__init__()
        self.window, self.times = window, times
        self.register_buffer("norms", torch.full((window,), torch.nan))
        for name in ("steps", "count", "peak"):
            self.register_buffer(name, torch.zeros(()))

    @torch.no_grad()
    def add(self, norm: Float[Tensor, ""]) -> None:
        """One step's gradient norm. The first quarter of a window is only learnt from."""
        norm = norm.detach().to(self.norms.device, self.norms.dtype)
        ratio = torch.nan_to_num(norm / torch.nanmedian(self.norms), nan=0.0)
        ratio = torch.where(self.steps >= self.window // 4, ratio, torch.zeros_like(ratio))
        self.count += ratio > self.times
        torch.maximum(self.peak, ratio, out=self.peak)
        self.norms.copy_(torch.cat([self.norms[1:], norm.view(1)]))
        self.steps += 1

    def forget(self) -> None:
        """Count anew: what was has done no harm."""
        self.count.zero_()
        self.peak.zero_()

    def values(self) -> dict[str, float]:
        """``gradient_spikes`` and ``gradient_peak`` (in medians) since they were last forgotten; ``recent_gradient``, the highest
        norm of the last ten steps, if there were so many; empty before training."""
        if not bool(self.steps):
            return {}
        values = {"gradient_spikes": float(self.count), "gradient_peak": float(self.peak)}
        last = self.norms[-10:]
        return values if bool(last.isnan().any()) else values | {"recent_gradient": float(last.max())}


class Recent(nn.Module):
    """Means over about the last ten steps of what steps may tell: ``NAMES``, each where it was told."""

    NAMES = (
        *("agreement", "momentum", "prototypes_used", "prototypes", "assignment_entropy"),
        *("batch_alignment", "batch_std", "projected"),
    )

    last: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("last", torch.full((len(self.NAMES),), torch.nan))

    @torch.no_grad()
    def add(self, scalars: Mapping[str, Tensor]) -> None:
        """One step's scalars, of which those that are known here are kept."""
        for index, name in enumerate(self.NAMES):
            if name in scalars:
                now, last = scalars[name].detach().to(self.last), self.last[index]
                self.last[index] = torch.where(last.isnan(), now, last.lerp(now, 0.1))

    def values(self) -> dict[str, float]:
        """``recent_agreement`` …"""
        pairs = zip(self.NAMES, self.last.tolist(), strict=True)
        return {f"recent_{name}": value for name, value in pairs if not math.isnan(value)}


class Firsts(nn.Module):
    """What a run's later looks are held against: the first accuracies and the best so far, and the first shift by colours."""

    start: Tensor
    best: Tensor
    colour: Tensor
    among: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("start", "best", "colour", "among"):
            self.register_buffer(name, torch.full((), torch.nan))

    def add(self, knn: float | None, colour: float | None, among: float | None = None) -> bool:
        """One look's values, as far as there are any; whether kNN is the best so far. ``among``: kNN among the trained images."""
        for buffer, value in ((self.start, knn), (self.colour, colour), (self.among, among)):
            if value is not None and bool(buffer.isnan()):
                buffer.fill_(value)
        if knn is None or knn < float(self.best):
            return False
        self.best.fill_(knn)
        return True

    def values(self) -> dict[str, float]:
        """``knn_start``, ``knn_best``, ``colour_start``, ``knn_among_start``, those that are known."""
        pairs = {
            "knn_start": self.start, "knn_best": self.best, "colour_start": self.colour, "knn_among_start": self.among,
        }  # fmt: skip
        return {name: float(value) for name, value in pairs.items() if not bool(value.isnan())}
