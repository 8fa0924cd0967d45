"""From settings to everything that the loop is given: encoder, objective, views, images, plan."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive
from foveate.data.views import View
from foveate.encoders.blocks import compile_blocks
from foveate.encoders.depth import rate_factors
from foveate.encoders.encoder import Encoder
from foveate.encoders.folded import refuse_folded
from foveate.encoders.load import load as load_encoder
from foveate.engine.distributed import Ranks, synchronise_batch_norm
from foveate.pretraining import knobs
from foveate.pretraining.budget import epochs_within
from foveate.pretraining.config import Pretrain
from foveate.pretraining.material import Material, gather_material
from foveate.pretraining.objective import Objective, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.selection.select import select
from foveate.pretraining.selection.skew import order_of
from foveate.pretraining.settings import batch_for, warmup_steps
from foveate.pretraining.sizes import check_sizes, growth_of, square
from foveate.training.feed import ViewFeed
from foveate.training.loop import Plan
from foveate.training.optim import scaled_rate
from foveate.training.precision import channels_last_wins, use_bf16
from foveate.training.recompute import recompute_blocks


@dataclass(frozen=True)
class Built:
    """Everything that the loop is given, ready on its device."""

    settings: Pretrain
    encoder: Encoder
    objective: Objective
    views: Sequence[View]
    material: Material
    feed: ViewFeed
    plan: Plan
    rate_factor: Callable[[str], float]


def build(s: Pretrain, ranks: Ranks, device: torch.device, *, folder: Path) -> Built:
    """Load and build.

    Args:
        s: settings with every default filled in. folder: of the run, for the command that goes on with it.

    Raises:
        FoveateError: settings, data and encoder that do not fit.
    """
    assert s.objective is not None
    assert s.encoder is not None
    kind: type[Objective] = OBJECTIVES.load(s.objective)
    told = knobs.read(s.set, kind.Config, objective=s.objective)
    knob_values = kind.Config(**told.own)  # before the data is read: what is misspelt is said at once
    arguments = knobs.arguments(s.encoder_set)
    encoder = load_encoder(s.encoder, device=device, seed=s.seed, image_size=s.image_size, args=arguments)
    refuse_folded(encoder)
    if s.freeze_patches:
        _freeze_patches(encoder)
    size = square(encoder)
    material = gather_material(s.data, s.test, image_size=size, canvas=s.canvas)
    material = select(material, s, ranks)
    images, classes = len(material.train), len(material.classes) or None
    batch = batch_for(s, images, ranks.world)
    steps = (s.epochs or 1) * (images // batch)  # with --minutes the epochs are known when a step has been timed
    setting = Setting(image_size=size, images=images, batch=batch, steps=steps, classes=classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(s.seed, "objective", s.objective))
        objective = kind(knob_values, encoder, setting)
    views = knobs.changed(objective.views(), told.views)
    growth = growth_of(objective, s.progressive)
    sides = {size, *(view.size for view in views), *(growth.sides(max(view.size for view in views)) if growth else ())}
    check_sizes(encoder, sides)
    factor = _rate_factor(objective, encoder, s.layer_decay)
    bf16 = use_bf16(encoder, device, sides, s.precision)
    if s.checkpointing:
        recompute_blocks(encoder)
    feed = _placed(objective, views, material, s, ranks, device)
    feed.growth = growth
    if s.epochs is None:
        assert s.minutes is not None
        epochs = epochs_within(s.minutes, objective, feed, bf16=bf16, micro_batch=s.micro_batch, folder=folder)
        s = replace(s, epochs=epochs)
        objective.setting = replace(setting, steps=epochs * feed.steps)
    if growth is not None:
        feed.growth = replace(growth, steps=objective.setting.steps)
    if s.compile:
        compile_blocks(encoder, objective)
    plan = _plan(s, feed, bf16=bf16, folder=folder)
    return Built(s, encoder, objective, views, material, feed, plan, factor)


def _placed(
    objective: Objective, views: Sequence[View], material: Material, s: Pretrain, ranks: Ranks, device: torch.device
) -> ViewFeed:
    """The objective moved to its device, as its memory had better lie, and the feed of the same layout."""
    objective.to(device)
    # FSDP2 cuts only weights whose memory runs in the order of their axes.
    sharded = ranks.world > 1 and s.parallel == "fsdp"
    channels_last = channels_last_wins(objective.backbone, device) and not sharded
    if channels_last:
        objective.to(memory_format=torch.channels_last)
    if ranks.world > 1 and s.sync_bn:
        synchronise_batch_norm(objective)
    normal = objective.encoder.preprocess
    return ViewFeed(
        material.pixels,
        material.sizes,
        material.labels,
        views,
        among=material.train,
        batch=objective.setting.batch,
        seed=s.seed,
        ranks=ranks,
        mean=normal.mean,
        std=normal.std,
        channels_last=channels_last,
        ahead=device.type != "cpu",
        order=order_of(material, s),
    )


def _plan(s: Pretrain, feed: ViewFeed, *, bf16: bool, folder: Path) -> Plan:
    assert s.epochs is not None
    assert s.lr is not None
    assert s.lr_rule is not None
    assert s.optimizer is not None
    assert s.weight_decay is not None
    rate = scaled_rate(s.lr, feed.batch, s.lr_rule)
    return Plan(
        epochs=s.epochs,
        rate=rate,
        end_rate=rate * (s.lr_end or 0.0),
        warmup=warmup_steps(s, feed.steps),
        optimizer=s.optimizer,
        weight_decay=s.weight_decay,
        weight_decay_end=s.weight_decay_end,
        clip=s.clip,
        micro_batch=s.micro_batch,
        bf16=bf16,
        parallel=s.parallel,
        minutes=s.checkpoint_minutes,
        resume_with=f"the same command and --out {shlex.quote(str(folder))} --resume",
    )


def _rate_factor(objective: Objective, encoder: Encoder, decay: float | None) -> Callable[[str], float]:
    """A weight's name in the objective → what its learning rate is multiplied by."""
    own = dict(objective.rate_factors)
    deep = rate_factors(encoder, decay) if decay is not None and decay < 1 else {}

    def factor(name: str) -> float:
        for start, value in own.items():
            if name.startswith(start):
                return value
        return deep.get(name.removeprefix("backbone."), 1.0)

    return factor


def _freeze_patches(encoder: Encoder) -> None:
    projection = getattr(getattr(encoder.module, "patch_embed", None), "proj", None)
    if not isinstance(projection, nn.Module):
        raise FoveateError(
            f"--freeze-patches, but {encoder.address} has no patch projection.",
            "leave it out, or use a vision transformer, e.g. foveate:vit-mini",
        )
    projection.requires_grad_(False)
