"""The rows of the exam: labels, factors, and which are for training and which for the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Int

from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.data.load import TEST_SHARE
from foveate.probing.factors import columns
from foveate.probing.factors.columns import Factor

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.probing.config import Probe

COLUMNS = ("image", "id", "label", "factors", "varied", "imagenet")
TWINS = ("asset", "scene")
"""Factors that make two pictures twins: the same thing in the same place. Twins never stand on both sides of a division."""
FEWEST_UNITS = 5


@dataclass(frozen=True, kw_only=True)
class Table:
    """All rows, in the order of the dataset.

    Attributes:
        labels, names: of the classes. factors: by name. left_out: fields that are no factors, and why.
        groups: rows that are twins of one another have the same number. units: what another draw of the data would change:
            the asset where there are five or more, else the group.
        unit: what a unit is, in words. test: the rows for the test. how: in words, where they come from.
        varied: the factor that each picture varies, ``default`` for none, where the table says so; else None.
    """

    dataset: Dataset
    labels: Int[np.ndarray, " n"]
    names: list[str]
    factors: Mapping[str, Factor]
    left_out: tuple[tuple[str, str], ...]
    groups: Int[np.ndarray, " n"]
    units: Int[np.ndarray, " n"]
    unit: str
    test: Bool[np.ndarray, " n"]
    how: str
    varied: list[str] | None

    @property
    def train(self) -> Bool[np.ndarray, " n"]:
        return ~self.test

    @property
    def around(self) -> dict[str, Factor]:
        """The factors that are about the surroundings and the view: those that do not tell the label."""
        return {name: each for name, each in self.factors.items() if not columns.determines(each.exact, self.labels)}

    @property
    def fields(self) -> dict[str, Int[np.ndarray, " n"]]:
        """Each row's exact value of every factor as a code, and of the label where no factor says the same."""
        codes = {name: each.exact for name, each in self.factors.items()}
        told = any(columns.same(each, self.labels) for each in codes.values())
        return codes if told else {"label": self.labels} | codes

    def __len__(self) -> int:
        return len(self.labels)


def load(config: Probe) -> Dataset:
    """The rows as one dataset, with a column ``part``: 0 not divided, 1 train, 2 test.

    Training rows whose asset and scene a test row shows are left out, with a note.

    Raises:
        FoveateError: no labels or factors, train and test with different factors.
    """
    from foveate.data.columns import has_labels
    from foveate.data.library import library
    from foveate.data.load import load_pair

    pair = load_pair(config.data, config.test)
    for role, part in (("training", pair.train), ("test", pair.test)):
        if not has_labels(part):
            raise FoveateError(
                f"the {role} images of {config.data} have no labels.", "give a table with a column 'label'"
            )
        if "factors" not in part.column_names:
            raise FoveateError(
                f"the {role} images of {config.test if role == 'test' and config.test else config.data} have no column "
                "'factors'.",
                "render them with foveate, or give a Parquet table whose column 'factors' is a struct",
            )
    parts = []
    for number, part in ((1, pair.train), (2, pair.test)):
        kept = part.select_columns([name for name in COLUMNS if name in part.column_names])
        value = [0 if pair.divided else number] * kept.num_rows
        parts.append(kept.add_column("part", value, feature=library().Value("int8")))
    if parts[0].features["factors"] != parts[1].features["factors"]:
        raise FoveateError(
            f"the factors of {config.test} are not those of {config.data}.", "give both tables the same fields"
        )
    shared = [name for name in parts[0].column_names if name in parts[1].column_names]
    together = library().concatenate_datasets([part.select_columns(shared) for part in parts])
    return together if pair.divided else _without_twins(together, config)


def build(dataset: Dataset, config: Probe) -> Table:
    """Read the columns of what ``load`` gave, and divide the rows where the data does not.

    Raises:
        FoveateError: nothing varies, one class, too few pictures to hold any out.
    """
    from foveate.data.columns import ids, labels

    codes, names = labels(dataset)
    if len(np.unique(codes)) < 2:
        raise FoveateError(f"the images of {config.data} are all of one class.", "probing needs two classes or more")
    part = dataset.with_format("arrow").select_columns("part")[:]["part"].to_numpy()
    shown = _twins(dataset)
    groups, keys = _groups(shown, ids(dataset))
    if (part == 0).all():
        test = _divide(codes, groups, keys)
        twins = " and ".join(shown)
        how = "test rows: a fixed fifth " + (f"by {twins}" if twins else "by id") + ", stratified by label"
    else:
        test, how = part == 2, f"test rows: {config.test or 'the split of the set itself'}"
    if not test.any() or test.all():
        raise FoveateError(
            f"{config.data} shows too few assets and scenes to hold some out as test.",
            "give more of them, or --test DATA",
        )
    fields = columns.read(dataset, ignore=config.ignore, train=~test)
    assets = shown.get(TWINS[0])
    by_asset = assets is not None and len(assets.texts) >= FEWEST_UNITS
    return Table(
        dataset=dataset,
        labels=codes,
        names=names,
        factors=fields.factors,
        left_out=fields.left_out,
        groups=groups,
        units=assets.exact if by_asset and assets is not None else groups,
        unit="asset" if by_asset else "asset and scene" if len(np.unique(groups)) < len(groups) else "image",
        test=test,
        how=how,
        varied=columns.varied(dataset),
    )


def _twins(dataset: Dataset) -> dict[str, Factor]:
    """The fields that tell twins, those of one value too."""
    found = {name: columns.field(dataset, name) for name in TWINS}
    return {name: factor for name, factor in found.items() if factor is not None}


def _groups(shown: Mapping[str, Factor], names: list[str]) -> tuple[Int[np.ndarray, " n"], list[str]]:
    """A number for each row, equal for twins, and a name for each number; where nothing tells twins, each row is its own."""
    present = list(shown.values())
    if not present:
        return np.arange(len(names)), names
    table = np.stack([factor.exact for factor in present], axis=1)
    cells, groups = np.unique(table, axis=0, return_inverse=True)
    return groups.ravel(), [
        " | ".join(factor.texts[code] if code >= 0 else "" for factor, code in zip(present, cell, strict=True))
        for cell in cells.tolist()
    ]


def _divide(labels: Int[np.ndarray, " n"], groups: Int[np.ndarray, " n"], names: list[str]) -> Bool[np.ndarray, " n"]:
    """The test rows: of each class a fifth of its groups, the first of the fixed shuffle by name; never its only one."""
    from foveate.data.columns import shuffle_order

    first = np.unique(groups, return_index=True)[1]
    label = labels[first]  # a scene of several classes counts for the one that it shows first
    order = shuffle_order(names)
    held = np.zeros(len(names), dtype=bool)
    for code in np.unique(label):
        members = order[label[order] == code]
        held[members[: max(round(TEST_SHARE * len(members)), 1) if len(members) > 1 else 0]] = True
    return held[groups]


def _without_twins(dataset: Dataset, config: Probe) -> Dataset:
    """Without training rows that are twins of test rows."""
    from foveate.data.columns import ids

    part = dataset.with_format("arrow").select_columns("part")[:]["part"].to_numpy()
    shown = _twins(dataset)
    if not shown:
        return dataset
    groups, _ = _groups(shown, ids(dataset))
    twin = (part == 1) & np.isin(groups, groups[part == 2])
    if twin.sum() == (part == 1).sum():
        raise FoveateError(
            f"every training image shows an asset in a scene that {config.test or 'the test split'} shows too.",
            "hold out assets or scenes, not views of them",
        )
    if twin.any():
        warn(f"{int(twin.sum()):,} training rows show an asset in a scene that a test row shows: they are left out")
    return dataset.select(np.flatnonzero(~twin))
