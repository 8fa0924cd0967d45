"""Taps in canonical spelling, the headline first."""

from __future__ import annotations

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.probing.taps import probe_taps

ENCODER = "random:foveate:resnet9"


def test_all_taps_start_with_pooled():
    assert probe_taps(load(ENCODER), ("all",))[:3] == ("pooled", "stem:mean", "stages.0:mean")


def test_a_tap_stands_once_and_gives_one_vector_an_image():
    assert probe_taps(load(ENCODER), ("stages.1", "stages.1:mean", "pooled")) == ("stages.1:mean", "pooled")
    with pytest.raises(FoveateError, match="tokens"):
        probe_taps(load(ENCODER), ("stages.1:tokens",))
