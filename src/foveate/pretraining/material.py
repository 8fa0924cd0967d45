"""The images of a run: decoded once, divided into those that are trained on and those that are looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.core.files import read_json, write_json
from foveate.data.columns import has_labels, ids
from foveate.data.decode import Reader
from foveate.data.load import divide, load, load_pair
from foveate.data.pixels import PixelStore
from foveate.encoders.preprocess import Preprocess
from foveate.measures.copies import Copy
from foveate.pretraining.monitors.sample import Sample
from foveate.training.checkpoints import Checkpoints

if TYPE_CHECKING:
    from datasets import Dataset

HELD_SHARE, HELD_MOST, BASE_MOST = 0.1, 1000, 4000


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a run works on.

    Attributes:
        dataset: the training rows as loaded. test: the test rows, or None where there are no labels to test with.
        how: in words, where the test rows come from.
        ids, pixels, sizes, labels: of the readable rows, squares of the canvas's side; labels None where there are none.
        train: which of them are trained on. held_out: which never are: for monitors and choices.
        base: some that are trained on, for monitors.
        classes: names. unreadable: (id, reason).
        left: ids of the rows of the address that are not trained on: held out, a test cut from them, unreadable, left out.
        copies: of other training rows, left out. subset: how those that are trained on were drawn; empty: all are.
    """

    dataset: Dataset
    test: Dataset | None
    how: str
    ids: list[str]
    pixels: UInt8[Tensor, "n 3 s s"] | UInt8[np.ndarray, "n 3 s s"]
    sizes: Int[Tensor, "n 2"]
    labels: Int[Tensor, " n"] | None
    train: Int[Tensor, " m"]
    held_out: Int[Tensor, " v"]
    base: Int[Tensor, " w"]
    classes: list[str]
    left: list[str]
    unreadable: list[tuple[str, str]]
    copies: Sequence[Copy] = ()
    subset: str = ""

    def fingerprint(self) -> str:
        """Hex of what is trained on: every image's id and label, and the pixels of ``base`` (of all, up to BASE_MOST)."""
        state = hashlib.blake2b(digest_size=16)
        state.update("\n".join(self.ids[i] for i in self.train.tolist()).encode("utf-8", "backslashreplace"))
        base = self.sample(self.base)
        for values in (base.pixels, self.labels[self.train] if self.labels is not None else None):
            if values is not None:
                state.update(values.contiguous().numpy().tobytes())
        return state.hexdigest()

    def sample(self, rows: Int[Tensor, " k"]) -> Sample:
        """Some of the images, in memory."""
        pixels = self.pixels[rows] if isinstance(self.pixels, Tensor) else torch.from_numpy(self.pixels[rows.numpy()])
        return Sample(pixels=pixels, labels=None if self.labels is None else self.labels[rows])

    @staticmethod
    def spread(rows: Int[Tensor, " m"]) -> Int[Tensor, " w"]:
        """Up to BASE_MOST of some rows, evenly among them."""
        return rows[torch.linspace(0, max(len(rows) - 1, 0), min(len(rows), BASE_MOST)).round().long()]


def gather_material(data: str, test: str | None, *, image_size: int, canvas: int | None) -> Material:
    """Load, decode and divide. Test rows are only loaded here, not looked at.

    Up to a tenth of the training rows, at most 1,000 and of every class its share, are held out: the same ids whatever
    the seed.

    Raises:
        FoveateError: as data.load and data.pixels.
    """
    first = load(data)
    if test is None and not has_labels(first):
        train, held, how = first, None, ""
    else:
        pair = load_pair(data, test)
        train, held, how = pair.train, pair.test if has_labels(pair.test) else None, pair.how
    store = PixelStore(train, canvas or fitting_canvas(train, image_size))
    rows = store.rows
    _, held_rows = divide(train, min(HELD_SHARE, HELD_MOST / max(len(train), 1)))
    is_held = torch.from_numpy(np.isin(rows, np.asarray(held_rows, dtype=np.int64)))
    every = torch.arange(len(rows))
    trained = every[~is_held]
    known = ids(train)
    readable = [known[row] for row in rows]
    return Material(
        dataset=train,
        test=held,
        how=how,
        ids=readable,
        pixels=store.pixels if isinstance(store.pixels, np.memmap) else torch.from_numpy(store.pixels),
        sizes=torch.from_numpy(store.sizes).long(),
        labels=None if store.labels is None else torch.from_numpy(store.labels),
        train=trained,
        held_out=every[is_held],
        base=Material.spread(trained),
        classes=store.class_names,
        left=sorted(set(ids(first)) - {readable[i] for i in trained.tolist()}),
        unreadable=store.unreadable,
    )


def record_rows(folder: Path, material: Material, *, data: str, encoder: str) -> None:
    """Write ``rows.json`` of a run: which images it is not trained on, for whoever asks later what it has seen.

    Args:
        data, encoder: their addresses (see ``encoders.run.training_rows``, which reads them).

    Raises:
        FoveateError: the run goes on from a checkpoint, and its images are no longer those it began with.
    """
    file = folder / "rows.json"
    record = {
        "data": data,
        "folder": str(Path.cwd()),
        "encoder": encoder,
        "trained": len(material.train),
        "left": material.left,
        "test": material.how,
        "fingerprint": material.fingerprint(),
    }
    if file.exists() and Checkpoints(folder / "checkpoints").latest() is not None:
        before = read_json(file, what="a run's rows")
        if not isinstance(before, dict) or before.get("fingerprint") != record["fingerprint"]:
            raise FoveateError(
                f"the images of {data} have changed since this run was interrupted.",
                "bring them back, or begin anew with another --out",
            )
    write_json(file, record)


def fitting_canvas(dataset: Dataset, image_size: int) -> int:
    """The side at which images are worth keeping decoded for views of ``image_size``.

    Their own shorter side, where it lies between the view's side and twice that (a crop of a fifth of the area then
    still has about the view's resolution); for views above 128 px at most a seventh more than the view, as is usual.
    """
    few = np.linspace(0, len(dataset) - 1, min(len(dataset), 16)).round().astype(int)
    reader = Reader(dataset, rows=sorted(set(few.tolist())), max_unreadable=1.0)
    sides = [min(image.pixels.shape[:2]) for image in reader if image.pixels is not None]
    own = int(np.median(sides)) if sides else image_size
    most = 2 * image_size if image_size <= 128 else image_size * 8 // 7
    return max(image_size, min(own, most))


class Prepare:
    """Decoded squares to the network's input, as monitors see them: resized whole, normalised."""

    def __init__(self, preprocess: Preprocess, size: int, *, channels_last: bool) -> None:
        self.size, self.channels_last = size, channels_last
        self.mean = torch.tensor(preprocess.mean).view(1, 3, 1, 1)
        self.std = torch.tensor(preprocess.std).view(1, 3, 1, 1)

    def __call__(self, pixels: UInt8[Tensor, "b 3 s s"]) -> Float[Tensor, "b 3 h w"]:
        x = pixels.float() / 255
        if x.shape[-1] != self.size:
            x = F.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True)
        x = (x - self.mean.to(x.device)) / self.std.to(x.device)
        return x.contiguous(memory_format=torch.channels_last) if self.channels_last else x
