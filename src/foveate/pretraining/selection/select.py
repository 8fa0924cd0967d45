"""From the training rows of a set to those that are trained on: copies left out, then a subset drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.distributed as dist
from jaxtyping import Float, Int

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.seeds import derive, numpy_stream
from foveate.data.columns import ids
from foveate.encoders.load import load as load_encoder
from foveate.engine.distributed import Ranks
from foveate.features.embed import embed
from foveate.measures.copies import Copy, copies
from foveate.measures.duplicates import SIDE, averages
from foveate.pretraining.material import Material
from foveate.pretraining.selection import clusters

if TYPE_CHECKING:
    from foveate.pretraining.config import Pretrain

PIXELS = "pixels"
_UNTRAINED = ("foveate:", "random:")


def select(material: Material, s: Pretrain, ranks: Ranks) -> Material:
    """The material with fewer rows in ``train``; rows that are held out, and test rows, are neither read nor touched.

    Raises:
        FoveateError: a subset larger than what there is, or that cannot be drawn as asked.
    """
    if (radius := s.dedup) is not None:
        found = _agreed(lambda: _copies(material, radius), ranks)
        material = without(material, found)
        if ranks.first:
            console.say(f"--dedup {radius:g}: {len(found):,} copies left out, {len(material.train):,} images stay")
    if s.subset is None:
        return material
    if s.subset > len(material.train):
        raise FoveateError(
            f"--subset {s.subset:,}, but there are {len(material.train):,} training images.",
            "give fewer, or leave it out",
        )
    rows, how = _agreed(lambda: _drawn(material, s, ranks.device), ranks)
    return replace(trained_on(material, material.train[torch.from_numpy(rows)]), subset=how)


def trained_on(material: Material, rows: Int[torch.Tensor, " m"]) -> Material:
    """The material with these of its training rows; the others are ``left``."""
    gone = set(material.train.tolist()) - set(rows.tolist())
    left = sorted({*material.left, *(material.ids[row] for row in gone)})
    return replace(material, train=rows, base=material.spread(rows), left=left)


def without(material: Material, found: list[Copy]) -> Material:
    """The material without copies, which are numbered among its training rows."""
    stays = torch.ones(len(material.train), dtype=torch.bool)
    stays[[each.row for each in found]] = False
    row = material.train.tolist()
    named = [replace(each, row=row[each.row], of=row[each.of]) for each in found]
    return replace(trained_on(material, material.train[stays]), copies=named)


def _copies(material: Material, radius: float) -> list[Copy]:
    return copies(material.sample(material.train).pixels.numpy(), radius=radius)


def _drawn(material: Material, s: Pretrain, device: torch.device | None) -> tuple[Int[np.ndarray, " m"], str]:
    """Places among the training rows, ascending, and in words how they were drawn."""
    assert s.subset is not None
    count, stream = len(material.train), numpy_stream(s.seed, "subset")
    if s.subset_by == "curated":
        source = s.subset_encoder or (PIXELS if (s.encoder or "").startswith(_UNTRAINED) else str(s.encoder))
        levels = clusters.levels(_features(material, source, s, device), derive(s.seed, "clusters"))
        rows = clusters.draw(levels, count, s.subset, stream)
        shape = " in ".join(f"{int(owner.max()) + 1:,}" for owner in levels) or "no"
        return rows, f"curated: evenly over {shape} clusters of {source}"
    order = stream.permutation(count)  # smaller subsets of a seed lie in larger ones
    if s.subset_by != "balanced":
        return np.sort(order[: s.subset]), "uniform"
    if material.labels is None:
        raise FoveateError(
            f"--subset-by balanced draws by class, and {s.data} has no labels.", "use --subset-by curated"
        )
    labels = material.labels[material.train].numpy()
    present, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place)
    given = clusters.shares(sizes, s.subset, stream)
    rows = np.concatenate([order[place[order] == c][: given[c]] for c in range(len(present))])
    how = f"balanced: {given.min():,}" + (f" to {given.max():,}" if given.max() > given.min() else "") + " a class"
    if given.max() - given.min() > 1:
        console.warn(f"--subset {s.subset:,} is not balanced: the smallest class has {sizes.min():,} images")
    return np.sort(rows), how


def _features(material: Material, source: str, s: Pretrain, device: torch.device | None) -> Float[np.ndarray, "n d"]:
    """What the training rows are clustered by: unit features of an encoder, or colours on a grid of 8 × 8."""
    if source == PIXELS:
        pixels = material.sample(material.train).pixels.numpy()
        cells = averages(pixels.shape[-1], SIDE)
        parts = [cells @ pixels[i : i + 1024].astype(np.float32) @ cells.T for i in range(0, len(pixels), 1024)]
        return np.concatenate(parts).reshape(len(pixels), -1)
    place = {name: row for row, name in enumerate(ids(material.dataset))}
    rows = [place[material.ids[row]] for row in material.train.tolist()]
    encoder = load_encoder(source, seed=s.seed, device=device or "cpu")
    found = embed(encoder, material.dataset.select(rows), ("pooled",)).array("pooled")
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


def _agreed(choose: Callable[[], Any], ranks: Ranks) -> Any:
    """What the first process finds, in all of them."""
    box = [choose() if ranks.first else None]
    if ranks.world > 1:
        dist.broadcast_object_list(box, src=0)
    return box[0]
