"""The column ``factors`` as arrays: which fields are factors, what their values are, and which rows speak of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

MOST_NUMBERS = 8
"""Distinct numbers up to which each is a value of its own; more are a quantity, read by regression and sliced in bins."""
BINS = 5
_SEED = re.compile(r"(^|_)seed$")
_ANGLE = re.compile(r"(^|_)(yaw|pitch|roll|azimuth)$")


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One field of ``factors``.

    Attributes:
        name: of the field. names: of its values, in order; of a quantity, of its bins.
        codes: each row's value or bin, -1 where it has none.
        exact: each row's own value as a code, not binned: equal where the values are; texts: what they are called.
        numbers: of a quantity, each row's number, NaN where it has none; else None.
        applies: the rows that speak of the factor: all, or in a table whose pictures vary one factor at a time (column
            ``varied``) those that vary it and those of the default view.
    """

    name: str
    names: tuple[str, ...]
    codes: Int[np.ndarray, " n"]
    exact: Int[np.ndarray, " n"]
    texts: tuple[str, ...]
    numbers: Float[np.ndarray, " n"] | None
    applies: Bool[np.ndarray, " n"]

    @property
    def angle(self) -> bool:
        """Whether it is a direction in degrees, by its name: then 359 and 1 are neighbours."""
        return _ANGLE.search(self.name) is not None

    @property
    def known(self) -> Bool[np.ndarray, " n"]:
        """Rows that apply and have a value."""
        return self.applies & (self.codes >= 0)


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What became of the fields: factors by name, and (name, reason) of those that are none."""

    factors: Mapping[str, Factor]
    left_out: tuple[tuple[str, str], ...]


def varied(dataset: Dataset) -> list[str] | None:
    """Which factor each picture varies (``default``: none), or None where the table does not say."""
    if "varied" not in dataset.column_names:
        return None
    return [value or "" for value in dataset.with_format("arrow").select_columns("varied")[:]["varied"].to_pylist()]


def field(dataset: Dataset, name: str) -> Factor | None:
    """One field as it stands, whether or not it varies; None where there is none of that name."""
    column = _struct(dataset).get(name)
    return None if column is None else _factor(name, column, None, None)


def read(dataset: Dataset, *, ignore: tuple[str, ...] = (), train: Bool[np.ndarray, " n"] | None = None) -> Fields:
    """The factors of a dataset.

    Left out are seeds, fields of one value, texts that name each row, fields that say the same as an earlier one, and
    what ``ignore`` names.

    Args:
        train: the rows whose quantiles the bins of quantities follow; None: all.

    Raises:
        FoveateError: no column of factors, an unknown field to ignore, nothing that varies.
    """
    columns = _struct(dataset)
    if unknown := [name for name in ignore if name not in columns]:
        raise FoveateError(f"--ignore {unknown[0]}: there is no such factor.", f"there are: {', '.join(columns)}")
    changes = varied(dataset)
    factors: dict[str, Factor] = {}
    left_out: list[tuple[str, str]] = []
    for name, column in columns.items():
        if name in ignore or _SEED.search(name):
            left_out.append((name, "a seed" if name not in ignore else "ignored (--ignore)"))
            continue
        factor = _factor(name, column, changes, train)
        if reason := _useless(factor, factors):
            left_out.append((name, reason))
        else:
            factors[name] = factor
    if not factors:
        raise FoveateError(
            f"none of the factors varies ({left_out[0][0]}: {left_out[0][1]}).",
            "give images of at least two values of a factor",
        )
    return Fields(factors=factors, left_out=tuple(left_out))


def same(a: Int[np.ndarray, " n"], b: Int[np.ndarray, " n"]) -> bool:
    """Whether two codings divide the rows alike."""
    return determines(a, b) and determines(b, a)


def determines(a: Int[np.ndarray, " n"], b: Int[np.ndarray, " n"]) -> bool:
    """Whether each value of ``a`` goes with one value of ``b``, by rows enough: two or more a value, in the mean."""
    values = len(np.unique(a))
    return len(a) >= 2 * values and len(np.unique(np.stack([a, b], axis=1), axis=0)) == values


def _struct(dataset: Dataset) -> dict[str, pa.Array]:
    import pyarrow as pa

    column = None
    if "factors" in dataset.column_names:
        column = dataset.with_format("arrow").select_columns("factors")[:]["factors"].combine_chunks()
        column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    if column is None or not pa.types.is_struct(column.type) or not column.type.num_fields:
        raise FoveateError(
            "the data has no column 'factors' with a field for each factor.",
            "render it with foveate, or give a Parquet table whose column 'factors' is a struct",
        )
    return dict(zip([field.name for field in column.type], column.flatten(), strict=True))


def _factor(name: str, column: pa.Array, changes: list[str] | None, train: np.ndarray | None) -> Factor:
    import pyarrow as pa

    count = len(column)
    numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64) if numeric else None
    if numbers is not None:
        given = np.isfinite(numbers)
        distinct = np.unique(numbers[given])
        names = _names(distinct.tolist())
        exact = np.where(given, np.searchsorted(distinct, np.where(given, numbers, 0)), -1)
    else:
        said = [None if value is None else _text(value) for value in column.to_pylist()]
        names = tuple(sorted({text for text in said if text is not None}))
        place = {text: code for code, text in enumerate(names)}
        exact = np.array([-1 if text is None else place[text] for text in said], dtype=np.int64)
    codes, texts = exact, names
    if numbers is not None and len(names) > MOST_NUMBERS:
        codes, names = _bins(numbers, exact, np.ones(count, bool) if train is None else train)
    else:
        numbers = None
    applies = np.ones(count, dtype=bool)
    if changes is not None and name in changes:
        applies = np.array([change in ("", "default", name) for change in changes])
    return Factor(name=name, names=names, codes=codes, exact=exact, texts=texts, numbers=numbers, applies=applies)


def _bins(
    numbers: Float[np.ndarray, " n"], exact: Int[np.ndarray, " n"], train: Bool[np.ndarray, " n"]
) -> tuple[Int[np.ndarray, " n"], tuple[str, ...]]:
    """Bins of about as many training rows each, named by their ends."""
    inner = np.quantile(numbers[train & (exact >= 0)], np.linspace(0, 1, BINS + 1)[1:-1])
    edges = np.unique(inner)
    codes = np.where(exact >= 0, np.searchsorted(edges, numbers, side="right"), -1)
    codes = np.unique(codes, return_inverse=True)[1] - int((codes < 0).any())  # without bins that hold no row
    ends = [numbers[codes == code] for code in range(int(codes.max()) + 1)]
    low, high = _names([each.min() for each in ends]), _names([each.max() for each in ends])
    return codes, tuple(f"{a} … {b}" for a, b in zip(low, high, strict=True))


def _useless(factor: Factor, others: Mapping[str, Factor]) -> str:
    """Why a field is no factor, or nothing."""
    values = np.unique(factor.exact[factor.exact >= 0])
    if len(values) < 2:
        return "it has one value" if len(values) else "it has no value"
    if factor.numbers is None and len(values) == len(factor.exact):
        return "each row has a value of its own"
    twin = next((name for name, other in others.items() if same(factor.exact, other.exact)), "")
    return f"it says the same as {twin}" if twin else ""


def _names(values: list[float]) -> tuple[str, ...]:
    """Numbers as short as they can be told apart, without powers of ten where that can be."""
    for digits in (3, 4, 6):
        short = tuple(f"{value:.{digits}g}" for value in values)
        if len(set(short)) == len(set(values)) and not any("e" in each for each in short):
            return short
    return tuple(map(repr, values))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split()) or "(empty)"
