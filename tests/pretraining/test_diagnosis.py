from __future__ import annotations

import pytest

from foveate.pretraining.diagnosis import diagnose

START = {"std": 0.2, "std_projector": 0.18, "directions_projector": 1.5, "width_projector": 128}
HEALTHY = START | {"directions_projector": 60.0, "fallen_std": 0.95, "fallen_spread": 0.6}


def test_a_healthy_run_and_an_untrained_encoder_are_left_alone() -> None:
    assert diagnose({}) is None
    assert diagnose(START) is None
    assert diagnose(HEALTHY) is None


@pytest.mark.parametrize("place", ["", "_projector"])
def test_a_constant_is_named_with_its_place(place: str) -> None:
    sentence = diagnose(START | {f"std{place}": 1e-4})
    assert sentence is not None
    assert sentence.startswith("collapsed")
    assert (place.strip("_") or "backbone") in sentence


@pytest.mark.parametrize("fall", [{"fallen_std": 0.2}, {"fallen_spread": 0.001}])
def test_a_fall_during_training_is_named_at_the_end_that_is_trained(fall: dict[str, float]) -> None:
    sentence = diagnose(HEALTHY | fall)
    assert sentence is not None
    assert "at the projector" in sentence
    assert "at the backbone" in str(diagnose({"std": 0.3, "fallen_std": 1.0, "fallen_spread": 1.0} | fall))


def test_few_directions_are_named_but_not_before_training_nor_for_narrow_heads() -> None:
    flat = HEALTHY | {"directions_projector": 1.3}
    assert "dimensional" in str(diagnose(flat))
    assert diagnose(flat | {"width_projector": 2}) is None
    assert diagnose(START) is None
