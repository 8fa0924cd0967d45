from __future__ import annotations

import pytest

from foveate.pretraining.diagnosis import diagnose, diagnoses

START = {"std": 0.2, "std_projector": 0.18, "directions_projector": 1.5, "width_projector": 128}
HEALTHY = START | {"directions_projector": 60.0, "fallen_std": 0.95, "fallen_spread": 0.6} | {
    "knn": 0.5, "knn_start": 0.3, "knn_best": 0.5, "looked": 500.0, "knn_among": 0.5, "knn_among_start": 0.3, "among": 4000.0, "gradient_spikes": 1.0, "gradient_peak": 12.0,
    "colour_projector": 0.3, "colour_start": 0.1, "same_batch": 0.1, "same_batch_chance": 0.12, "dead": 0.1, "recent_agreement": 0.99,
    "recent_momentum": 0.996, "recent_prototypes_used": 40.0, "recent_prototypes": 64.0, "recent_assignment_entropy": 3.4, "recent_gradient": 3.2, "risen_loss": 0.05,
    "first_spread": 0.34, "recent_spread": 1.4, "recent_batch_alignment": 0.66, "recent_batch_std": 0.99, "recent_projected": 1.0,
}  # fmt: skip
SICK: dict[str, dict[str, float]] = {
    "learning rate too high": {"recent_spread": 75.0},
    "no gradient": {"recent_gradient": 0.0},
    "teacher too fast": {"recent_momentum": 0.0, "fallen_std": 0.1},
    "prototypes collapsed": {"recent_prototypes_used": 1.1},
    "equal assignments": {"recent_assignment_entropy": 4.1575},
    "unstable": {"knn": 0.3},
    "batch-norm leak": {"same_batch": 0.9},
    "collapsed": {"fallen_std": 0.1},
    "dimensional collapse": {"directions_projector": 1.2},
    "dead units": {"dead": 0.7},
    "colour shortcut": {"colour_projector": 0.9, "knn": 0.32, "knn_best": 0.32, "knn_among": 0.32},
}
RECORDED: dict[str, dict[str, float]] = {  # what tempts in runs that were healthy, or only short
    "msn, 3 epochs": {"colour_projector": 0.709, "colour_start": 0.489, "knn_among_start": 0.257, "knn_among": 0.278,
                      "fallen_std": 0.899, "recent_batch_alignment": 0.466, "recent_batch_std": 0.767},
    "ibot, 3 epochs": {"colour_projector": 0.709, "colour_start": 0.429, "knn_among_start": 0.257, "knn_among": 0.249,
                       "fallen_std": 0.419, "recent_batch_alignment": 0.064, "recent_batch_std": 0.244},
    "simclr, photographs, 5 epochs": {"colour_projector": 0.82, "colour_start": 0.43, "knn_among_start": 0.28, "knn_among": 0.28},
    "simclr, hard colours, epoch 2": {"fallen_std": 0.24, "fallen_spread": 1.0, "recent_batch_alignment": 0.11, "recent_batch_std": 0.24},
    "swav, epoch 1": {"recent_assignment_entropy": 0.962 * 5.545, "recent_prototypes": 256.0},
    "supcon, epoch 3": {"fallen_std": 0.34, "fallen_spread": 1.0},
    "vicreg, epoch 4": {"fallen_std": 0.99, "fallen_spread": 0.72},
    "vicreg behind a wide projector, 4 steps": {"risen_loss": 23.9, "fallen_std": 1.0, "fallen_spread": 1.0},
    "simclr, 8 times its rate": {"recent_spread": 6.5, "fallen_std": 0.8},
    "tinted objects, told by colours": {"colour_projector": 1.43, "colour_start": 1.12, "knn_among_start": 0.998, "knn_among": 1.0,
                                        "among": 520.0, "recent_batch_alignment": 0.177, "recent_batch_std": 0.505},
}  # fmt: skip


def test_a_healthy_run_and_an_untrained_encoder_are_left_alone() -> None:
    assert diagnose({}) is None
    assert diagnose(START) is None
    assert diagnose(HEALTHY) is None


@pytest.mark.parametrize("place", ["", "_projector"])
def test_a_constant_is_named_with_its_place(place: str) -> None:
    sentence = diagnose(HEALTHY | START | {f"std{place}": 1e-4})
    assert sentence is not None
    assert sentence.startswith("collapsed")
    assert (place.strip("_") or "backbone") in sentence


def test_embeddings_that_are_alike_before_any_step_are_the_images_doing() -> None:
    (found,) = diagnoses(START | {"std": 1e-4})
    assert found.name == "images alike"
    assert "--lr" not in found.remedy


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_runs_are_left_alone(name: str) -> None:
    assert diagnoses(HEALTHY | RECORDED[name]) == []


@pytest.mark.parametrize("fall", [{"fallen_std": 0.12}, {"fallen_spread": 0.001}])
def test_a_fall_during_training_is_named_at_the_end_that_is_trained(fall: dict[str, float]) -> None:
    sentence = diagnose(HEALTHY | fall)
    assert sentence is not None
    assert "at the projector" in sentence
    assert "at the backbone" in str(diagnose({"std": 0.05, "fallen_std": 1.0, "fallen_spread": 1.0} | fall))


def test_neighbours_from_one_batch_say_nothing_of_embeddings_shrunk_to_a_point() -> None:
    """VICReg without its variance term on ``builtin:clutter``, sixth epoch."""
    (found,) = diagnoses(HEALTHY | {"fallen_spread": 0.01, "same_batch": 0.82, "same_batch_chance": 0.24})
    assert found.name == "collapsed"


def test_steps_alone_tell_a_shrinking_projector_and_leave_a_narrowing_backbone() -> None:
    """VICReg without variance in its ninth epoch of 30, and MAE's backbone, which may be as small."""
    steps = {"fallen_std": 0.49, "fallen_spread": 0.17, "recent_batch_std": 0.4}
    assert str(diagnose(steps | {"recent_projected": 1.0})).startswith("collapsed: ")
    assert diagnose(steps | {"recent_projected": 0.0}) is None
    assert "at the backbone" in str(diagnose({"fallen_std": 0.05, "recent_batch_std": 0.03, "recent_projected": 0.0}))


@pytest.mark.parametrize("harm", [{"fallen_std": 0.1}, {"dead": 0.8}])
def test_a_collapse_after_a_loss_that_rose_is_the_rates(harm: dict[str, float]) -> None:
    """Supervised learning at 750 times its rate: the loss stood at twice its first value, and units died."""
    (found,) = diagnoses(HEALTHY | harm | {"risen_loss": 1.7})
    assert (found.name, "--lr" in found.remedy) == ("learning rate too high", True)


CHAIN = (
    "learning rate too high",
    "no gradient",
    "batch-norm leak",
    "collapsed",
    "dimensional collapse",
    "colour shortcut",
)


@pytest.mark.parametrize("first", range(len(CHAIN)))
def test_a_cause_silences_what_follows_from_it(first: int) -> None:
    values = HEALTHY
    for name in CHAIN[first:]:
        values = values | SICK[name]
    assert [each.name for each in diagnoses(values)] == [CHAIN[first]]


def test_a_masked_objective_that_narrows_features_while_it_learns_is_left_alone() -> None:
    """MAE on ``foveate:vit-mini`` after 12 epochs of 9,200 images of CIFAR-10."""
    mae = {"std": 0.201, "fallen_std": 0.274, "fallen_spread": 0.273, "knn": 0.327, "knn_start": 0.285, "looked": 800.0}
    assert diagnose(mae) is None


def test_few_directions_are_named_but_not_before_training_nor_for_narrow_heads() -> None:
    flat = HEALTHY | {"directions_projector": 1.3}
    assert "dimensional" in str(diagnose(flat))
    assert diagnose(flat | {"width_projector": 2}) is None
    assert diagnose(START) is None


@pytest.mark.parametrize("name", SICK)
def test_each_failure_is_named_alone_with_its_number_and_a_remedy(name: str) -> None:
    (found,) = diagnoses(HEALTHY | SICK[name])
    assert found.name == name
    assert any(character.isdigit() for character in found.evidence)
    assert str(found) == f"{name}: {found.evidence}; {found.remedy}."
    assert str(found).count(". ") == 0  # one sentence


@pytest.mark.parametrize(
    "values",
    [
        {"colour_projector": 0.9},  # kNN gained: colours are what is asked for
        {"colour_projector": 0.9, "colour_start": 0.9, "knn_among": 0.32},  # no more so than untrained
        {"colour_projector": 0.9, "knn_among": 0.32, "among": 100.0},  # a hundred images cannot tell
        {"knn": 0.3, "gradient_spikes": 0.0},  # kNN fell, but nothing spiked
        {"knn": 0.3, "looked": 20.0},  # the fall lies within the error of twenty images
        {"recent_prototypes_used": 1.1, "recent_prototypes": 2.0},  # a rare class, not prototypes
        {"recent_momentum": 0.0},  # a fast teacher that does no harm
        {
            "colour_projector": 0.9,
            "knn_among": 0.32,
            "recent_batch_alignment": 1.7,
        },  # views are not matched yet, by colours or else
    ],
)
def test_what_only_looks_like_a_failure_is_not_named(values: dict[str, float]) -> None:
    assert diagnoses(HEALTHY | values) == []


def test_who_paints_pixels_has_to_know_colours() -> None:
    masked = {name: value for name, value in HEALTHY.items() if not name.endswith(("_projector", "_alignment"))}
    seen = {"colour": 0.9, "knn": 0.32, "knn_best": 0.32, "knn_among": 0.32}
    assert diagnoses(masked | seen) == []
    (found,) = diagnoses(masked | seen | {"recent_batch_alignment": 0.5})
    assert found.name == "colour shortcut"


def test_where_knn_has_no_room_to_rise_only_a_fall_tells() -> None:
    full = HEALTHY | {"colour_projector": 0.9, "knn_among_start": 0.97, "knn_among": 0.965}
    assert diagnoses(full) == []
    (found,) = diagnoses(full | {"knn_among": 0.9})
    assert "from 0.970 to 0.900" in found.evidence


def test_without_labels_the_evidence_says_so() -> None:
    unlabelled = {name: value for name, value in HEALTHY.items() if not name.startswith("knn")}
    (found,) = diagnoses(unlabelled | {"colour_projector": 0.9})
    assert "no labels" in found.evidence
