"""Captions follow from factors; a planted reader of known accuracy gets that accuracy."""

from __future__ import annotations

import numpy as np

from foveate.measures import retrieval
from foveate.probing.factors.captions import STAGES, exam

BY_NAME = {stage.name: stage for stage in STAGES}
FACTORS = {
    "world": ["meadow", "desert", "street", "meadow"],
    "object": ["zebra", "zebra", "horse", None],
    "position": ["left", "right", "left", "left"],
    "material": ["fur", "fur", "fur", "fur"],
}


def test_captions_are_filled_and_stand_once() -> None:
    found = exam(BY_NAME["object-world"], FACTORS)
    assert found is not None
    assert found.rows.tolist() == [0, 1, 2]
    assert [found.captions[index] for index in found.own] == [
        "This is a photo of a zebra in a meadow environment",
        "This is a photo of a zebra in a desert environment",
        "This is a photo of a horse in a street environment",
    ]
    assert len(set(found.captions)) == len(found.captions) == 3


def test_a_hard_negative_is_wrong_in_one_factor() -> None:
    found = exam(BY_NAME["position"], FACTORS)
    assert found is not None
    assert found.negatives[0] == "This is a photo of a zebra on the right of the picture"
    assert found.negatives[1] == "This is a photo of a zebra on the left of the picture"
    worlds = exam(BY_NAME["world"], FACTORS)
    assert worlds is not None
    own = [worlds.captions[index] for index in worlds.own]
    assert all(a != b and b in worlds.captions for a, b in zip(own, worlds.negatives, strict=True))


def test_a_stage_that_the_table_cannot_ask_is_none() -> None:
    assert exam(BY_NAME["material"], FACTORS) is None, "one material: nothing to swap"
    assert exam(BY_NAME["world"], {"object": ["zebra"]}) is None


def test_a_reader_of_objects_alone_knows_no_positions() -> None:
    """A planted text encoder: the object decides its vector. It finds the object, and is at chance for its place."""
    random = np.random.default_rng(0)
    things, places = ["zebra", "horse", "cow", "goat"], ["left", "right"]
    factors = {"object": random.choice(things, 200).tolist(), "position": random.choice(places, 200).tolist()}
    vectors = dict(zip(things, np.eye(4), strict=True))
    images = np.stack([vectors[thing] for thing in factors["object"]])

    def read(texts: tuple[str, ...]) -> np.ndarray:
        return np.stack([next(vector for thing, vector in vectors.items() if thing in text) for text in texts])

    objects, positions = (exam(BY_NAME[name], factors) for name in ("object", "position"))
    assert objects is not None
    assert positions is not None
    assert retrieval.top_k(images, read(objects.captions), objects.own)[1].mean() == 1
    assert retrieval.top_k(images, read(positions.captions), positions.own)[1].mean() == 0.5
    own = tuple(positions.captions[index] for index in positions.own)
    blind = retrieval.two_way(images, read(own), read(positions.negatives))
    assert retrieval.accuracy(blind).value == 0.5
