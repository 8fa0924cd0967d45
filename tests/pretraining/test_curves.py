"""The sections that are made of a log, without a run."""

from __future__ import annotations

from typing import Any

from foveate.pretraining.curves import curves, failure
from foveate.reporting.sections import Chart

SPECTRUM = {"rank": [1, 2, 3], "value": [1.0, 0.1, 0.0]}
LOOK: dict[str, Any] = {
    "std": 0.5, "rankme": 20.0, "lidar": 15.0, "width": 256, "knn": 0.5, "linear": 0.6, "looked": 100.0, "spectrum": SPECTRUM,
    "std_projector.0": 0.6, "width_projector.0": 512, "knn_projector.0": 0.45, "linear_projector.0": 0.7,
    "std_projector": 0.7, "width_projector": 128, "knn_projector": 0.4, "linear_projector": 0.5, "spectrum_projector": SPECTRUM,
    "layer_std": {"stages.0": 0.1, "stages.1": 0.2},
}  # fmt: skip
LOG = [
    {"event": "epoch", "epoch": 0, "step": 0, **LOOK},
    {"event": "step", "epoch": 1, "step": 5, "loss": 2.0, "lr": 1e-3, "images_per_second": 100.0, "seconds_left": 3},
    {
        "event": "epoch",
        "epoch": 1,
        "step": 10,
        "loss": 1.5,
        "invariance": 0.2,
        "momentum": 0.99,
        "gradient_norm": 3.0,
        **LOOK,
    },
    {
        "event": "epoch",
        "epoch": 2,
        "step": 20,
        "loss": 1.0,
        "invariance": 0.1,
        "momentum": 0.999,
        "gradient_norm": 2.0,
        **LOOK,
    },
]


def test_every_curve_is_drawn_that_has_points() -> None:
    section = curves(LOG, held=100, classes=10)
    axes = [block.alt.partition(" by ")[0] for block in section.blocks if isinstance(block, Chart)]
    assert axes == [
        "loss", "term", "accuracy on held-out images", "RankMe", "LiDAR", "std of unit embeddings × √d", "norm", "learning rate",
        "the teacher's momentum",
    ]  # fmt: skip
    assert section.lead.startswith("2 epochs, no sign of collapse")
    doubted = curves(LOG, held=100, classes=10, doubts="kNN lost")
    assert doubted.lead == "kNN lost; no sign of collapse, of a shortcut or of instability in 2 epochs tells why."
    failed = [LOG[0], LOG[2] | {"diagnosis": "collapsed: so."}]
    assert curves(failed, held=100, classes=10, doubts="kNN lost").lead == "collapsed: so."


def test_a_failure_that_went_away_is_told_with_its_epoch() -> None:
    assert failure(LOG) is None
    early = [LOG[0], LOG[2] | {"diagnosis": "unstable: so."}, LOG[3]]
    assert failure(early) == "unstable: so. (In epoch 1; no longer at the end.)"
    assert failure(early[:2]) == "unstable: so."
