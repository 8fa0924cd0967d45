"""What each factor does to features: how far it moves them, whether always in the same way, and whether factors add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from foveate.core.estimate import Estimate
from foveate.measures.additivity import Additivity, Effects
from foveate.measures.invariance import Equivariance, equivariance, leading, relative_distance
from foveate.probing.factors.columns import Factor
from foveate.probing.factors.pairs import oriented, pairs, units
from foveate.probing.factors.reading import Features
from foveate.probing.factors.table import Table

FEWEST_PAIRS = 10


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a change of one factor does, by source.

    Attributes:
        pairs: how many pictures differ in it alone, in pairs. free: other factors that change with it.
        distance: mean squared distance of the pairs, relative to random pairs.
        equivariance: of changes from the value of most rows to each other one.
    """

    pairs: int
    free: tuple[str, ...]
    distance: Mapping[str, Estimate]
    equivariance: Mapping[str, Equivariance]


def axes(features: Features) -> dict[str, Tensor]:
    """What linear maps read of each source, computed once for all factors."""
    return {name: leading(x) for name, x in features.items()}


def move(
    features: Features, factor: Factor, table: Table, *, inputs: Mapping[str, Tensor] | None = None, seed: int
) -> Moved | None:
    """Measure one factor on all rows, since nothing is chosen; None where fewer than ten pairs differ in it alone.

    Args:
        inputs: ``axes(features)``; computed anew where it is None.
    """
    found = pairs(factor, table.fields, seed=seed)
    if len(found) < FEWEST_PAIRS:
        return None
    turned, change = oriented(found, factor)
    held = units(turned, table.units)
    inputs = axes(features) if inputs is None else inputs
    return Moved(
        pairs=len(found),
        free=found.free,
        distance={
            name: relative_distance(x, found.first, found.second, table.units, seed=seed)
            for name, x in features.items()
        },
        equivariance={
            name: equivariance(x, turned.first, turned.second, change, held, inputs=inputs[name], seed=seed)
            for name, x in features.items()
        },
    )


def add_up(features: Features, table: Table, *, seed: int) -> dict[str, Additivity]:
    """How much of the features a sum over factors, and the label where none says the same, explains on the test rows, by source."""
    told = [factor.codes for factor in table.factors.values()]
    codes = np.stack([*told, table.labels] if "label" in table.fields else told, axis=1)
    effects = Effects(codes[table.train], codes[table.test], table.groups[table.test], seed=seed)
    return {name: effects.explain(x[table.train], x[table.test]) for name, x in features.items()}
