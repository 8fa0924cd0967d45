"""Which pairs and which effects the measures are given: the label counts as a factor where none says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foveate.probing.config import Probe
from foveate.probing.factors import columns, geometry, table

from .conftest import FACTORS, grid, write


@pytest.fixture
def rows(tmp_path: Path) -> table.Table:
    data = write(tmp_path / "t.parquet", grid(repeats=2))
    config = Probe(encoder="random:foveate:resnet9", data=data, task="factors")
    return table.build(table.load(config), config)


def codes(rows: table.Table, name: str) -> np.ndarray:
    return np.eye(FACTORS[name])[rows.factors[name].codes].astype(np.float32)


def test_the_label_is_held_equal(rows: table.Table) -> None:
    """Features that tell the label alone do not move with a factor."""
    x = np.eye(3)[rows.labels].astype(np.float32)
    found = geometry.move({"trained": x, "untrained": codes(rows, "colour")}, rows.factors["colour"], rows, seed=0)
    assert found is not None
    assert found.free == ()
    assert found.distance["trained"][:3] == (0, 0, 0)
    assert np.isnan(found.equivariance["trained"].translation.value)
    # Every pair differs where of random pairs 3 in 4 do.
    assert found.distance["untrained"].value == pytest.approx(4 / 3, rel=0.01)
    assert found.equivariance["untrained"].translation.value == pytest.approx(1)


def test_the_label_is_an_effect(rows: table.Table) -> None:
    label = np.eye(3)[rows.labels].astype(np.float32)
    product = np.einsum("na,nb->nab", codes(rows, "colour"), label).reshape(len(rows), -1)
    found = geometry.add_up(
        {"trained": np.concatenate([label, codes(rows, "tilt")], 1), "pixels": product}, rows, seed=0
    )
    assert found["trained"].main.value == pytest.approx(1, abs=1e-3)
    assert found["trained"].cells[0] == sum(FACTORS.values()) + 3
    assert found["pixels"].main.high < 0.6
    assert found["pixels"].pairwise is not None
    assert found["pixels"].pairwise.value > 0.95


def test_too_few_pairs_are_no_measure(rows: table.Table) -> None:
    tilt = rows.factors["tilt"]
    few = columns.Factor(**{**tilt.__dict__, "applies": np.arange(len(rows)) < 9})
    assert geometry.move({"trained": codes(rows, "tilt")}, few, rows, seed=0) is None
