from __future__ import annotations

from foveate.pretraining.diagnosis import diagnose

START = {
    "std": 0.2, "spread": 0.07, "rankme": 50.0, "width": 256,
    "std_projector": 0.18, "spread_projector": 0.02, "rankme_projector": 25.0, "width_projector": 128,
}  # fmt: skip


def test_a_healthy_run_is_left_alone() -> None:
    healthy = START | {"std": 0.5, "spread": 0.4, "std_projector": 0.75, "spread_projector": 0.4}
    assert diagnose([]) is None
    assert diagnose([START]) is None
    assert diagnose([START, healthy]) is None


def test_one_embedding_for_all_images_is_named_with_its_place() -> None:
    sentence = diagnose([START, START | {"std_projector": 0.01}])
    assert sentence is not None
    assert sentence.startswith("collapsed")
    assert "projector" in sentence
    assert "backbone" in str(diagnose([START, START | {"std": 0.001}]))


def test_embeddings_that_shrink_to_a_point_are_named_though_they_point_everywhere() -> None:
    sentence = diagnose([START, START | {"spread_projector": 1e-5, "std_projector": 0.9}])
    assert sentence is not None
    assert sentence.startswith("collapsed")


def test_a_constant_encoder_is_named_before_it_is_trained() -> None:
    assert diagnose([START | {"std": 0.0, "spread": 0.0, "std_projector": 0.0, "spread_projector": 0.0}]) is not None


def test_few_directions_are_named_but_not_before_training_nor_for_narrow_heads() -> None:
    flat = START | {"rankme_projector": 1.8, "spread_projector": 0.5}
    assert "dimensional" in str(diagnose([START, flat]))
    assert diagnose([flat]) is None
    assert diagnose([START, flat | {"width_projector": 2}]) is None


def test_without_a_projector_the_backbone_is_read() -> None:
    start = {key: value for key, value in START.items() if "projector" not in key}
    assert diagnose([start, start | {"spread": 0.0}]) is not None
    assert diagnose([start, start]) is None
