from __future__ import annotations

from foveate.pretraining.layers import layers
from foveate.reporting.sections import Chart, Table
from tests.pretraining.test_curves import LOG


def test_the_layers_stand_side_by_side_in_their_order() -> None:
    section = layers(LOG)
    assert section is not None
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert [row[0] for row in table.rows] == ["backbone", "projector.0", "projector"]
    assert [column.name for column in table.columns] == [  # type: ignore[union-attr]
        "layer", "width", "kNN", "linear", "linear, untrained", "RankMe", "LiDAR", "std",
    ]  # fmt: skip
    assert table.rows[1][3]["value"] == 0.7
    assert table.rows[1][3]["low"] < 0.7 < table.rows[1][3]["high"]
    tie = "the backbone is not shown to read less."
    assert section.lead == f"A linear probe reads most at projector.0: .700 [.604, .781] of 100 held-out images; {tie}"
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    assert [chart.alt for chart in charts] == [
        "spectrum of the projector by epoch", "spectrum of the backbone by epoch", "std by layer and epoch",
    ]  # fmt: skip
    values = charts[0].spec["data"]["values"]
    assert sorted({row["series"] for row in values}) == ["epoch 0", "epoch 1", "epoch 2"]
    assert min(row["y"] for row in values) == -6
    assert layers(LOG[1:2]) is None
