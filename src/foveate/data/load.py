"""From an address to a dataset with the agreed columns, and to the pair of train and test rows a verb works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foveate.core.address import Address, Rows, parse
from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.data.columns import ALIASES, agree, has_labels, ids, labels, shuffle_order
from foveate.data.library import library
from foveate.data.registry import SCHEMES, Scheme
from foveate.data.splits import choose

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Pair:
    """Train and test rows with one list of classes.

    Attributes:
        train, test: datasets; where both have labels, the same class has the same number in both.
        how: in words, where the test rows come from.
        divided: whether both are parts of one set that ``load_pair`` divided itself, so that a verb may divide it otherwise.
    """

    train: Dataset
    test: Dataset
    how: str
    divided: bool = False


def load(address: str, *, split: str | None = None) -> Dataset:
    """The rows behind an address.

    Args:
        address: e.g. ``folder:photos``, ``builtin:digits@test``, ``parquet:rows.parquet[0:500]``.
        split: instead of the one in the address.

    Returns:
        A dataset with ``image`` (kept encoded), ``id`` (unique), ``label`` (ClassLabel) where there is one, and the
        source's other columns. With a slice: rows of the fixed shuffle by id, in its order; else the source's order.

    Raises:
        FoveateError: nothing there, or nothing usable; an empty slice.
    """
    parsed, scheme = _scheme(address)
    asked = split or parsed.split_at()[1]
    if asked and scheme.splits is None:
        raise FoveateError(
            f"'{parsed.scheme}:' data has no splits, so {address} has no '{asked}'.",
            "leave @… out: each split is an address of its own",
        )
    dataset = agree(scheme.load(parsed, split), str(parsed))
    if not dataset.num_rows:
        raise FoveateError(f"{address} has no rows.", "check the path: it should hold images")
    return dataset if parsed.rows is None else _slice(dataset, parsed.rows, address)


def stream(address: str, *, split: str | None = None) -> IterableDataset:
    """The rows behind an address one after the other, for data that does not fit; no slices, labels as they stand.

    Raises:
        FoveateError: the scheme cannot stream, or the address has a slice.
    """
    parsed, scheme = _scheme(address)
    if scheme.stream is None:
        raise FoveateError(f"'{parsed.scheme}:' data is not streamed.", "load it: it is mapped from the disk as it is")
    if parsed.rows is not None:
        raise FoveateError(f"a stream has no slices, so {address} cannot be streamed.", "leave [a:b] out, or load it")
    rows = scheme.stream(parsed, split)
    known = list(rows.features or rows.column_names or [])
    for agreed, aliases in ALIASES.items():
        found = next((alias for alias in aliases if alias in known), None)
        if found is not None and found != agreed:
            rows = rows.rename_column(found, agreed)
    return rows


def load_pair(data: str, test: str | None = None) -> Pair:
    """Train and test rows for a verb that needs both.

    Test rows are ``test`` where it is given; else, where ``data`` means the train split of a set that has a test
    (or only a validation) split, that split, whole; else a fixed 80/20 division by id, stratified by label. A set's own
    split that shows classes which the train rows do not have, held out to be met for the first time, is left aside.

    Raises:
        FoveateError: as ``load``; classes in ``test`` that train does not have; too few rows to divide.
    """
    train = load(data)
    if test is not None:
        return Pair(train, match_labels(load(test), train, test), f"test rows: {test}")
    own = _own_test(data)
    if own is not None:
        held, name = own
        if unknown := _unknown(held, train):
            warn(
                f"{name} has classes that the train rows do not have ({', '.join(unknown[:5])}): it is left aside, "
                "and a fifth of the train rows held out"
            )
        elif has_labels(held) or not has_labels(train):
            return Pair(train, match_labels(held, train, name), f"test rows: the set's own split, {name}")
    rows, held_rows = divide(train)
    if not len(held_rows) or not len(rows):
        raise FoveateError(
            f"{data} has too few rows to hold some out as test: {train.num_rows:,}, of no class two.",
            "give more images, or --test DATA",
        )
    how = f"test rows: a fixed fifth of {data}, by id" + (", stratified by label" if has_labels(train) else "")
    return Pair(train.select(rows), train.select(held_rows), how, divided=True)


def divide(dataset: Dataset, share: float = TEST_SHARE) -> tuple[list[int], list[int]]:
    """Rows kept and rows held out: of each class the first ``share`` in the order of the fixed shuffle by id.

    The same ids are held out whatever order they come in. A class of one row stays with the kept ones.
    """
    names = ids(dataset)
    codes = labels(dataset)[0] if has_labels(dataset) else np.zeros(len(names), np.int64)
    order = shuffle_order(names)
    held = np.zeros(len(names), bool)
    for code in np.unique(codes):
        members = order[codes[order] == code]
        count = max(round(share * len(members)), 1) if len(members) > 1 else 0
        held[members[:count]] = True
    return np.flatnonzero(~held).tolist(), np.flatnonzero(held).tolist()


def match_labels(other: Dataset, reference: Dataset, name: str) -> Dataset:
    """``other`` with its classes numbered as in ``reference``, by name; unchanged where either has no labels.

    Raises:
        FoveateError: ``other`` has rows of classes that the reference does not know.
    """
    if not (has_labels(other) and has_labels(reference)):
        return other
    codes, own = labels(other)
    names = labels(reference)[1]
    if own == names:
        return other
    if unknown := _unknown(other, reference):
        raise FoveateError(
            f"{name} has classes that the train rows do not have: {', '.join(unknown[:5])}; train has {', '.join(names[:5])}"
            + (" …" if len(names) > 5 else "")
            + ".",
            "give both the same class names (folder names, or the names of the label column)",
        )
    place = {label: code for code, label in enumerate(names)}
    table = np.array([place.get(label, -1) for label in own], dtype=np.int64)
    matched = other.remove_columns("label")
    return matched.add_column("label", table[codes], feature=library().ClassLabel(names=names))


def _unknown(other: Dataset, reference: Dataset) -> list[str]:
    """Classes that rows of ``other`` show and the reference has no name for."""
    if not (has_labels(other) and has_labels(reference)):
        return []
    codes, own = labels(other)
    names = set(labels(reference)[1])
    return [own[code] for code in np.unique(codes) if own[code] not in names]


def _scheme(address: str) -> tuple[Address, Scheme]:
    parsed = parse(address, SCHEMES)
    return parsed, SCHEMES.load(parsed.scheme)


def _slice(dataset: Dataset, rows: Rows, address: str) -> Dataset:
    total = dataset.num_rows
    start, stop = rows.start or 0, total if rows.stop is None else rows.stop
    if start >= total:
        raise FoveateError(
            f"the slice {rows} of {address} is empty: there are {total:,} rows.", f"use [a:b] within 0 … {total}"
        )
    if stop > total:
        warn(f"{address} asks for rows up to {stop:,}; there are {total:,}")
    return dataset.select(shuffle_order(ids(dataset))[start:stop])


def _own_test(data: str) -> tuple[Dataset, str] | None:
    """The set's own test split, where ``data`` means its train split."""
    parsed, scheme = _scheme(data)
    available = scheme.splits(parsed) if scheme.splits is not None else []
    named = parsed.split_at()[1]
    if "train" not in available or choose(named if available else None, available, parsed) != "train":
        return None
    split = next((name for name in ("test", "validation") if name in available), None)
    if split is None:
        return None
    base = parsed.split_at()[0]
    return load(f"{parsed.scheme}:{base}", split=split), f"{parsed.scheme}:{base}@{split}"
