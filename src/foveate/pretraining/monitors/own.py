"""The same monitors for a training loop of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from foveate.pretraining.monitors.sample import Sample, Surrogates
from foveate.pretraining.monitors.watcher import Monitors
from foveate.training.contract import Batch, LossOutput


class Watch:
    """Monitors for any PyTorch loop: ``step`` after each backward pass, ``look`` as often as you like.

    State is in ``module`` (save and load its ``state_dict`` to resume).

    Args:
        model: the module that trains; called with images unless ``embed`` is given.
        images, labels: training images as the model takes them, some thousands at most, and their classes, or None.
        held_out, held_out_labels: images that are not trained on, for accuracies; None leaves these out.
        embed: images → features, or → named ones: ``backbone`` and maybe ``projector``. Called in evaluation mode.
        surrogates: images and views of them, for LiDAR.
    """

    def __init__(
        self,
        model: nn.Module,
        images: Float[Tensor, "n 3 h w"],
        labels: Int[Tensor, " n"] | None = None,
        *,
        held_out: Float[Tensor, "m 3 h w"] | None = None,
        held_out_labels: Int[Tensor, " m"] | None = None,
        embed: Callable[[Tensor], Tensor | Mapping[str, Tensor]] | None = None,
        surrogates: Surrogates | None = None,
    ) -> None:
        self._embed = model if embed is None else embed
        device = next((p.device for p in model.parameters()), images.device)
        was_training = model.training
        with torch.no_grad():
            width = self._named(images[:2].to(device))["backbone"].shape[1] if len(images) else 1
        model.train(was_training)
        left = images[:0] if held_out is None else held_out
        classes = (
            None if labels is None or held_out_labels is None else int(max(labels.max(), held_out_labels.max())) + 1
        )
        self._monitors = Monitors(
            self._named,
            model,
            base=Sample(pixels=images, labels=labels),
            held_out=Sample(pixels=left, labels=held_out_labels),
            prepare=lambda x: x,
            width=width,
            classes=classes,
            trained=1,
            epochs=0,
            device=device,
            surrogates=surrogates,
        )

    @property
    def module(self) -> nn.Module:
        """What a checkpoint of the monitors holds."""
        return self._monitors.module

    def gradient(self, weights: nn.Module | Iterable[Tensor]) -> Tensor:
        """The norm of a model's gradient after ``backward`` and before clipping; spikes are remembered."""
        weights = weights.parameters() if isinstance(weights, nn.Module) else weights
        norm = nn.utils.get_total_norm([w.grad for w in weights if w.grad is not None])
        self._monitors.gradient(norm)
        return norm

    def step(
        self,
        outputs: Mapping[str, Tensor],
        labels: Int[Tensor, " b"] | None = None,
        *,
        terms: Mapping[str, Tensor] | None = None,
        loss: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """What one batch's outputs say, and a step of the online probe where labels are given; tensors, nothing waits.

        Args:
            outputs: named as in ``LossOutput``: ``backbone``, and of ``projector``, ``other``, ``prediction`` and
                ``target``, ``assignments`` what there is. terms: ``momentum`` of a teacher is read. loss: tells a rate that is too high.
        """
        held = {name: value.detach() for name, value in outputs.items()}
        first = held["backbone"]
        output = LossOutput(
            loss=first.new_zeros(()) if loss is None else loss.detach(), outputs=held, terms=terms or {}
        )
        rows = torch.arange(len(first), device=first.device)
        return dict(self._monitors.step(output, Batch(views=[], labels=labels, rows=rows, size=len(rows))))

    def look(self) -> dict[str, Any]:
        """All values of the model as it stands, ``diagnosis`` among them where something is wrong."""
        return dict(self._monitors.epoch(0))

    def _named(self, images: Tensor) -> Mapping[str, Tensor]:
        found = self._embed(images)
        return {"backbone": found} if isinstance(found, Tensor) else found
