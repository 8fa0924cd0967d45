"""What features look like: the first three principal components of an encoder's tokens as colours, and where its class token looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

from foveate.reporting.galleries import picture
from foveate.reporting.sections import Exhibit, Gallery, Picture

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.encoders.encoder import Encoder

COUNT = 8
"""Images that are shown; the components are those of all their tokens together."""
_COARSEST = 4  # cells along a side of a map that is worth looking at
_SIDE = 160  # px of a picture


@dataclass(frozen=True, kw_only=True)
class Look:
    """One image.

    Attributes:
        position: of the image among those that were given. pixels: as the network sees it.
        components: each cell's first three components as a colour. attention: of the class token, mean over heads, 1 the
            largest in the image; None where there is none.
    """

    position: int
    pixels: UInt8[np.ndarray, "h w 3"]
    components: UInt8[np.ndarray, "rows columns 3"]
    attention: Float[np.ndarray, "rows columns"] | None


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Some images of one set. ``explained``: of the tokens' variance by the three components together."""

    tap: str
    explained: float
    images: list[Look]


def look(encoder: Encoder, dataset: Dataset, rows: Int[np.ndarray, " n"]) -> Looks | None:
    """Look at up to ``COUNT`` images, spread evenly over ``rows``, all of which can be read.

    Returns:
        None for an encoder that shows no map of tokens of at least 4 × 4 cells.
    """
    from foveate.data.decode import Reader
    from foveate.encoders.attention import cls_attention

    positions = np.unique(np.linspace(0, len(rows) - 1, min(COUNT, len(rows))).round().astype(int))
    reader = Reader(dataset, rows=sorted(int(rows[at]) for at in positions), max_unreadable=1.0)
    found = {image.row: encoder.preprocess.crop(image.pixels) for image in reader if image.pixels is not None}
    seen = [found[int(rows[at])] for at in positions]
    pixels = torch.from_numpy(np.stack(seen)).to(encoder.device)
    images = encoder.preprocess.normalize(pixels)
    taken = _tokens(encoder, images)
    if taken is None:
        return None
    tap, tokens, grid = taken
    colours, explained = components(tokens)
    attention = cls_attention(encoder, images)
    maps = None if attention is None else attention.mean(1).cpu().numpy()
    return Looks(
        tap=tap,
        explained=explained,
        images=[
            Look(
                position=int(at),
                pixels=seen[number],
                components=colours[number].reshape(*grid, 3),
                attention=None if maps is None else maps[number] / max(float(maps[number].max()), 1e-12),
            )
            for number, at in enumerate(positions)
        ],
    )


def components(tokens: Float[np.ndarray, "images cells d"]) -> tuple[UInt8[np.ndarray, "images cells 3"], float]:
    """The first three principal components of all tokens as red, green and blue, and the share of variance that they explain.

    Each component runs from its 2nd to its 98th percentile; its sign is the one with which its largest loading is above 0.
    """
    n, cells, width = tokens.shape
    flat = tokens.reshape(-1, width).astype(np.float64)
    flat = flat - flat.mean(0)
    _, values, directions = np.linalg.svd(flat, full_matrices=False)
    first = directions[:3]
    first = first * np.sign(first[np.arange(len(first)), np.abs(first).argmax(1)])[:, None]
    projected = np.zeros((len(flat), 3))
    projected[:, : len(first)] = flat @ first.T
    low, high = np.percentile(projected, [2, 98], axis=0)
    scaled = np.clip((projected - low) / np.maximum(high - low, 1e-12), 0, 1)
    total = float((values**2).sum())
    explained = float((values[:3] ** 2).sum() / total) if total > 0 else 0.0
    return (255 * scaled).round().astype(np.uint8).reshape(n, cells, 3), explained


def gallery(looks: Looks, names: Sequence[str]) -> Gallery:
    """The pictures. ``names``: a title for each image of ``looks``."""
    exhibits = []
    for each, name in zip(looks.images, names, strict=True):
        pictures: list[Picture] = [
            picture(_large(each.pixels), caption="image", side=_SIDE),
            picture(_large(each.components), caption="first three components", side=_SIDE),
        ]
        if each.attention is not None:
            grey = np.repeat((255 * each.attention).round().astype(np.uint8)[..., None], 3, axis=2)
            pictures.append(picture(_large(grey), caption="where the class token looks", side=_SIDE))
        exhibits.append(Exhibit(name, pictures))
    return Gallery(exhibits, id="looks")


def _tokens(
    encoder: Encoder, images: torch.Tensor
) -> tuple[str, Float[np.ndarray, "images cells d"], tuple[int, int]] | None:
    """The last map that is fine enough: tokens after the last norm or block, or a stage's cells."""
    levels = [name for name in encoder.taps() if name.count(".") == 1 and name.split(".")[0] in ("blocks", "stages")]
    if "norm" in encoder.anatomy.places:
        levels.append("norm")
    for name in reversed(levels):
        tap = f"{name}:tokens"
        tokens = encoder(images, (tap,))[tap]
        if tokens.ndim != 3:
            continue
        side = round(tokens.shape[1] ** 0.5)
        grid = encoder.grid if encoder.grid and encoder.grid[0] * encoder.grid[1] == tokens.shape[1] else (side, side)
        if grid[0] * grid[1] == tokens.shape[1] and min(grid) >= _COARSEST:
            return tap, tokens.cpu().numpy(), grid
    return None


def _large(pixels: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
    """A small map enlarged so that its cells can be seen: every cell a square of one colour."""
    times = max(1, _SIDE // max(pixels.shape[:2]))
    return np.ascontiguousarray(pixels.repeat(times, axis=0).repeat(times, axis=1))
