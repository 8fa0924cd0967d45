"""Robustness of a classifier with ImageNet's classes: its own answers, as one factor after the other leaves the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foveate.core import clusters
from foveate.core.estimate import Estimate
from foveate.probing.factors.columns import Factor, determines
from foveate.probing.factors.table import Table

CLASSES = 1000
NAMED = 0.5
"""The share of default views in which a model must name an asset for its curves to mean anything."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One factor's values.

    Attributes:
        top1: value → share of pictures named right, over assets above the floor.
        drop: value → the same pictures' answers less those in the default view of the same asset; without the default itself.
        default: the default value.
    """

    top1: Mapping[str, Estimate]
    drop: Mapping[str, Estimate]
    default: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a head of 1000 classes answers.

    Attributes:
        right: bool [n], whether the answer is one of the row's classes; only meaningful where ``listed``.
        listed: bool [n], rows with at least one class of ImageNet. top1: over all of those; chance: classes a row / 1000.
        kept, floor: names of assets above and at the floor. default: bool [n], rows of the default view. curves: by factor.
        by_class: label → (top-1, top-5) in default views.
    """

    right: Bool[np.ndarray, " n"]
    listed: Bool[np.ndarray, " n"]
    top1: Estimate
    chance: float
    kept: tuple[str, ...]
    floor: tuple[str, ...]
    default: Bool[np.ndarray, " n"]
    curves: Mapping[str, Curve]
    by_class: Mapping[str, tuple[Estimate, Estimate]]


def measure(
    logits: Float[np.ndarray, "n 1000"], classes: list[list[int]], table: Table, assets: Factor | None
) -> Head | None:
    """Top-1 by factor; None where no row is listed in a default view.

    Args:
        classes: of each row, the indices that count as right. assets: who is in the picture; None: the label tells.
    """
    answers = logits.argmax(axis=1).tolist()
    right = np.array([answer in own for answer, own in zip(answers, classes, strict=True)])
    listed = np.array([len(own) > 0 for own in classes])
    who = table.labels if assets is None else assets.exact
    names = table.names if assets is None else list(assets.texts)
    default = _alone(None, table, who) & listed
    if not default.any():
        return None
    seen = np.unique(who[default])
    named = {int(asset): right[default & (who == asset)].mean() for asset in seen}
    kept = [asset for asset, share in named.items() if share >= NAMED]
    rows = listed & np.isin(who, kept)
    return Head(
        right=right,
        listed=listed,
        top1=clusters.share(right[listed], who[listed]),
        chance=float(np.mean([len(own) for own in classes if own]) / CLASSES),
        kept=tuple(names[asset] for asset in kept),
        floor=tuple(names[asset] for asset, share in named.items() if share < NAMED),
        default=default,
        curves={
            name: curve
            for name, factor in table.factors.items()
            if not determines(factor.exact, who) and not determines(who, factor.exact)
            if (curve := _curve(factor, right, rows, default, who, table)) is not None
        },
        by_class=_by_class(logits, right, classes, default, who, table),
    )


def _by_class(
    logits: Float[np.ndarray, "n 1000"],
    right: Bool[np.ndarray, " n"],
    classes: list[list[int]],
    default: Bool[np.ndarray, " n"],
    who: Int[np.ndarray, " n"],
    table: Table,
) -> dict[str, tuple[Estimate, Estimate]]:
    """Top-1 and top-5 of each label in its default views; an answer counts if it is any of the row's classes."""
    best = np.argpartition(logits, -5, axis=1)[:, -5:]
    among = np.array([bool(set(five) & set(own)) for five, own in zip(best.tolist(), classes, strict=True)])
    found = {}
    for code, name in enumerate(table.names):
        rows = default & (table.labels == code)
        if rows.any():
            found[name] = (clusters.share(right[rows], who[rows]), clusters.share(among[rows], who[rows]))
    return found


def _alone(factor: Factor | None, table: Table, who: Int[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Rows of the default view, and those that differ from it in one factor alone.

    By the column ``varied``; without it the default is the most frequent value of every factor. What tells the asset, or the
    factor, or follows from the asset, is free.
    """
    if table.varied is not None:
        return np.isin(table.varied, ["default"] if factor is None else ["default", factor.name])
    rows = np.ones(len(table), dtype=bool)
    for other in table.factors.values():
        tells_asset = determines(other.exact, who) or determines(who, other.exact)
        tells_factor = factor is not None and determines(other.exact, factor.exact)
        if not tells_asset and not tells_factor:
            rows &= other.exact == np.bincount(other.exact[other.exact >= 0]).argmax()
    return rows


def _curve(
    factor: Factor,
    right: Bool[np.ndarray, " n"],
    rows: Bool[np.ndarray, " n"],
    default: Bool[np.ndarray, " n"],
    who: Int[np.ndarray, " n"],
    table: Table,
) -> Curve | None:
    """A factor's curve, on pictures that differ from the default view in it alone."""
    mine = rows & factor.known & _alone(factor, table, who)
    usual = int(np.bincount(factor.codes[default & factor.known]).argmax()) if (default & factor.known).any() else -1
    if usual < 0 or not mine.any():
        return None
    # The answer in the default view at the usual value: of the same asset in the same scene, else of the same asset.
    base = default & rows & (factor.codes == usual)
    by_group, by_asset = (_means(right, base, keys) for keys in (table.groups, who))
    mine &= np.isin(who, list(by_asset))
    top1: dict[str, Estimate] = {}
    drop: dict[str, Estimate] = {}
    for code, name in enumerate(factor.names):
        at = np.flatnonzero(mine & (factor.codes == code))
        if not len(at):
            continue
        top1[name] = clusters.share(right[at], who[at])
        if code != usual:
            twin = np.array([by_group.get(int(table.groups[row]), by_asset[int(who[row])]) for row in at])
            drop[name] = clusters.difference(right[at], twin, who[at])
    return Curve(top1=top1, drop=drop, default=factor.names[usual]) if drop else None


def _means(
    right: Bool[np.ndarray, " n"], rows: Bool[np.ndarray, " n"], keys: Int[np.ndarray, " n"]
) -> dict[int, float]:
    names, place = np.unique(keys[rows], return_inverse=True)
    means = np.bincount(place, right[rows]) / np.bincount(place) if len(names) else np.zeros(0)
    return dict(zip(names.tolist(), means.tolist(), strict=True))
