"""From what was asked to what is done: flags, then the recipe, then the objective's advice, then the defaults."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import OBJECTIVES, RECIPES

DEFAULTS: dict[str, Any] = {
    "objective": "simclr",
    "encoder": "foveate:resnet9",
    "epochs": 100,
    "lr": 1e-3,
    "lr_rule": "sqrt",
    "optimizer": "adamw",
    "weight_decay": 1e-4,
}
BATCH = 512
STEPS_WANTED = 16
"""Optimiser steps that a default batch leaves in an epoch of a small set."""


def resolve(config: Pretrain) -> Pretrain:
    """The configuration with every default filled in that does not depend on the data.

    Raises:
        FoveateError: an unknown recipe or objective, or a number out of its range.
    """
    recipe = RECIPES.load(config.recipe)() if config.recipe is not None else None
    filled = _over(config, dataclasses.asdict(recipe) if recipe is not None else {})
    filled = _over(filled, {"objective": DEFAULTS["objective"]})
    if config.minutes is not None:
        if config.epochs is not None:
            raise FoveateError("both --epochs and --minutes are given.", "give one of them")
        filled = dataclasses.replace(filled, epochs=None)
    assert filled.objective is not None
    advice = dict(OBJECTIVES.load(filled.objective).advice)
    arguments = advice.pop("encoder_set", ()) if recipe is None or recipe.encoder is None else recipe.encoder_set
    defaults = DEFAULTS | advice
    if config.minutes is not None:
        del defaults["epochs"]
    filled = _over(filled, defaults)
    if config.encoder is None:  # another encoder may have no such arguments
        filled = dataclasses.replace(filled, encoder_set=_under(arguments, config.encoder_set))
    if recipe is not None and filled.objective == recipe.objective:
        filled = dataclasses.replace(filled, set=_under(recipe.set, config.set))
    if recipe is not None:
        on = {name: True for name in ("freeze_patches", "checkpointing") if getattr(recipe, name)}
        filled = dataclasses.replace(filled, **on)  # type: ignore[arg-type]
    _check(filled)
    return filled


def batch_for(config: Pretrain, images: int, processes: int = 1) -> int:
    """The batch of a run on so many training images.

    Unasked, it is 512, or the power of two that leaves about sixteen steps an epoch; asked, it is what was asked, or
    all images where there are fewer.

    Raises:
        FoveateError: fewer than two images (for each process).
    """
    if images < 2 * processes:
        raise FoveateError(
            f"{images} training image{'s' * (images != 1)} cannot fill a batch: at least {2 * processes} are needed.",
            "give more images",
        )
    if config.batch is None:
        return max(2 * processes, min(BATCH, 2 ** int(math.log2(max(images / STEPS_WANTED, min(images, 32))))))
    if config.batch > images:
        batch = images // processes * processes
        warn(f"--batch {config.batch} is more than the {images} training images; the batch is {batch}")
        return batch
    return config.batch


def warmup_steps(config: Pretrain, steps: int) -> int:
    """Warm-up in optimiser steps, of ``steps`` an epoch."""
    assert config.epochs is not None
    epochs = config.warmup if config.warmup is not None else min(10.0, 0.1 * config.epochs)
    return min(round(epochs * steps), config.epochs * steps)


def _over(config: Pretrain, lower: dict[str, Any]) -> Pretrain:
    """``config``, with what it leaves open (None) taken from ``lower``."""
    open_fields = {f.name for f in dataclasses.fields(config) if getattr(config, f.name) is None}
    return dataclasses.replace(config, **{k: v for k, v in lower.items() if k in open_fields and v is not None})


def _under(lower: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    """``NAME=VALUE`` settings, with what is given before what stands below it."""
    names = {setting.partition("=")[0] for setting in given}
    return tuple(setting for setting in lower if setting.partition("=")[0] not in names) + given


def _check(config: Pretrain) -> None:
    least: dict[str, float] = {"epochs": 1, "batch": 2, "micro_batch": 1, "image_size": 4, "canvas": 4, "keep": 0}
    least |= {
        "warmup": 0,
        "weight_decay": 0,
        "weight_decay_end": 0,
        "checkpoint_minutes": 0,
        "subset": 2,
        "class_skew": 1,
    }
    for name, low in least.items():
        value = getattr(config, name)
        if value is not None and not (low <= value < math.inf):
            raise FoveateError(f"--{name.replace('_', '-')} {value} is below {low:g}.", f"give at least {low:g}")
    for name, example in (("lr_end", 0.01), ("layer_decay", 0.75), ("progressive", 0.5)):
        value = getattr(config, name)
        if value is not None and not (0 <= value <= 1 and (value > 0 or name == "lr_end")):
            raise FoveateError(
                f"--{name.replace('_', '-')} {value} is outside {'[0, 1]' if name == 'lr_end' else '(0, 1]'}.",
                f"try --{name.replace('_', '-')} {example}",
            )
    for name in ("lr", "clip", "minutes", "dedup"):
        value = getattr(config, name)
        if value is not None and not (0 < value < math.inf):
            raise FoveateError(
                f"--{name} {value} is not above 0.",
                f"give --{name} above 0, e.g. {'0.001' if name == 'lr' else '5' if name == 'dedup' else '1'}",
            )
    if config.subset is None and (config.subset_by or config.subset_encoder):
        raise FoveateError(
            f"--subset-{'by' if config.subset_by else 'encoder'} without --subset.",
            "say how many images: --subset 1000",
        )
    if config.subset_encoder is not None and config.subset_by != "curated":
        raise FoveateError("--subset-encoder is of curated subsets.", "add --subset-by curated, or leave it out")
