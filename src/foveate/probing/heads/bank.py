"""A bank of linear classifiers trained in one pass over stored features: one batched product for each width of input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.seeds import torch_stream
from foveate.measures.scaling import Standardisation
from foveate.training.schedule import cosine

if TYPE_CHECKING:
    import numpy as np

MOMENTUM = 0.9
BATCH = 256
_ROWS = 8192  # that are scored at once


@dataclass
class _Group:
    """The heads whose inputs are equally wide.

    Attributes:
        inputs: their names. weight: [inputs d rates·classes]; bias: [inputs 1 rates·classes]; both start at 0.
    """

    inputs: list[str]
    weight: Tensor
    bias: Tensor
    speed: Tensor
    bias_speed: Tensor


class Bank:
    """A head for each input and each learning rate, all trained by SGD with momentum on the same batches.

    Heads do not touch one another: each ends with the weights that it would have alone. One whose rate is too high may
    end with numbers that are not finite, and spoils no other.

    Args:
        inputs: name → the parts that are concatenated, keys of ``parts``.
        parts: features of the training rows, float32 [n d]. Each is standardised, by its own moments.
        labels: int64 [n]. rates: peak learning rates of a batch; a cosine takes them to 0.
        epochs: passes. batch: rows of a step; see ``batch_for``. seed: of the order.
    """

    def __init__(
        self,
        inputs: Mapping[str, Sequence[str]],
        parts: Mapping[str, Float[np.ndarray, "n d"]],
        labels: Int[np.ndarray, " n"],
        classes: int,
        rates: Sequence[float],
        *,
        epochs: int,
        batch: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        assert inputs
        assert rates
        self.inputs, self.rates, self.classes, self.device = dict(inputs), tuple(rates), classes, torch.device(device)
        used = {part for names in inputs.values() for part in names}
        self.scaling = {part: Standardisation.of(torch.from_numpy(parts[part])) for part in used}
        self.groups = self._zeros(parts)
        self._train(parts, torch.from_numpy(labels), epochs, batch, seed)

    def scores(
        self, parts: Mapping[str, Float[np.ndarray, "m d"]]
    ) -> Iterator[tuple[str, Float[Tensor, "rates m classes"]]]:
        """Log-probabilities of every head, input by input, on the CPU; not finite for a head that diverged."""
        count = len(next(iter(parts.values())))
        for group in self.groups:
            blocks = []
            for rows in torch.arange(count).split(_ROWS):
                batch = self._batch(group, self._scaled(parts, rows))
                logits = torch.baddbmm(group.bias, batch, group.weight)
                shaped = logits.unflatten(2, (len(self.rates), self.classes))
                blocks.append(torch.log_softmax(shaped, dim=3).transpose(1, 2).cpu())
            yield from zip(group.inputs, torch.cat(blocks, dim=2), strict=True)

    def _zeros(self, parts: Mapping[str, Float[np.ndarray, "n d"]]) -> list[_Group]:
        widths: dict[int, list[str]] = {}
        for name, used in self.inputs.items():
            widths.setdefault(sum(parts[part].shape[1] for part in used), []).append(name)
        outputs = len(self.rates) * self.classes

        def zeros(*shape: int) -> Tensor:
            return torch.zeros(*shape, device=self.device)

        return [
            _Group(
                inputs=names,
                weight=zeros(len(names), width, outputs),
                bias=zeros(len(names), 1, outputs),
                speed=zeros(len(names), width, outputs),
                bias_speed=zeros(len(names), 1, outputs),
            )
            for width, names in widths.items()
        ]

    def _train(self, parts: Mapping[str, np.ndarray], labels: Tensor, epochs: int, batch: int, seed: int) -> None:
        peaks = torch.tensor(self.rates, device=self.device).repeat_interleave(self.classes)
        steps = epochs * -(-len(labels) // batch)
        done = 0
        for epoch in range(epochs):
            order = torch.randperm(len(labels), generator=torch_stream(seed, "heads", "order", epoch))
            for rows in order.split(batch):
                rate = peaks * cosine(done, steps, start=1.0, end=0.0)
                truth = labels[rows].to(self.device)
                made = self._scaled(parts, rows)
                for group in self.groups:
                    self._step(group, self._batch(group, made), truth, rate)
                done += 1

    def _step(self, group: _Group, x: Tensor, truth: Tensor, rate: Tensor) -> None:
        """One step of every head of a group: the gradient of softmax cross-entropy, written out."""
        count = len(truth)
        error = torch.softmax(
            torch.baddbmm(group.bias, x, group.weight).unflatten(2, (len(self.rates), self.classes)), dim=3
        )
        error[:, torch.arange(count, device=self.device), :, truth] -= 1
        error = error.flatten(2).div_(count)
        # v ← momentum · v + gradient
        torch.baddbmm(group.speed, x.transpose(1, 2), error, beta=MOMENTUM, out=group.speed)
        group.bias_speed.mul_(MOMENTUM).add_(error.sum(1, keepdim=True))
        group.weight.addcmul_(group.speed, rate, value=-1)
        group.bias.addcmul_(group.bias_speed, rate, value=-1)

    def _scaled(self, parts: Mapping[str, np.ndarray], rows: Tensor) -> dict[str, Tensor]:
        """Some rows of every part that is used, standardised, on the device."""
        index = rows.numpy()
        return {
            name: scale(torch.from_numpy(parts[name][index]).to(self.device)) for name, scale in self.scaling.items()
        }

    def _batch(self, group: _Group, made: Mapping[str, Tensor]) -> Float[Tensor, "inputs b d"]:
        return torch.stack([torch.cat([made[part] for part in self.inputs[name]], dim=1) for name in group.inputs])


def batch_for(rows: int) -> int:
    """256, or what leaves eight steps in a pass over few rows, at least 16."""
    return min(BATCH, max(16, rows // 8))
