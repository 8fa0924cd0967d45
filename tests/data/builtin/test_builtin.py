"""The built-in sets: the same on every machine, parts disjoint, and the truths they are planted with."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.data.builtin import clutter, planted
from foveate.data.builtin.drawing import scan_parts
from foveate.data.columns import has_labels, ids, labels
from foveate.data.decode import Reader
from foveate.data.load import load, load_pair
from foveate.data.pixels import PixelStore
from foveate.data.registry import BUILTINS

SIDES = {"tabletop": 64}  # pixels; the others have 32
EVERY = [(name, split) for name in BUILTINS for split in BUILTINS.load(name).splits]


def pixels(address: str) -> np.ndarray:
    return np.stack([image.pixels for image in Reader(load(address))])  # type: ignore[misc]


def knn(address: str) -> float:
    """Accuracy of the 20 nearest neighbours by the cosine of centred pixels."""
    pair = load_pair(address)
    train, test = PixelStore(pair.train, 32), PixelStore(pair.test, 32)
    base, query = (store.pixels.reshape(len(store), -1).astype(np.float32) for store in (train, test))
    mean = base.mean(0)
    base, query = ((x - mean) / np.linalg.norm(x - mean, axis=1, keepdims=True) for x in (base, query))
    near = np.argsort(-(query @ base.T), axis=1)[:, :20]
    votes = np.stack([np.bincount(row, minlength=10).argmax() for row in train.labels[near]])  # type: ignore[index]
    return float((votes == test.labels).mean())


@pytest.mark.parametrize(("name", "split"), EVERY)
def test_every_part_is_a_labelled_set_of_small_squares(name: str, split: str) -> None:
    data = load(f"builtin:{name}@{split}")
    assert has_labels(data)
    assert len(set(ids(data))) == data.num_rows >= 100
    assert set(np.unique(labels(data)[0])) == set(range(len(labels(data)[1])))
    assert {image.size for image in data[:20]["image"]} == {(SIDES.get(name, 32),) * 2}


def test_they_are_the_same_every_time() -> None:
    def digest(name: str, split: str) -> str:
        table = BUILTINS.load(name).build(split).select(range(20)).with_format("arrow")[:]
        return hashlib.blake2b(repr(table.to_pylist()).encode(), digest_size=8).hexdigest()

    assert digest("clutter", "test") == digest("clutter", "test")
    assert digest("dejavu", "public") == digest("dejavu", "public")


def test_digits_are_the_real_scans_in_a_stratified_division() -> None:
    pair = load_pair("builtin:digits")
    assert pair.train.num_rows + pair.test.num_rows == 1797
    assert not set(ids(pair.train)) & set(ids(pair.test))
    counts = np.bincount(labels(pair.test)[0])
    assert counts.min() >= 34
    assert counts.max() <= 38
    assert knn("builtin:digits") > 0.95  # why no claim about training rests on them


def test_clutter_is_hard_for_pixels_and_its_parts_share_no_scan() -> None:
    assert 0.1 < knn("builtin:clutter") < 0.35  # a small network trained on it reads .99
    train, test = scan_parts()
    assert not set(train) & set(test)


def test_clutter_fields_are_unique_and_boxes_hold_the_digit() -> None:
    images = pixels("builtin:clutter@test[0:60]")
    assert len(np.unique(images.reshape(60, -1), axis=0)) == 60
    for row in load("builtin:clutter@test[0:20]"):
        x0, y0, x1, y1 = (int(value) for value in row["objects"][0]["box"])
        bright = np.asarray(row["image"]).min(axis=2) > 185  # the field's colours end at 200, the digit's start at 190
        outside = bright.copy()
        outside[y0:y1, x0:x1] = False
        assert bright[y0:y1, x0:x1].mean() > 4 * outside.mean()
        assert row["objects"][0]["label"] == row["label"]


def test_shapes_are_balanced() -> None:
    assert np.bincount(labels(load("builtin:shapes"))[0]).tolist() == [60] * 4
    assert labels(load("builtin:shapes@test"))[1] == ["circle", "cross", "square", "triangle"]


def test_dejavu_parts_are_disjoint_and_quadrants_say_where_the_digit_is() -> None:
    parts = [planted._sources(split) for split in planted.PARTS]
    assert sum(map(len, parts)) == len(np.unique(np.concatenate(parts))) == 1797
    quadrants = []
    for row in load("builtin:dejavu@members-a[0:200]"):
        quadrant = row["factors"]["quadrant"]
        left, top = 16 * (quadrant % 2), 16 * (quadrant // 2)
        assert row["objects"] == [{"label": row["label"], "box": [left, top, left + 16, top + 16]}]
        assert not row["factors"]["correlated"]
        quadrants.append(quadrant)
    assert np.bincount(quadrants).min() > 30


def opposite(address: str) -> tuple[np.ndarray, np.ndarray]:
    """The quadrants opposite the digits, and the labels."""
    data = load(address)
    crops = []
    for row in data:
        quadrant = 3 - row["factors"]["quadrant"]
        left, top = 16 * (quadrant % 2), 16 * (quadrant // 2)
        crops.append(np.asarray(row["image"])[top : top + 16, left : left + 16].ravel().astype(np.float32))
    return np.stack(crops), labels(data)[0]


def test_the_opposite_quadrant_tells_nothing_unless_fields_are_correlated() -> None:
    def told(name: str) -> float:
        """A neighbour in raw pixels at the same quadrant: what anyone could tell who remembers nothing."""
        (query, truth), (base, known) = (opposite(f"builtin:{name}@{part}[0:600]") for part in ("members-a", "public"))
        query, base = (
            (x - base.mean(0)) / np.linalg.norm(x - base.mean(0), axis=1, keepdims=True) for x in (query, base)
        )
        return float((known[np.argmax(query @ base.T, axis=1)] == truth).mean())

    assert told("dejavu") < 0.16  # chance .10
    share = planted.CORRELATED
    assert abs(told("dejavu-correlated") - (share + (1 - share) * 0.1)) < 0.08
    shown = [row["factors"]["correlated"] for row in load("builtin:dejavu-correlated@public").select_columns("factors")]
    assert abs(np.mean(shown) - share) < 0.05


def test_duplicates_are_where_they_say() -> None:
    train = {image.id: image for image in Reader(load("builtin:duplicates@train"))}
    data = load("builtin:duplicates@test")
    kinds = []
    for image, row in zip(Reader(data), data, strict=True):
        factors = row["factors"]
        kinds.append(factors["copy"])
        if not factors["copy"]:
            assert image.digest not in {other.digest for other in train.values()}
            continue
        original = train[factors["copy_of"]]
        assert (image.encoded_digest == original.encoded_digest) == (factors["copy"] == "same")
        assert np.abs(image.pixels.astype(int) - original.pixels).mean() < 12  # type: ignore[union-attr, operator]
    assert (kinds.count("same"), kinds.count("encoded")) == (10, 10)


def test_ids_of_clutter_do_not_depend_on_how_many_are_made() -> None:
    few = clutter.make("test", rows=5).with_format("arrow")[:]
    assert few.equals(clutter.make("test", rows=9).select(range(5)).with_format("arrow")[:])


def test_a_wrong_part_names_the_right_one() -> None:
    with pytest.raises(FoveateError) as caught:
        load("builtin:dejavu@members")
    assert "members-a" in caught.value.remedy
