"""What fine-tuning trains: an encoder and one linear layer, with cross-entropy on labels that may be smoothed and mixed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive, numpy_stream
from foveate.encoders.heads import MLP
from foveate.training.contract import Batch, LossOutput, Progress

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The knobs of fine-tuning, for ``--set``."""

    lr: float = 1e-3
    """Peak learning rate at 256 images; it grows with √batch. AdamW, a tenth of the run is warm-up, then half a cosine to 0."""
    layer_decay: float = 0.75
    """Each block (or stage) learns at this share of the rate of the one above it; 1: all alike. From scratch it is always 1."""
    weight_decay: float = 0.05
    """Never applied to biases and norms."""
    batch: int | None = None
    """Images a step. Default: 128, less where the data is small."""
    smoothing: float = 0.1
    """Label smoothing: the share of the target that is spread over all classes."""
    mixup: float = 0.0
    """α of the Beta that two blended images' shares are drawn from; 0: off."""
    cutmix: float = 0.0
    """α of the Beta for a pasted rectangle; 0: off. With mixup too, each batch takes one of them at random."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("lr", 0.0, math.inf), ("layer_decay", 0.0, 1.0), ("weight_decay", -1.0, math.inf), ("smoothing", -1.0, 1.0),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low < value <= high or value == math.inf or (name == "smoothing" and not 0 <= value < 1):
                raise FoveateError(
                    f"{name} = {value:g} is out of its range.", f"leave it out for {getattr(Knobs, name):g}"
                )
        if min(self.mixup, self.cutmix) < 0 or self.weight_decay < 0:
            raise FoveateError("mixup, cutmix and weight_decay cannot be below 0.", "use 0 to switch them off")
        if self.batch is not None and self.batch < 2:
            raise FoveateError(f"batch = {self.batch} is less than 2.", "use e.g. batch=32")


class Classifier(nn.Module):
    """An encoder and a linear layer on its pooled output.

    The head is an ``MLP`` of one layer, so that ``run:`` reads it back: its scores are the tap ``projector``.
    """

    coupled = False
    chunk: int | None = None

    def __init__(self, encoder: Encoder, classes: int, knobs: Knobs, *, seed: int) -> None:
        super().__init__()
        self.knobs = knobs
        encoder.freeze_unreached()
        self.encoder, self.backbone = encoder, encoder.module
        self.head = MLP.from_spec({"widths": [encoder.width, classes], "norm": None})
        # Near zero: the first steps then teach the head before they disturb the encoder.
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(derive(seed, "finetune", "head"))
            for name, weight in self.head.named_parameters():
                weight.copy_(torch.zeros_like(weight) if name.endswith("bias") else 0.01 * torch.randn(weight.shape))

    def scores(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        return self.head(self.encoder.pooled(images))

    def loss(self, batch: Batch) -> LossOutput:
        assert batch.labels is not None
        images, other, share = mixed(batch, self.knobs)
        features = self.encoder.pooled(images)
        logits = self.head(features).float()
        smoothing = self.knobs.smoothing
        loss = share * F.cross_entropy(logits, batch.labels, label_smoothing=smoothing)
        if share < 1:
            loss = loss + (1 - share) * F.cross_entropy(logits, other, label_smoothing=smoothing)
        accuracy = (logits.detach().argmax(1) == batch.labels).float().mean()
        return LossOutput(loss=loss, terms={"accuracy": accuracy}, outputs={"backbone": features.detach()})

    def after_step(self, progress: Progress) -> None:
        return

    def forward(self, x: Batch) -> Any:
        """For the loop: the loss of a batch as plain containers."""
        output = self.loss(x)
        return output.loss, dict(output.terms), dict(output.outputs)


def mixed(batch: Batch, knobs: Knobs) -> tuple[Float[Tensor, "b 3 h w"], Tensor, float]:
    """The images of a batch blended with those of its mirror image, or with a rectangle of them (Zhang et al. 2018; Yun et al. 2019).

    Returns:
        images; the labels of what was mixed in; the share of an image's own label, 1 where nothing was mixed.
    """
    images, labels = batch.views[0], batch.labels
    assert labels is not None
    kinds = [kind for kind in ("mixup", "cutmix") if getattr(knobs, kind) > 0]
    if not kinds:
        return images, labels, 1.0
    random = numpy_stream(batch.seed, "mix")
    kind = kinds[int(random.integers(len(kinds)))]
    share = float(random.beta(getattr(knobs, kind), getattr(knobs, kind)))
    other = images.flip(0)
    if kind == "mixup":
        return images * share + other * (1 - share), labels.flip(0), share
    height, width = images.shape[2:]
    tall, wide = (round(side * math.sqrt(1 - share)) for side in (height, width))
    top, left = int(random.integers(height - tall + 1)), int(random.integers(width - wide + 1))
    pasted = images.clone()
    pasted[:, :, top : top + tall, left : left + wide] = other[:, :, top : top + tall, left : left + wide]
    return pasted, labels.flip(0), 1 - tall * wide / (height * width)
