"""Encoders trained on the planted memorisation set: small enough to memorise it in seconds (dejavu-objectives C2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foveate.data.load import load as load_data
from foveate.data.pixels import PixelStore
from foveate.encoders.anatomy import Anatomy
from foveate.encoders.architecture import Architecture, Body
from foveate.encoders.encoder import Encoder
from foveate.encoders.heads import MLP
from foveate.encoders.preprocess import Preprocess

SIDE = 16  # what the encoder sees: a quadrant at full size, or the whole image at half of it
ROWS = 240
PREPROCESS = Preprocess(size=(SIDE, SIDE), interpolation="box", mode="squash", mean=(0.5,) * 3, std=(0.25,) * 3)


def build(seed: int) -> tuple[nn.Module, MLP]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in ((3 * SIDE * SIDE, 256), (256, 256), (256, 256)):
            layers += [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]
        return nn.Sequential(*layers), MLP([256, 256, 128])


def crops(images: Tensor) -> Tensor:
    """Ten crops of each image [n 10 3 s s]: its quadrants, its halves squashed to a square, and the whole at half size, twice.

    So few different views are what makes a small encoder memorise in seconds.
    """
    quadrants = [images[:, :, y : y + SIDE, x : x + SIDE] for y in (0, SIDE) for x in (0, SIDE)]
    wide, tall = F.avg_pool2d(images, (1, 2)), F.avg_pool2d(images, (2, 1))
    halves = [wide[:, :, :SIDE], wide[:, :, SIDE:], tall[:, :, :, :SIDE], tall[:, :, :, SIDE:]]
    return torch.stack([*quadrants, *halves, *[F.avg_pool2d(images, 2)] * 2], 1)


def views(every: Tensor, rows: Tensor, generator: torch.Generator) -> Tensor:
    """One of the crops of each image in ``rows``, jittered."""
    n = len(rows)
    chosen = every[rows, torch.randint(every.shape[1], (n,), generator=generator)]
    shift = torch.randint(-1, 2, (2,), generator=generator).tolist()
    chosen = torch.roll(chosen, shift, dims=(2, 3))
    chosen = chosen * (1 + 0.2 * (torch.rand(n, 1, 1, 1, generator=generator) - 0.5))
    return chosen + 0.05 * torch.randn(chosen.shape, generator=generator)


def simclr(module: nn.Module, projector: nn.Module, images: Tensor, *, epochs: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    parameters = [*module.parameters(), *projector.parameters()]
    batch = 120
    steps = epochs * (len(images) // batch)
    optimiser = torch.optim.AdamW(parameters, lr=2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    itself = torch.eye(2 * batch, dtype=torch.bool)
    partner = torch.arange(2 * batch).roll(batch)
    every = crops(images)  # once, not in each step: cutting them took half of the training
    module.train()
    projector.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=generator).split(batch):
            both = torch.cat([views(every, rows, generator) for _ in range(2)])
            z = F.normalize(projector(module(both)), dim=1)
            loss = F.cross_entropy((z @ z.T / 0.15).masked_fill(itself, -torch.inf), partner)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def encoder(address: str, module: nn.Module, projector: MLP) -> Encoder:
    body = Body(module, Anatomy(forward=lambda net, x: {"pooled": net(x)}, width=256), PREPROCESS)
    recipe = Architecture(kind="foveate", name="planted")
    return Encoder(address=address, architecture=recipe, body=body, projector=projector)


@cache
def planted(part: str, epochs: int, seed: int) -> Encoder:
    """An encoder trained on the first rows of ``part`` of builtin:dejavu; the same call gives the same one."""
    module, projector = build(seed)
    if epochs:
        pixels = PixelStore(load_data(f"builtin:{part}[0:{ROWS}]"), 32).pixels
        images = (torch.from_numpy(np.array(pixels)).float() / 255 - 0.5) / 0.25
        simclr(module, projector, images, epochs=epochs, seed=seed)
    return encoder(f"planted:{part}/{epochs}/{seed}", module, projector)


@pytest.fixture
def with_encoders(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make addresses stand for encoders: ``with_encoders(a=…, b=…)`` lets verbs load ``planted:a``."""

    def install(**encoders: Encoder) -> None:
        from foveate.encoders import load as loading

        real = loading.load

        def load(address: str, **options: Any) -> Encoder:
            scheme, _, name = address.partition(":")
            return encoders[name] if scheme == "planted" else real(address, **options)

        monkeypatch.setattr(loading, "load", load)

    return install


@pytest.fixture
def trained() -> Callable[..., Encoder]:
    """``trained("dejavu@members-a", epochs=…, seed=…)``."""

    def make(part: str, *, epochs: int = 220, seed: int = 0) -> Encoder:
        return planted(part, epochs, seed)

    return make
