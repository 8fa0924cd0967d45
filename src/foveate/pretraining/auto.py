"""``--auto``: settings from a look at the data and the machine, each with its reason."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from foveate.core import console
from foveate.data.columns import has_labels, labels
from foveate.data.decode import Reader
from foveate.data.load import load
from foveate.engine.local import resolve_device
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.settings import batch_for

LOOKED_AT = 64
FEW, HARDLY_ANY = 2000, 300
GRAY = 0.02
"""Mean distance of a pixel's channels from one another, of 1, below which a set has no colour to speak of."""
SKEWED = 5.0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What settings are chosen by.

    Attributes:
        images: rows. side: median of the shorter sides, px. gray: whether they have no colour.
        classes: None without labels. skew: the largest class over the smallest. device: cpu, cuda or mps.
    """

    images: int
    side: int
    gray: bool
    classes: int | None
    skew: float
    device: str


def choose(config: Pretrain) -> tuple[Pretrain, list[tuple[str, str]]]:
    """The configuration with what it leaves open chosen, and (setting, reason) of each choice.

    Raises:
        FoveateError: as data.load.
    """
    facts = look(config.data, config.device)
    if config.subset is not None:
        facts = dataclasses.replace(facts, images=min(facts.images, config.subset))
    settings: dict[str, Any] = {}
    reasons: list[tuple[str, str]] = []
    knobs: list[str] = []
    advised = "encoder" in OBJECTIVES.load(config.objective or "simclr").advice
    for name, value, reason in rules(facts):
        if name == "encoder" and advised:
            continue  # the objective needs a kind of encoder, and brings one
        if not name:
            reasons.append(("", reason))
        elif name == "set":
            if value.partition("=")[0] not in {each.partition("=")[0] for each in config.set}:
                knobs.append(value)
                reasons.append((f"--set {value}", reason))
        elif getattr(config, name) is None and not (name == "minutes" and config.epochs is not None):
            settings[name] = value
            reasons.append((f"--{name.replace('_', '-')} {value}", reason))
    chosen = dataclasses.replace(config, **settings, set=(*knobs, *config.set))
    for setting, reason in reasons if os.environ.get("RANK", "0") == "0" else []:
        console.say(f"auto: {setting + ', ' if setting else ''}{reason}")
    return chosen, reasons


def look(data: str, device: str) -> Facts:
    """Count the rows and look at some of the images."""
    dataset = load(data)
    rows = np.linspace(0, len(dataset) - 1, min(len(dataset), LOOKED_AT)).round().astype(int)
    images = [one.pixels for one in Reader(dataset, rows=rows.tolist(), max_unreadable=1.0) if one.pixels is not None]
    sides = [min(pixels.shape[:2]) for pixels in images]
    spread = [float((pixels.max(-1).astype(int) - pixels.min(-1)).mean()) / 255 for pixels in images]
    counts = np.zeros(0, dtype=np.int64)
    if has_labels(dataset):
        values, names = labels(dataset)
        counts = np.bincount(values, minlength=len(names))
        counts = counts[counts > 0]
    return Facts(
        images=len(dataset),
        side=int(np.median(sides)) if sides else 32,
        gray=bool(spread) and float(np.median(spread)) < GRAY,
        classes=len(counts) or None,
        skew=float(counts.max() / counts.min()) if len(counts) else 1.0,
        device=resolve_device(device).type,
    )


def rules(facts: Facts) -> Iterator[tuple[str, Any, str]]:
    """(field, value, reason) of each choice; without a field, only something worth saying.

    Rates and temperatures are the objective's own, which were tuned on small images.
    """
    on_cpu = facts.device == "cpu"
    yield "objective", "simclr", "it learns from the first epochs and has the fewest ways to go wrong"
    if facts.side <= 40:
        yield "image_size", 32, f"the images are about {facts.side} px"
    elif facts.side < 64:
        yield "image_size", facts.side // 8 * 8, f"the images are about {facts.side} px"
    elif on_cpu or facts.side <= 100:
        why = f"the images are about {facts.side} px" if facts.side <= 100 else "more pixels take a GPU"
        yield "image_size", 64, why
    else:
        yield "image_size", 224 if facts.side > 160 else 128, f"the images are about {facts.side} px"
    if on_cpu:
        yield "encoder", "foveate:resnet9", "it is the fastest of ours on a CPU, and wide enough for small images"
    elif facts.side <= 100:
        yield "encoder", "foveate:resnet18", "it is made for small images"
    elif facts.images < 50_000:
        yield "encoder", "random:resnet18", f"{facts.images:,} images are few for a larger one"
    else:
        yield "encoder", "random:resnet50", "there is a GPU, and enough images"
    yield from _schedule(facts, on_cpu)
    yield from _views(facts)
    if facts.skew >= SKEWED:
        yield (
            "",
            None,
            f"classes differ {facts.skew:.0f}-fold in size: use an objective that does not spread images evenly over prototypes (simclr and "
            "barlow do not; swav, msn with prior=0 and dino with centering=sinkhorn do, and then cut across large classes; msn with "
            "prior=0.25 says that sizes differ); --class-skew 1 draws all classes alike; read the accuracy class by class",
        )


def _schedule(facts: Facts, on_cpu: bool) -> Iterator[tuple[str, Any, str]]:
    batch = min(128 if on_cpu else 512, batch_for(Pretrain(data=""), max(facts.images, 2)))
    yield "batch", batch, "small batches take more steps, and steps are what is short" if on_cpu else "it fits a GPU"
    if facts.images < HARDLY_ANY:
        yield "minutes", 2.0, f"{facts.images} images say little, however often they are seen"
        yield (
            "",
            None,
            "so few images hardly train an encoder: go on from trained weights, e.g. --encoder timm:resnet18.a1_in1k, or add images",
        )
    elif facts.images < FEW:
        yield "minutes", 10.0, f"{facts.images:,} images are soon known by heart"
        yield (
            "",
            None,
            f"{facts.images:,} images are few: hold the result against trained weights as they are (foveate probe "
            "timm:resnet18.a1_in1k DATA), which need none of them; more images help more than more minutes",
        )
    else:
        yield "minutes", 20.0 if on_cpu else 60.0, "a first answer; longer is better: --minutes 60"


def _views(facts: Facts) -> Iterator[tuple[str, Any, str]]:
    if facts.gray:
        yield "set", "view.jitter=0.4,0.4,0.0,0.0", "the images have no colour to disturb, brightness and contrast stay"
        yield "set", "view.grayscale=0", "they are grey already"
    if facts.side <= 16:
        yield "set", "view.scale=0.4,1", f"less than two fifths of {facts.side} px is too little to tell anything"
