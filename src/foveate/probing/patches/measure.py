"""The measurements of the task ``patches``: kNN and a linear readout of every token, and their controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int

from foveate.core import console, stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.features.pixels import as_seen
from foveate.measures import logistic, neighbours
from foveate.measures.segmentation import VOID, counts, mean_iou
from foveate.probing.labelled import embedded, encoder_of, twin_of
from foveate.probing.patches import truth
from foveate.probing.readouts import C_GRID, TEMPERATURE

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.data.load import Pair
    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features
    from foveate.probing.config import Probe

TOKENS = 20_000
"""Training tokens that a readout is fitted on at most, drawn from all."""
_DRAWS = 1000
_COLOURS = 4  # a patch's own pixels, as so many colours along a side
_SCORED = 64  # test images whose tokens are scored at once


@dataclass(frozen=True, kw_only=True)
class Images:
    """One part of the data: the class maps as the network sees them, and the class of each token.

    Attributes:
        rows: of the dataset. ids: theirs. maps: int [n h w]. labels: int [n cells].
    """

    rows: Int[np.ndarray, " n"]
    ids: list[str]
    maps: Int[np.ndarray, "n h w"]
    labels: Int[np.ndarray, "n cells"]


@dataclass(frozen=True, kw_only=True)
class Score:
    """One readout on the test images: pixels in intersection and union of each class, image by image."""

    each: Int[np.ndarray, "n 2 classes"]
    setting: str = ""

    @cached_property
    def miou(self) -> Estimate:
        """Mean IoU with a bootstrap interval over images."""
        return stats.cluster_bootstrap(self.each, None, mean_iou, draws=_DRAWS)


@dataclass(kw_only=True)
class Mapped:
    """All that one such probe found.

    Attributes:
        scores: ``linear``, ``knn``, their controls ``linear.untrained`` …, ``constant`` (the most frequent class
            everywhere) and ``ceiling`` (each patch's own majority: what no readout of such patches can pass).
        predicted: the linear readout's maps of the first test images, for the page.
    """

    config: Probe
    encoder: Encoder
    pair: Pair
    tap: str
    grid: tuple[int, int]
    names: list[str]
    train: Images
    test: Images
    unreadable: list[tuple[str, str]]
    tokens: int
    scores: dict[str, Score]
    predicted: Int[np.ndarray, "shown cells"]


def measure(config: Probe) -> Mapped:
    """The measurements, without a page.

    Raises:
        FoveateError: no masks, a tap that is no map of tokens, one class only, a k beyond the tokens.
    """
    from foveate.data.load import load_pair
    from foveate.engine.local import resolve_device

    if config.k < 1:
        raise FoveateError(f"--k {config.k} is less than 1.", "use e.g. 20")
    device = resolve_device(config.device)
    encoder = encoder_of(config, device)
    tap = token_tap(encoder, config.taps)
    pair = load_pair(config.data, config.test)
    masked = [truth.with_masks(part, config.data) for part in (pair.train, pair.test)]
    names = truth.class_names(masked[0], by_label=config.masks == "labels")
    stored = [embedded(config, encoder, part, (tap,), device) for part in (pair.train, pair.test)]
    grid = _grid(encoder, stored[0].shape(tap)[1])
    train, test = (_images(part, kept, names, encoder, grid) for part, kept in zip(masked, stored, strict=True))
    chosen = _drawn(train, config)
    labels = train.labels.ravel()[chosen]
    if len(np.unique(labels)) < 2:
        raise FoveateError(f"the masks of {config.data} show one class only.", "give masks of objects on a background")
    if config.k > len(chosen):
        raise FoveateError(
            f"--k {config.k} neighbours, but there are {len(chosen)} training tokens.", "use a smaller --k"
        )
    console.say(f"probe: {len(chosen):,} training tokens, {len(test.rows):,} test images, {len(names)} classes")
    task = _Task(config, train, test, chosen, grid, len(names), device)
    features = (stored[0].array(tap), stored[1].array(tap))
    scores: dict[str, Score] = {}
    predicted, setting = task.linear(*features)
    scores["linear"] = task.score(predicted, setting)
    scores["knn"] = task.score(task.knn(*features), f"k = {config.k}")
    if config.controls:
        twin = twin_of(config, encoder)
        fresh = [embedded(config, twin, part, (tap,), device).array(tap) for part in (pair.train, pair.test)]
        bare = [_pixels(part, each.rows, encoder, grid) for part, each in zip(masked, (train, test), strict=True)]
        where = [_positions(grid, len(each.rows)) for each in (train, test)]
        for name, (a, b) in (("untrained", fresh), ("pixels", bare), ("position", where)):
            scores[f"linear.{name}"] = task.score(*task.linear(a, b))
        scores["knn.untrained"] = task.score(task.knn(fresh[0], fresh[1]), f"k = {config.k}")
        scores["knn.pixels"] = task.score(task.knn(bare[0], bare[1]), f"k = {config.k}")
    scores["constant"] = task.score(np.full_like(test.labels, np.bincount(labels).argmax()))
    scores["ceiling"] = task.score(np.maximum(test.labels, 0))
    return Mapped(
        config=config,
        encoder=encoder,
        pair=pair,
        tap=tap,
        grid=grid,
        names=names,
        train=train,
        test=test,
        unreadable=[*stored[0].unreadable, *stored[1].unreadable],
        tokens=len(chosen),
        scores=scores,
        predicted=predicted[:6],
    )


def token_tap(encoder: Encoder, taps: tuple[str, ...]) -> str:
    """The one tap, read as tokens; left at its default, the last block after the final norm, or the last stage.

    Raises:
        FoveateError: several taps, or an encoder without places inside.
    """
    if len(taps) != 1:
        raise FoveateError(f"--task patches reads one tap, not {len(taps)}.", "give one, e.g. --taps blocks.-1")
    if taps != ("pooled",):
        place, _, readout = encoder.check(taps[0]).partition(":")
        if not readout:
            raise FoveateError(f"'{place}' is one vector an image, and no map of tokens.", "use e.g. --taps blocks.-1")
        if readout != "tokens" and ":" in taps[0]:
            raise FoveateError(f"'{taps[0]}' is one vector an image.", f"use {place}:tokens")
        return encoder.check(f"{place}:tokens")
    levels = [name for name in encoder.taps() if name.count(".") == 1 and name.split(".")[0] in ("blocks", "stages")]
    if not levels:
        raise FoveateError(f"{encoder.address} has no map of tokens to read.", "use --task classify")
    return encoder.check(f"{'norm' if 'norm' in encoder.anatomy.places else levels[-1]}:tokens")


def _grid(encoder: Encoder, cells: int) -> tuple[int, int]:
    """Rows and columns of a map of so many cells."""
    if encoder.grid is not None and encoder.grid[0] * encoder.grid[1] == cells:
        return encoder.grid
    side = round(cells**0.5)
    if side * side != cells or encoder.preprocess.size[0] != encoder.preprocess.size[1]:
        raise FoveateError(f"{cells} cells are no square map.", "use an encoder of square images")
    return side, side


def _images(dataset: Dataset, stored: Features, names: list[str], encoder: Encoder, grid: tuple[int, int]) -> Images:
    kind = getattr(dataset.features.get("objects"), "feature", {})
    listed = getattr(kind.get("label"), "names", None) if kind else None
    columns = [name for name in ("mask", "objects") if name in dataset.column_names]
    maps = [
        truth.seen(truth.class_map(row, names, listed), encoder.preprocess)
        for row in dataset.select_columns(columns).select(stored.rows)
    ]
    labels = [truth.majority(each, grid, len(names)) for each in maps]
    return Images(rows=stored.rows, ids=stored.ids, maps=np.stack(maps), labels=np.stack(labels))


def _drawn(train: Images, config: Probe) -> Int[np.ndarray, " k"]:
    """Which training tokens are used, as places in the list of all, in ascending order; void ones never."""
    known = np.flatnonzero(train.labels.ravel() != VOID)
    if len(known) > TOKENS:
        known = np.sort(numpy_stream(config.seed, "patches", "tokens").choice(known, TOKENS, replace=False))
    return known


def _pixels(
    dataset: Dataset, rows: Int[np.ndarray, " n"], encoder: Encoder, grid: tuple[int, int]
) -> Float[np.ndarray, "n cells d"]:
    """Each patch's own colours, as the network sees them, at 4 × 4 places."""
    small = as_seen(dataset, rows, encoder.preprocess, (grid[0] * _COLOURS, grid[1] * _COLOURS)).astype(np.float32)
    cells = small.reshape(len(small), grid[0], _COLOURS, grid[1], _COLOURS, 3).transpose(0, 1, 3, 2, 4, 5)
    return cells.reshape(len(small), grid[0] * grid[1], -1)


def _positions(grid: tuple[int, int], count: int) -> Float[np.ndarray, "n cells d"]:
    """Where a patch lies: one feature for each cell, so that a readout may learn the mean mask and nothing else."""
    cells = grid[0] * grid[1]
    return np.broadcast_to(np.eye(cells, dtype=np.float32), (count, cells, cells))


class _Task:
    """Readouts of one task: always the same training tokens, classes and test images."""

    def __init__(
        self,
        config: Probe,
        train: Images,
        test: Images,
        chosen: Int[np.ndarray, " k"],
        grid: tuple[int, int],
        classes: int,
        device: torch.device,
    ) -> None:
        self.config, self.test, self.grid, self.classes, self.device = config, test, grid, classes, device
        cells = train.labels.shape[1]
        self.chosen, self.image = (chosen // cells, chosen % cells), chosen // cells
        self.labels = train.labels.ravel()[chosen]

    def linear(self, train: np.ndarray, test: np.ndarray) -> tuple[Int[np.ndarray, "n cells"], str]:
        """Logistic regression; C by the mean IoU of the tokens of a held-out fifth of the training images.

        Not by accuracy: where most is background, that would choose to see nothing else.
        """
        images = np.unique(self.image)
        held_images = numpy_stream(self.config.seed, "patches", "held-out").permutation(images)[: len(images) // 5]
        held = np.isin(self.image, held_images)
        x, y = np.ascontiguousarray(train[self.chosen]), self.labels
        best, score = C_GRID[len(C_GRID) // 2], -1.0
        if held.any() and len(np.unique(y[~held])) > 1:
            for C in C_GRID:
                model = logistic.fit(x[~held], y[~held], self.classes, (C,))
                found = mean_iou(counts(np.asarray(model.predict(x[held])), y[held], self.classes)[None])
                if found > score:
                    best, score = C, found
        model = logistic.fit(x, y, self.classes, (best,))
        return self._over(test, lambda tokens: np.asarray(model.predict(tokens))), f"C = {best:g}"

    def knn(self, train: np.ndarray, test: np.ndarray) -> Int[np.ndarray, "n cells"]:
        """Weighted k nearest training tokens: cosine, a neighbour weighs exp(similarity / 0.07)."""
        base = torch.from_numpy(np.ascontiguousarray(train[self.chosen])).to(self.device)
        labels = torch.from_numpy(self.labels).to(self.device)

        def read(tokens: np.ndarray) -> np.ndarray:
            similarity, index = neighbours.nearest(torch.from_numpy(tokens).to(self.device), base, self.config.k)
            votes = neighbours.vote(labels[index], similarity, self.classes, temperature=TEMPERATURE)
            return votes.argmax(1).cpu().numpy()

        return self._over(test, read)

    def score(self, predicted: Int[np.ndarray, "n cells"], setting: str = "") -> Score:
        """Pixels against pixels: every pixel of a patch is given its patch's class."""
        each = [
            counts(truth.spread(cells, self.grid, (true.shape[0], true.shape[1])), true, self.classes)
            for cells, true in zip(predicted, self.test.maps, strict=True)
        ]
        return Score(each=np.stack(each), setting=setting)

    def _over(self, test: np.ndarray, read: Callable[[np.ndarray], np.ndarray]) -> Int[np.ndarray, "n cells"]:
        n, cells, width = test.shape
        parts = [
            read(np.ascontiguousarray(test[at : at + _SCORED]).reshape(-1, width)).reshape(-1, cells)
            for at in range(0, n, _SCORED)
        ]
        return np.concatenate(parts)
