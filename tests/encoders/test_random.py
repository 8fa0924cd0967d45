"""Untrained networks of a name."""

from __future__ import annotations

import pytest

from foveate.encoders.load import load


@pytest.mark.parametrize(
    ("short", "long"), [("random:test_vit", "random:timm:test_vit"), ("random:foveate:resnet9", "foveate:resnet9")]
)
def test_spellings_of_the_same(short, long):
    assert load(short).fingerprint == load(long).fingerprint


def test_a_tag_gives_its_preprocessing_but_no_weights():
    encoder = load("random:test_vit.r160_in1k")
    assert encoder.preprocess.size == (160, 160)
    assert encoder.fingerprint != load("random:test_vit.r160_in1k", seed=1).fingerprint
