"""One fine-tuning in one folder: the house's loop, with learning rates that fall towards the first layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from foveate.data.views import View
from foveate.encoders.depth import rate_factors
from foveate.encoders.run import describe
from foveate.engine.distributed import Ranks
from foveate.pretraining.material import Material, Prepare, record_rows
from foveate.probing.finetune.classifier import Classifier, Knobs
from foveate.training.checkpoints import Checkpoints, full_weights
from foveate.training.contract import Batch, LossOutput
from foveate.training.feed import ViewFeed
from foveate.training.journal import Journal
from foveate.training.loop import Loop, Outcome, Plan
from foveate.training.optim import scaled_rate
from foveate.training.precision import channels_last_wins, use_bf16

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.encoders.encoder import Encoder

BATCH = 128
_ROWS = 256  # validation images at once


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a fine-tuning is to do.

    Attributes:
        data, address: of the images and of the encoder, for the record. material: the images.
        view: what is made of one for a step. size: side of the network's input, px.
        resume_with: the command that goes on. label: what the progress display calls it.
    """

    data: str
    address: str
    material: Material
    knobs: Knobs
    view: View
    size: int
    epochs: int
    seed: int
    device: torch.device
    resume_with: str
    label: str = "fine-tuning"

    @property
    def batch(self) -> int:
        """Images a step: as asked, or 128, or what leaves about sixteen steps in an epoch of a small set."""
        images = len(self.material.train)
        if self.knobs.batch is not None:
            return min(self.knobs.batch, images)
        return min(images, BATCH, max(8, 2 ** int(math.log2(max(images / 16, 1)))))


def fine_tune(job: Job, encoder: Encoder, run: Run, *, layer_decay: float) -> Outcome:
    """Train an encoder and a head in the run's folder, or go on from its newest checkpoint.

    ``run:FOLDER`` then reads the encoder, and its tap ``projector`` the scores of the classes. The weights for use are
    those of the last epoch; the validation rows only draw the curve.

    Raises:
        FoveateError: a loss that is not finite; images that changed since the run began.
        Stopped: Ctrl-C or SIGTERM; everything is saved.
    """
    material, knobs, device = job.material, job.knobs, job.device
    record_rows(run.folder, material, data=job.data, encoder=job.address)
    factors = rate_factors(encoder, layer_decay)
    model = Classifier(encoder, len(material.classes), knobs, seed=job.seed)
    channels_last = channels_last_wins(model.backbone, device)
    model.to(device)
    if channels_last:
        model.to(memory_format=torch.channels_last)
    ranks = Ranks(device=device)
    feed = ViewFeed(
        material.pixels,
        material.sizes,
        material.labels,
        (job.view,),
        among=material.train,
        batch=job.batch,
        seed=job.seed,
        ranks=ranks,
        mean=encoder.preprocess.mean,
        std=encoder.preprocess.std,
        channels_last=channels_last,
        ahead=device.type != "cpu",
    )
    plan = Plan(
        epochs=job.epochs,
        rate=scaled_rate(knobs.lr, job.batch, "sqrt"),
        warmup=round(0.1 * job.epochs * feed.steps),
        optimizer="adamw",
        weight_decay=knobs.weight_decay,
        bf16=use_bf16(encoder, device, [job.view.size]),
        resume_with=job.resume_with,
        label=job.label,
        calmer=f"a lower rate, e.g. --set lr={knobs.lr / 10:g}",
    )
    journal = Journal(run)

    def export(epoch: int) -> tuple[Mapping[str, Tensor], Mapping[str, Any]]:
        parts = {"backbone": model.backbone, "projector": model.head}
        weights = {f"{part}.{key}": value for part, held in parts.items() for key, value in full_weights(held).items()}
        return weights, describe(encoder, projector=model.head, epoch=epoch, objective="finetune")

    try:
        return Loop(
            objective=model,
            feed=feed,
            plan=plan,
            checkpoints=Checkpoints(run.folder / "checkpoints", ranks=ranks),
            export=export,
            journal=journal,
            watcher=Validation(
                model, material, Prepare(encoder.preprocess, job.size, channels_last=channels_last), device
            ),
            ranks=ranks,
            seed=job.seed,
            rate_factor=lambda name: factors.get(name.removeprefix("backbone."), 1.0),
        ).run()
    finally:
        journal.close()


class Validation:
    """Accuracy on training rows that are not trained on, after each epoch."""

    def __init__(self, model: Classifier, material: Material, prepare: Prepare, device: torch.device) -> None:
        self.model, self.prepare, self.device = model, prepare, device
        self.sample = material.sample(material.held_out)
        self.module = nn.Module()

    def gradient(self, norm: Tensor) -> None:
        return

    def step(self, output: LossOutput, batch: Batch) -> Mapping[str, Tensor]:
        return {}

    def epoch(self, epoch: int) -> Mapping[str, float | str]:
        pixels, labels = self.sample.pixels, self.sample.labels
        assert labels is not None
        if not len(pixels):
            return {}
        self.model.eval()
        right = 0
        with torch.inference_mode():
            for at in range(0, len(pixels), _ROWS):
                images = self.prepare(pixels[at : at + _ROWS].to(self.device))
                right += int((self.model.scores(images).argmax(1).cpu() == labels[at : at + _ROWS]).sum())
        return {"validation_accuracy": right / len(pixels)}
