"""What looks on while an encoder trains: probes, rank, deviation. They read named outputs and never touch the objective."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from foveate.core import console
from foveate.measures.neighbours import nearest, vote
from foveate.measures.spectrum import rankme
from foveate.pretraining.diagnosis import diagnose
from foveate.training.contract import Batch, LossOutput

K = 20
SHARE = 0.04
"""The monitors' share of the training time at most: they look every epoch, or less often where epochs are short."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Images that monitors embed, as decoded squares, with their labels where there are some."""

    pixels: UInt8[Tensor, "n 3 s s"]
    labels: Int[Tensor, " n"] | None

    def __len__(self) -> int:
        return len(self.pixels)


class OnlineProbe(nn.Module):
    """A linear classifier trained along the way on detached features: what a reader of the features could do so far.

    Features are normalised by running moments; one step of momentum SGD on the cross-entropy a batch, by its own
    formula, so that no graph is built. All state is in buffers: it resumes with the run.

    Args:
        width: of the features. classes: of the labels. rate: learning rate.
    """

    weight: Tensor
    bias: Tensor
    mean: Tensor
    variance: Tensor

    def __init__(self, width: int, classes: int, *, rate: float = 0.1, momentum: float = 0.9) -> None:
        super().__init__()
        self.rate, self.momentum = rate, momentum
        shapes = {"weight": (width, classes), "bias": (classes,), "mean": (width,), "pull_w": (width, classes)}
        for name, shape in {**shapes, "pull_b": (classes,)}.items():
            self.register_buffer(name, torch.zeros(shape))
        self.register_buffer("variance", torch.ones(width))

    @torch.no_grad()
    def learn(self, features: Float[Tensor, "b d"], labels: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        """One step; returns the share of the batch that was right before it."""
        x = features.float()
        self.mean.lerp_(x.mean(0), 0.1)
        self.variance.lerp_(x.var(0, correction=0), 0.1)
        x = self._normalised(x)
        logits = torch.addmm(self.bias, x, self.weight)
        error = torch.softmax(logits, 1)
        error[torch.arange(len(x), device=x.device), labels] -= 1
        error /= len(x)
        for value, pull, gradient in (
            (self.weight, self.get_buffer("pull_w"), x.T @ error),
            (self.bias, self.get_buffer("pull_b"), error.sum(0)),
        ):
            value.sub_(pull.mul_(self.momentum).add_(gradient), alpha=self.rate)
        return (logits.argmax(1) == labels).float().mean()

    @torch.no_grad()
    def predict(self, features: Float[Tensor, "b d"]) -> Int[Tensor, " b"]:
        """The class of each row."""
        return torch.addmm(self.bias, self._normalised(features.float()), self.weight).argmax(1)

    def _normalised(self, x: Tensor) -> Tensor:
        return (x - self.mean) * torch.rsqrt(self.variance + 1e-5)


class Falls(nn.Module):
    """How far the deviation of the trained embeddings within batches has fallen below the highest it has been.

    Means over about the last ten steps, so that one odd batch is neither a height nor a fall. In buffers, to resume.
    """

    recent: Tensor
    highest: Tensor
    steps: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("recent", torch.zeros(2))
        self.register_buffer("highest", torch.zeros(2))
        self.register_buffer("steps", torch.zeros(()))

    def add(self, now: Float[Tensor, " 2"]) -> None:
        """One step's deviations: of unit-length embeddings, and of the embeddings themselves."""
        self.steps += 1
        self.recent.lerp_(now, torch.clamp(1 / self.steps, min=0.1))
        torch.maximum(self.highest, self.recent, out=self.highest)

    def values(self) -> dict[str, float]:
        """``fallen_std``, ``fallen_spread``: shares that are left; empty before training."""
        if not bool(self.steps):
            return {}
        std, spread = (self.recent / self.highest.clamp_min(1e-12)).tolist()
        return {"fallen_std": std, "fallen_spread": spread}


class Monitors:
    """The watcher of a pretraining run.

    Each step the online probe learns; each epoch (or every few) held-out images are embedded for kNN and the probe,
    and training images for RankMe, deviation and a diagnosis in words.

    Args:
        embed: images [b 3 h w] → ``backbone`` and maybe ``projector`` embeddings; called in evaluation mode.
        module: whose mode is switched for that.
        base: some training images. held_out: images that are not trained on. prepare: decoded squares → network input.
        width: of the backbone's features. classes: of the labels, or None.
        trained: images times views that an epoch trains on.
        epochs: of the run; the last is always looked at.
        speak: whether a collapse is said on the console, once.
    """

    def __init__(
        self,
        embed: Callable[[Tensor], Mapping[str, Tensor]],
        module: nn.Module,
        *,
        base: Sample,
        held_out: Sample,
        prepare: Callable[[Tensor], Tensor],
        width: int,
        classes: int | None,
        trained: int,
        epochs: int,
        device: torch.device,
        bf16: bool = False,
        speak: bool = True,
    ) -> None:
        self.embed, self.trained_module = embed, module
        self.base, self.held_out, self.prepare = base, held_out, prepare
        self.device, self.bf16, self.speak, self.epochs = device, bf16, speak, epochs
        self.every = max(1, math.ceil((len(base) + len(held_out)) / (SHARE * 3 * max(trained, 1))))
        labelled = classes is not None and classes > 1
        self.probe = OnlineProbe(width, classes).to(device) if labelled and classes is not None else None
        self.classes = classes or 0
        self.falls = Falls().to(device)
        parts = {"falls": self.falls} | ({"probe": self.probe} if self.probe is not None else {})
        self.module: nn.Module = nn.ModuleDict(parts)

    def step(self, output: LossOutput, batch: Batch) -> Mapping[str, Tensor]:
        """Let the probe learn, and measure the batch's deviation."""
        scalars = {}
        features = output.outputs["backbone"]
        trained = output.outputs.get("projector", features).float()
        scalars["batch_std"], scalars["batch_spread"] = unit_std(trained), trained.std(0).mean()
        self.falls.add(torch.stack([scalars["batch_std"], scalars["batch_spread"]]))
        if self.probe is not None and batch.labels is not None:
            scalars["probe_train"] = self.probe.learn(features, batch.labels)
        return scalars

    def epoch(self, epoch: int) -> Mapping[str, float | str]:
        """Look at the encoder as it stands, if this epoch is one of those."""
        if epoch % self.every and epoch != self.epochs:
            return {}
        values = self.measure()
        if sentence := diagnose(values):
            values["diagnosis"] = sentence
            if self.speak:
                self.speak = False
                console.warn(f"epoch {epoch}: {sentence}")
        return values

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """All values of the encoder as it stands."""
        was_training = self.trained_module.training
        self.trained_module.eval()
        base, held_out = self._embed_all(self.base), self._embed_all(self.held_out)
        self.trained_module.train(was_training)
        values: dict[str, Any] = dict(self.falls.values())
        for name, x in base.items():
            place = "" if name == "backbone" else f"_{name}"
            if bool(torch.isfinite(x).all()):
                values |= {f"rankme{place}": float(rankme(x[:2048])), f"std{place}": float(unit_std(x))}
                values |= {f"spread{place}": float(x.std(0).mean()), f"width{place}": x.shape[1]}
                values[f"directions{place}"] = float(rankme(x[:2048] - x[:2048].mean(0)))
        if self.probe is not None and self.base.labels is not None and self.held_out.labels is not None:
            x, y = held_out["backbone"], self.held_out.labels.to(self.device)
            if bool(torch.isfinite(x).all()) and len(base["backbone"]) >= K:
                similarity, index = nearest(x, base["backbone"], K)
                votes = vote(self.base.labels.to(self.device)[index], similarity, self.classes)
                values["knn"] = float((votes.argmax(1) == y).float().mean())
                values["held_out"] = len(y)
            values["probe"] = float((self.probe.predict(x) == y).float().mean())
        return values

    def _embed_all(self, sample: Sample) -> dict[str, Tensor]:
        parts: list[Mapping[str, Tensor]] = []
        for pixels in _blocks(sample.pixels, 256):
            images = self.prepare(pixels.to(self.device))
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                parts.append({name: x.float() for name, x in self.embed(images).items()})
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]} if parts else {}


def unit_std(x: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """The mean deviation of unit-length embeddings, times √d: 1 when they point everywhere, 0 when all point one way."""
    x = F.normalize(x.detach().float(), dim=1)
    return x.std(0).mean() * math.sqrt(x.shape[1])


def _blocks(pixels: Tensor, size: int) -> Iterator[Tensor]:
    for start in range(0, len(pixels), size):
        yield pixels[start : start + size]
