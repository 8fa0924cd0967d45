"""A small decoder trained from frozen features to pixels, and how near its pictures come."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, UInt8

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.core.seeds import derive, torch_stream
from foveate.measures.scaling import Standardisation
from foveate.training.decoder import PixelDecoder
from foveate.training.schedule import cosine

WIDTH, RATE, WEIGHT_DECAY, BATCH = 16, 3e-3, 0.05, 64
PATIENCE = 6
"""Passes without a better one after which it stops."""
EXACT = 1 / 12 / 255**2
"""Squared error below which 8 bits cannot tell: that of rounding. PSNR ends here, at 58.9 dB."""
_ROWS = 512
_DRAWS = 1000

Pixels = UInt8[np.ndarray, "n s s 3"]


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """One decoder's pictures of the test images.

    Attributes:
        pictures: 0 to 1. errors, spread: each image's squared error, and that of the mean image; means over its pixels.
        curve: share of variance explained on the held-out training rows before the first pass (0: the mean image) and after each.
        best: the pass that was best there, whose weights paint.
    """

    pictures: Float[np.ndarray, "m s s 3"]
    errors: Float[np.ndarray, " m"]
    spread: Float[np.ndarray, " m"]
    curve: tuple[float, ...] = ()
    best: int = 0

    @classmethod
    def of(cls, pictures: np.ndarray, truth: Pixels, mean: np.ndarray, **more: object) -> Decoded:
        """``mean``: the mean image, 0 to 1."""
        real = truth.astype(np.float32) / 255
        pictures = np.clip(pictures, 0, 1)
        errors, spread = (np.square(real - guess).mean((1, 2, 3), dtype=np.float64) for guess in (pictures, mean))
        return cls(pictures=pictures, errors=errors, spread=spread, **more)  # type: ignore[arg-type]

    @cached_property
    def r2(self) -> Estimate:
        """Share of all pixels' variance about the mean image that is explained; a bootstrap over images."""
        return stats.cluster_bootstrap(np.column_stack([self.errors, self.spread]), None, _explained, draws=_DRAWS)

    @cached_property
    def psnr(self) -> Estimate:
        """Peak signal-to-noise ratio, dB: the mean over images."""
        return stats.mean_interval(-10 * np.log10(np.maximum(self.errors, EXACT)))

    def gain(self, other: Decoded) -> Estimate:
        """The share explained less another's, on the same resampled images."""
        both = np.column_stack([self.errors, other.errors, self.spread])
        return stats.cluster_bootstrap(
            both, None, lambda x: float((x[:, 1].sum() - x[:, 0].sum()) / x[:, 2].sum()), draws=_DRAWS
        )


def _explained(x: Float[np.ndarray, "m 2"]) -> float:
    return float(1 - x[:, 0].sum() / x[:, 1].sum())


@dataclass(frozen=True, kw_only=True)
class Images:
    """The pictures that decoders learn to paint, and which training rows they are stopped on.

    Attributes:
        train, test: uint8 squares. fit, held: positions in ``train``.
    """

    train: Pixels
    test: Pixels
    fit: np.ndarray
    held: np.ndarray
    seed: int

    @cached_property
    def mean(self) -> Float[np.ndarray, "s s 3"]:
        """The mean image, 0 to 1, of the rows that are fitted on."""
        return (self.train[self.fit].mean(0, dtype=np.float64) / 255).astype(np.float32)


def decode(
    train: Float[np.ndarray, "n d"],
    test: Float[np.ndarray, "m d"],
    images: Images,
    *,
    epochs: int,
    device: torch.device | str = "cpu",
) -> Decoded:
    """Train on four fifths of the training rows by squared error, and paint with the weights that were best on the rest.

    Features are standardised. The decoder starts as the mean image and learns what to add to it, so that features which
    tell nothing end there.
    """
    scale = Standardisation.of(torch.from_numpy(train[images.fit]))
    mean = torch.from_numpy(images.mean).permute(2, 0, 1)
    truth = torch.from_numpy(images.train).permute(0, 3, 1, 2)
    away = truth[torch.from_numpy(images.fit)].float() / 255 - mean
    unit = max(float(away.std()), 1e-6)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(images.seed, "decode", "weights"))
        model = PixelDecoder(train.shape[1], truth.shape[-1], width=WIDTH).to(device)
    for weight in model.steps[-1].parameters():
        torch.nn.init.zeros_(weight)

    def paint(x: np.ndarray) -> Float[np.ndarray, "n s s 3"]:
        model.eval()
        with torch.inference_mode():
            parts = [
                model(scale(torch.from_numpy(x[at : at + _ROWS]).to(device))).cpu() for at in range(0, len(x), _ROWS)
            ]
        return (torch.cat(parts) * unit + mean).permute(0, 2, 3, 1).numpy()

    def held_out() -> float:
        painted = Decoded.of(paint(train[images.held]), images.train[images.held], images.mean)
        return _explained(np.column_stack([painted.errors, painted.spread]))

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    each = steps_of(len(images.fit))
    batch, done = len(images.fit) // each, 0
    curve, best, kept = [held_out()], 0, copy.deepcopy(model.state_dict())
    for epoch in range(1, epochs + 1):
        model.train()
        order = torch.randperm(len(images.fit), generator=torch_stream(images.seed, "decode", "order", epoch))
        for chosen in order.split(batch)[:each]:
            for group in optimizer.param_groups:
                group["lr"] = cosine(done, epochs * each, start=RATE, end=0.0)
            x = scale(torch.from_numpy(train[images.fit[chosen.numpy()]]).to(device))
            optimizer.zero_grad()
            (model(x) - (away[chosen] / unit).to(device)).square().mean().backward()
            optimizer.step()
            done += 1
        curve.append(held_out())
        if curve[-1] > curve[best]:
            best, kept = epoch, copy.deepcopy(model.state_dict())
        if epoch - best >= PATIENCE:
            break
    model.load_state_dict(kept)
    return Decoded.of(paint(test), images.test, images.mean, curve=tuple(curve), best=best)


def steps_of(rows: int) -> int:
    """Steps of a pass: of 64 images, or of an eighth of few."""
    return max(1, rows // min(BATCH, max(8, rows // 8)))


def coloured(images: Images) -> Decoded:
    """What one would paint who knew each test image's mean colour and nothing else: the mean image, moved to it."""
    mean = images.mean
    colours = images.test.mean((1, 2), dtype=np.float64).astype(np.float32) / 255
    return Decoded.of(mean + (colours - mean.mean((0, 1)))[:, None, None], images.test, mean)
