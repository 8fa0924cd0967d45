"""The watcher of a pretraining run: it learns a probe at each step, and looks at the encoder every epoch or less often."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.core import console
from foveate.pretraining.diagnosis import diagnoses
from foveate.pretraining.monitors import look
from foveate.pretraining.monitors.names import check_terms
from foveate.pretraining.monitors.probe import OnlineProbe
from foveate.pretraining.monitors.sample import Sample, Surrogates
from foveate.pretraining.monitors.shortcuts import colour_shift, same_batch
from foveate.pretraining.monitors.traces import Falls, Firsts, Recent, Rises, Spikes
from foveate.training.contract import Batch, LossOutput

SHARE = 0.04
"""The monitors' share of the training time at most: they look every epoch, or less often where epochs are short."""
BESIDES = 1.25
"""What a look costs, neighbours and spectra included, as a multiple of its forward passes (measured with ``foveate:resnet9``)."""
GROUP = 16
"""Images embedded at a time, at most, when it is asked whether batch statistics give a batch away."""

Embed = Callable[[Tensor], Mapping[str, Tensor]]


class Monitors:
    """The watcher of a pretraining run.

    Each step the online probe learns; each epoch (or every few) held-out images are embedded for kNN and the probe,
    training images for ranks, deviations, silent units and colours, views of some for LiDAR, and all of it for a diagnosis
    in words; after the epochs between, a diagnosis goes by what steps told. ``knn``, ``rankme`` … are of the backbone;
    ``knn_projector.0`` … of the projector's layers.

    Args:
        embed: images [b 3 h w] → ``backbone`` and maybe projector embeddings; called in evaluation mode.
        module: whose mode is switched for that.
        base: some training images. held_out: images that are not trained on. prepare: decoded squares → network input.
        width: of the backbone's features. classes: of the labels, or None.
        trained: images times views that an epoch trains on.
        epochs: of the run; the first and the last are always looked at.
        surrogates: images and their views, for LiDAR; None leaves it out.
        layers: images → name → features inside the backbone, whose deviations are looked at; None leaves them out.
        speak: whether a failure is said on the console, the first time that it is named.
    """

    def __init__(
        self,
        embed: Embed,
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
        surrogates: Surrogates | None = None,
        layers: Embed | None = None,
        bf16: bool = False,
        speak: bool = True,
    ) -> None:
        self.embed, self.trained_module, self.layers = embed, module, layers
        self.base, self.held_out, self.surrogates, self.prepare = base, held_out, surrogates, prepare
        self.device, self.bf16, self.speak, self.epochs = device, bf16, speak, epochs
        # A trained view costs about three passes. Some held-out images are embedded in two colours, surrogates' first view twice.
        passes = (
            len(base)
            + len(held_out)
            + min(256, len(held_out))
            + (0 if surrogates is None else surrogates.images * (surrogates.count + 1))
        )
        self.every = max(1, math.ceil(BESIDES * passes / (SHARE * 3 * max(trained, 1))))
        labelled = classes is not None and classes > 1
        self.probe = OnlineProbe(width, classes).to(device) if labelled and classes is not None else None
        self.classes = classes or 0
        self.falls, self.rises, self.spikes, self.recent = Falls(), Rises(), Spikes(), Recent()
        self.firsts = Firsts()
        parts: dict[str, nn.Module] = {"falls": self.falls, "rises": self.rises, "spikes": self.spikes}
        parts |= {"recent": self.recent, "firsts": self.firsts} | (
            {"probe": self.probe} if self.probe is not None else {}
        )
        self.module: nn.Module = nn.ModuleDict(parts).to(device)
        self.said: set[str] = set()

    def gradient(self, norm: Float[Tensor, ""]) -> None:
        """Remember the norm of a step's gradient."""
        self.spikes.add(norm)

    def step(self, output: LossOutput, batch: Batch) -> Mapping[str, Tensor]:
        """Let the probe learn, and measure the batch's outputs."""
        check_terms(output.terms)
        scalars = look.of_step(output.outputs)
        self.falls.add(torch.stack([scalars["batch_std"], scalars["batch_spread"]]))
        self.rises.add(output.loss.view(1))
        projected = float("projector" in output.outputs)  # whether it is a projector that is told of
        self.recent.add({**output.terms, **scalars, "projected": scalars["batch_std"].new_full((), projected)})
        if self.probe is not None and batch.labels is not None:
            scalars["probe_train"] = self.probe.learn(output.outputs["backbone"], batch.labels)
        return scalars

    def epoch(self, epoch: int) -> Mapping[str, Any]:
        """Look at the encoder as it stands, if this epoch is one of those; else only name what steps show, if anything."""
        looks = not epoch % self.every or epoch == self.epochs
        values = self.measure(full=epoch in (0, self.epochs)) if looks else {}
        found = diagnoses(values if looks else self._traces())
        if found:
            values["diagnosis"] = " ".join(map(str, found))
            if self.speak and not {each.name for each in found} <= self.said:
                console.warn(f"epoch {epoch}: {values['diagnosis']}")
            self.said |= {each.name for each in found}
        return values

    def _traces(self) -> dict[str, float]:
        """What steps told so far: no image is embedded for it."""
        return self.falls.values() | self.rises.values() | self.recent.values() | self.spikes.values()

    @torch.no_grad()
    def measure(self, *, full: bool = True) -> dict[str, Any]:
        """All values of the encoder as it stands. ``full``: linear probes in closed form too."""
        was_training = self.trained_module.training
        self.trained_module.eval()
        base, held_out = self._embed_all(self.base), self._embed_all(self.held_out)
        values: dict[str, Any] = {}
        for name, x in base.items():
            found = look.of_embedding(x, spectrum=name in ("backbone", "projector"))
            values |= {f"{key}{_place(name)}": value for key, value in found.items()}
        values |= self._accuracies(base, held_out, full) | self._colours(held_out)
        values |= self._views()
        if self.layers is not None and len(self.base):
            inside = self.layers(self.prepare(self.base.pixels[:256].to(self.device)))
            values["layer_std"] = {name: float(look.unit_std(x)) for name, x in inside.items()}
        self.trained_module.train(was_training)
        colour = values.get("colour_projector", values.get("colour"))
        if self.firsts.add(values.get("knn"), colour, values.get("knn_among")):
            self.spikes.forget()
        return values | self.firsts.values() | self._traces()

    def _accuracies(self, base: Mapping[str, Tensor], held_out: Mapping[str, Tensor], full: bool) -> dict[str, float]:
        values: dict[str, float] = {}
        if self.probe is None or self.base.labels is None or self.held_out.labels is None or not held_out:
            return values
        labels, truth = self.base.labels.to(self.device), self.held_out.labels.to(self.device)
        for name, x in base.items():
            asked = (held_out[name], truth, x, labels, self.classes)
            for key, accuracy in (("knn", look.knn_accuracy), ("linear", look.ridge_accuracy if full else None)):
                found = accuracy(*asked) if accuracy is not None else None
                if found is not None:
                    values[f"{key}{_place(name)}"] = found
        x, rows = base["backbone"], torch.arange(len(labels), device=self.device)
        if (among := look.knn_accuracy(x, labels, x, labels, self.classes, exclude=rows)) is not None:
            values |= {"knn_among": among, "among": float(len(rows))}
        values["probe"] = float((self.probe.predict(held_out["backbone"]) == truth).float().mean())
        return values | {"looked": float(len(truth))}

    def _colours(self, held_out: Mapping[str, Tensor]) -> dict[str, float]:
        """How far embeddings of held-out images move when their channels change places."""
        if len(self.held_out) < 16:
            return {}
        few = self.held_out.pixels[:256].to(self.device)
        swapped = self._embed(self.prepare(few[:, [1, 2, 0]]))
        return {
            f"colour{_place(name)}": colour_shift(held_out[name][:256], swapped[name])
            for name in swapped
            if name in ("backbone", "projector")
            and bool(torch.isfinite(held_out[name]).all() & torch.isfinite(swapped[name]).all())
        }

    def _views(self) -> dict[str, float]:
        """LiDAR and alignment of views, and whether batch statistics give a batch away."""
        values: dict[str, float] = {}
        if self.surrogates is None or self.surrogates.images < 2:
            return values
        parts = []
        for index, images in enumerate(self.surrogates.blocks(self.device)):
            parts.append(self._embed(images))
            if not index:
                together = same_batch(self._embed, self.trained_module, images, group=min(GROUP, len(images) // 4))
                if together is not None:
                    values |= {"same_batch": together[0], "same_batch_chance": together[1]}
        for name in parts[0]:
            found = look.of_views(torch.stack([part[name] for part in parts], dim=1))
            values |= {f"{key}{_place(name)}": value for key, value in found.items()}
        return values

    def _embed(self, images: Tensor) -> dict[str, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            return {name: x.float() for name, x in self.embed(images).items()}

    def _embed_all(self, sample: Sample) -> dict[str, Tensor]:
        parts = [self._embed(self.prepare(pixels.to(self.device))) for pixels in _blocks(sample.pixels, 256)]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]} if parts else {}


def _place(name: str) -> str:
    return "" if name == "backbone" else f"_{name}"


def _blocks(pixels: Tensor, size: int) -> Iterator[Tensor]:
    for start in range(0, len(pixels), size):
        yield pixels[start : start + size]
