"""Which fields of a struct are factors, and what their values become."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from datasets import Dataset

from foveate.core.errors import FoveateError
from foveate.probing.factors import columns


def dataset(**fields: list[Any]) -> Dataset:
    rows = [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]
    return Dataset.from_dict({"factors": rows})


def test_texts_booleans_and_few_numbers_are_values() -> None:
    found = columns.read(
        dataset(world=["b", "a", None, "b"], lit=[True, False, True, True], size=[1.5, 0.7, 0.7, 10.0])
    )
    world, lit, size = found.factors.values()
    assert world.names == ("a", "b")
    assert world.codes.tolist() == [1, 0, -1, 1]
    assert world.known.tolist() == [True, True, False, True]
    assert lit.names == ("no", "yes")
    assert size.names == ("0.7", "1.5", "10"), "by size, not by spelling"
    assert size.numbers is None


def test_many_numbers_are_a_quantity_in_bins_of_training_rows() -> None:
    values = [float(x) for x in range(40)] + [1000.0]
    train = np.arange(41) < 40
    factor = columns.read(dataset(kelvin=values), train=train).factors["kelvin"]
    assert factor.numbers is not None
    assert len(factor.names) == columns.BINS
    assert np.bincount(factor.codes[train]).tolist() == [8] * 5
    assert factor.codes[40] == 4, "a test row falls into a bin and moves none"
    assert factor.names[0] == "0 … 7"
    assert len(np.unique(factor.exact)) == 41
    assert not factor.angle
    assert columns.read(dataset(light_azimuth=values)).factors["light_azimuth"].angle


def test_what_is_no_factor_is_left_out_with_its_reason() -> None:
    found = columns.read(
        dataset(
            scene=["a#1", "a#1", "b#2", "b#2"] * 3,
            fog=[0.0] * 12,
            seed=list(range(12)),
            noise_seed=[1, 2] * 6,
            name=[f"n{i}" for i in range(12)],
            place=["x", "x", "y", "y"] * 3,
            extra=["p", "q"] * 6,
            light=["day", "night", "night", "day"] * 3,
        ),
        ignore=("extra",),
    )
    assert list(found.factors) == ["scene", "light"]
    assert dict(found.left_out) == {
        "fog": "it has one value",
        "seed": "a seed",
        "noise_seed": "a seed",
        "name": "each row has a value of its own",
        "place": "it says the same as scene",
        "extra": "ignored (--ignore)",
    }


def test_a_picture_speaks_of_the_factor_that_it_varies() -> None:
    data = dataset(size=[1, 2, 1, 1], yaw=[0, 0, 90, 0], world=["a", "b", "a", "b"])
    data = data.add_column("varied", ["default", "size", "yaw", "default"])
    found = columns.read(data).factors
    assert found["size"].applies.tolist() == [True, True, False, True]
    assert found["yaw"].applies.tolist() == [True, False, True, True]
    assert found["world"].applies.all(), "what no picture varies alone is read on all"


def test_what_tells_what() -> None:
    scene, world = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1])
    assert columns.determines(scene, world)
    assert not columns.determines(world, scene)
    assert not columns.determines(np.arange(6), world), "a value that never comes twice is no evidence"


@pytest.mark.parametrize(
    ("data", "ignore", "words"),
    [
        (Dataset.from_dict({"label": [1, 2]}), (), "no column 'factors'"),
        (Dataset.from_dict({"factors": ["red", "blue"]}), (), "no column 'factors'"),
        (dataset(fog=[0.0, 0.0]), (), "one value"),
        (dataset(fog=[0.0, 1.0]), ("fgo",), "--ignore fgo"),
    ],
)
def test_a_mistake_has_a_remedy(data: Dataset, ignore: tuple[str, ...], words: str) -> None:
    with pytest.raises(FoveateError, match=words):
        columns.read(data, ignore=ignore)
