"""A set whose answer is known, in DAVIS' layout: coloured squares that move over grey; and encoders that see colours, or nothing.

``lookup:colour`` gives each token a feature of its colour alone, ``lookup:blind`` the same feature to all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from foveate.encoders.anatomy import Anatomy, Place
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess

HEIGHT, WIDTH, PATCH, SIDE = 64, 128, 4, 16
COLOURS = ((120, 120, 120), (220, 30, 30), (30, 60, 220), (40, 200, 60))  # the first is the ground


def paths(objects: int, frames: int, seed: int, step: int = PATCH) -> list[list[tuple[int, int]]]:
    """Top left corners of each square in each frame, on the tokens' grid and never over one another: each has a strip."""
    random = np.random.default_rng(seed)
    strip = HEIGHT // objects
    found = []
    for index in range(objects):
        y, x = index * strip + (strip - SIDE) // 2 // PATCH * PATCH, PATCH * int(random.integers(1, 5))
        found.append([(y, min(x + step * frame, WIDTH - SIDE)) for frame in range(frames)])
    return found


def write(root: Path, videos: Mapping[str, int], frames: int = 8, *, binary: bool = False) -> Path:
    """``videos``: name → number of squares. ``binary``: masks as DAVIS 2016 has them, 0 and 255."""
    for seed, (name, objects) in enumerate(videos.items()):
        corners = paths(objects, frames, seed)
        for frame in range(frames):
            pixels = np.full((HEIGHT, WIDTH, 3), COLOURS[0], np.uint8)
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            for index, path in enumerate(corners, start=1):
                y, x = path[frame]
                pixels[y : y + SIDE, x : x + SIDE] = COLOURS[index]
                mask[y : y + SIDE, x : x + SIDE] = 255 if binary else index
            drawn = Image.fromarray(mask)
            if not binary:
                drawn.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])
            for folder, image in (("JPEGImages", Image.fromarray(pixels)), ("Annotations", drawn)):
                file = root / folder / "480p" / name / f"{frame:05d}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                image.save(file)
    return root


class Lookup(nn.Module):
    """The colour at each token's centre → a row of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(len(COLOURS), 8))
        self.norm = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        centres = images[:, :, PATCH // 2 :: PATCH, PATCH // 2 :: PATCH].flatten(2).transpose(1, 2)
        known = torch.tensor(COLOURS, dtype=torch.float32) / 255
        return self.norm(self.table[torch.cdist(centres, known.expand(len(images), -1, -1)).argmin(-1)])


def build(architecture: Architecture) -> Body:
    """An untrained one, whose table is random."""
    height, width = architecture.image_size or (32, 32)
    anatomy = Anatomy(
        forward=_forward, width=8, places={"norm": Place(module="norm")}, grid=(height // PATCH, width // PATCH)
    )
    preprocess = Preprocess(size=(height, width), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    return Body(Lookup(), anatomy, preprocess)


def load(rest: str, options: Options) -> Encoder:
    """``lookup:colour`` or ``lookup:blind``."""
    recipe = Architecture(kind="lookup", name=rest, image_size=options.image_size)
    body = recipe.build(options.seed)
    table = torch.eye(len(COLOURS), 8) if rest == "colour" else torch.eye(1, 8).repeat(len(COLOURS), 1)
    body.module.load_state_dict({"table": table})
    return Encoder(address=f"lookup:{rest}", architecture=recipe, body=body)


def _forward(network: Any, images: Tensor) -> dict[str, Tensor]:
    return {"pooled": network(images).mean(1)}
