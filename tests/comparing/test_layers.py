"""Similarity of planted features with known answers, and pairings that must be refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foveate.comparing.layers import Layers, check_pairing, compare, self_similarity
from foveate.core.errors import FoveateError

N = 500
IDS = tuple(f"image-{i}" for i in range(N))


def layers(letter: str, *arrays: np.ndarray, ids: tuple[str, ...] = IDS, digests: tuple[bytes, ...] = ()) -> Layers:
    taps = tuple(f"blocks.{i}:mean" for i in range(len(arrays)))
    return Layers(letter=letter, name=f"planted:{letter}", taps=taps, arrays=arrays, ids=ids, digests=digests)


def gaussian(seed: int, width: int = 192) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(N, width)).astype(np.float32)


def test_independent_features_read_zero():
    """The biased form reads .28 here."""
    values = [compare(layers("A", gaussian(i)), layers("B", gaussian(100 + i)), seed=0).last.value for i in range(10)]
    assert max(map(abs, values)) < 0.02


def test_rotation_and_scale_change_nothing():
    x = gaussian(0, 64)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(64, 64)))[0].astype(np.float32)
    pair = compare(layers("A", x), layers("B", 3.7 * x @ rotation + 5), seed=0)
    assert pair.last.value == pytest.approx(1, abs=1e-5)
    assert self_similarity(layers("A", x), seed=0)[0].value == pytest.approx(1, abs=1e-6)


def test_a_tap_that_is_the_same_for_every_image_is_named():
    dull = np.ones((N, 8), np.float32)
    estimate, constant = self_similarity(layers("A", dull, gaussian(0, 8)), seed=0)
    assert constant == ["blocks.0:mean"]
    assert estimate.value == pytest.approx(1, abs=1e-6)
    assert np.isnan(self_similarity(layers("A", dull), seed=0)[0].value)


def test_a_known_mixture_has_its_closed_form():
    """y = x + s·noise of equal width: debiased CKA of white features is 1 / (1 + s²)."""
    random = np.random.default_rng(2)
    x = random.normal(size=(N, 64)).astype(np.float32)
    for s in (0.5, 1.0):
        y = x + s * random.normal(size=x.shape).astype(np.float32)
        assert compare(layers("A", x), layers("B", y), seed=0).last.value == pytest.approx(1 / (1 + s * s), abs=0.05)


def test_controls_behave_and_the_second_measure_agrees():
    x = gaussian(0, 32)
    y = x + 0.3 * gaussian(1, 32)
    pair = compare(layers("A", x), layers("B", y), seed=0, untrained=(gaussian(5), gaussian(6)))
    assert pair.last.value > 0.8
    assert abs(pair.independent.value) < 0.03
    assert pair.independent.low <= 0.01
    assert pair.neighbours.value > 5 * pair.by_chance
    assert pair.untrained is not None
    assert abs(pair.untrained.value) < 0.02


def test_every_layer_meets_every_other():
    x, y, z = gaussian(0, 32), gaussian(1, 48), gaussian(2, 16)
    pair = compare(layers("A", x, y), layers("B", z, x, y), seed=0)
    assert pair.layers.value.shape == (2, 3)
    assert pair.layers.value[0, 1] == pytest.approx(1, abs=1e-5)
    assert pair.layers.value[1, 2] == pytest.approx(1, abs=1e-5)
    assert pair.name == "A~B"
    assert (pair.layers.low <= pair.layers.value).all()
    assert (pair.layers.value <= pair.layers.high).all()


def test_shuffled_pairing_is_refused():
    x = gaussian(0)
    a = layers("A", x)
    order = np.random.default_rng(0).permutation(N)
    shuffled = replace(layers("B", x[order]), ids=tuple(IDS[i] for i in order))
    with pytest.raises(FoveateError, match="another order"):
        compare(a, shuffled, seed=0)
    with pytest.raises(FoveateError, match="other images"):
        compare(a, replace(a, letter="B", ids=tuple(f"x{i}" for i in range(N))), seed=0)


def test_the_same_ids_of_other_pictures_are_refused():
    digests = tuple(i.to_bytes(16, "big") for i in range(N))
    a = layers("A", gaussian(0), digests=digests)
    check_pairing(a, replace(a, letter="B"))
    with pytest.raises(FoveateError, match="other pictures"):
        check_pairing(a, replace(a, letter="B", digests=digests[::-1]))


def test_too_few_images_are_refused():
    few = Layers(letter="A", name="x", taps=("pooled",), arrays=(gaussian(0)[:10],), ids=IDS[:10])
    with pytest.raises(FoveateError, match="too few"):
        compare(few, replace(few, letter="B"), seed=0)
