"""The shipped rendered set: whole, labelled by what is largest, its captions true and its parts disjoint."""

from __future__ import annotations

import numpy as np

import foveate
from foveate.rendering.captions import parse
from foveate.rendering.palette import Palette


def test_both_parts_are_whole_and_disjoint() -> None:
    train, test = foveate.load_data("builtin:tabletop"), foveate.load_data("builtin:tabletop@test")
    assert 1800 <= len(train) + len(test) <= 2000
    assert not set(train["id"]) & set(test["id"])
    assert train.features["label"].names == test.features["label"].names
    assert len(train.features["label"].names) >= 40


def test_masks_objects_labels_and_captions_agree() -> None:
    palette = Palette()
    test = foveate.load_data("builtin:tabletop@test")
    names = test.features["label"].names
    for row in test.select(range(0, len(test), 6)):
        mask = np.asarray(row["mask"])
        assert mask.shape == (64, 64)
        assert row["image"].size == (64, 64)
        assert {thing["mask_id"] for thing in row["objects"]} == set(np.unique(mask)) - {0}
        largest = max(row["objects"], key=lambda thing: (mask == thing["mask_id"]).sum())
        assert names[row["label"]] == largest["label"]
        for thing in row["objects"]:
            ys, xs = np.nonzero(mask == thing["mask_id"])
            assert thing["box"] == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        told = parse(row["caption"], palette)
        assert [one.name for one in told.things] == [thing["label"] for thing in row["objects"]]
        assert told.world == row["factors"]["world"]
        assert row["caption"] in row["captions"]
        assert not {one["caption"] for one in row["negatives"]} & set(row["captions"])
