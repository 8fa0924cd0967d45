"""The choice among heads: the one that can succeed is chosen, on rows that are not the test's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.probing.heads.choose import Reading, answer, choose, readings
from foveate.probing.readouts import Rows

CPU = torch.device("cpu")
OPTIONS = [
    Reading(pooling="cls", last=1, taps=("norm:cls",)),
    Reading(pooling="mean", last=1, taps=("norm:mean",)),
    Reading(pooling="concat", last=1, taps=("norm:cls", "norm:mean")),
    Reading(pooling="cls", last=2, taps=("blocks.0:cls", "norm:cls")),
    Reading(pooling="mean", last=2, taps=("blocks.0:mean", "norm:mean")),
    Reading(pooling="concat", last=2, taps=("blocks.0:cls", "blocks.0:mean", "norm:cls", "norm:mean")),
]


def planted(rows: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The label is the sign of the difference of two means, one of each block; each alone is noise, and so is what a low rate finds."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, rows)
    noise = random.normal(0, 1, (rows, 6))
    parts = {
        name: random.normal(0, 1, (rows, 6)) for name in ("norm:cls", "norm:mean", "blocks.0:cls", "blocks.0:mean")
    }
    parts["norm:mean"][:, 0] = noise[:, 0]
    parts["blocks.0:mean"][:, 0] = noise[:, 0] + 0.1 * (2 * labels - 1)
    return {name: part.astype(np.float32) for name, part in parts.items()}, labels


def test_exactly_one_head_can_succeed_and_is_found() -> None:
    train, y = planted(600, 0)
    test, z = planted(400, 1)
    rows = Rows(train=y, test=z, classes=2, seed=0)
    tried = choose(train, rows, OPTIONS[:5], (1e-4, 1.0, 1e38), epochs=40, device=CPU)
    assert (tried[0].reading.name, tried[0].rate) == ("mean, last 2", 1.0)
    assert tried[0].accuracy.value > 0.95
    assert all(each.accuracy.value < 0.75 for each in tried[1:])
    assert tried[0].accuracy.n == 120
    assert {each.rate for each in tried if each.loss == float("inf")} == {1e38}
    answers = answer(train, test, rows, tried[0], epochs=40, device=CPU)
    assert answers.right.mean() > 0.95
    assert answers.setting == "mean, last 2, rate 1"


def test_the_test_rows_choose_nothing() -> None:
    train, y = planted(200, 0)
    _, z = planted(100, 1)
    one, two = (
        choose(train, Rows(train=y, test=labels, classes=2, seed=0), OPTIONS, (0.1, 1.0), epochs=3, device=CPU)
        for labels in (z, 1 - z)
    )
    assert one == two
    assert len(one) == 12


def test_what_an_encoder_has_to_read() -> None:
    found, skipped = readings(load("foveate:vit-mini"), (4, 1, 9))
    assert [each.name for each in found] == [
        "pooled",
        "cls",
        "mean",
        "concat",
        "cls, last 4",
        "mean, last 4",
        "concat, last 4",
    ]
    assert found[4].taps == ("blocks.2:cls", "blocks.3:cls", "blocks.4:cls", "norm:cls"), (
        "blocks.5 is read after the norm"
    )
    assert skipped == [(9, "the encoder has 6 blocks or stages")]
    found, _ = readings(load("foveate:resnet9"), (2,))
    assert [each.taps for each in found] == [("pooled",), ("stages.2:mean", "stages.3:mean")]
    with pytest.raises(FoveateError, match="--last 9.*4 blocks"):
        readings(load("foveate:resnet9"), (9,))


def test_what_cannot_be_chosen_is_said() -> None:
    train, _ = planted(2, 0)
    rows = Rows(train=np.array([0, 1]), test=np.array([0]), classes=2, seed=0)
    with pytest.raises(FoveateError, match="spared"):
        choose(train, rows, OPTIONS, (0.1,), epochs=1, device=CPU)
    train, y = planted(100, 0)
    with pytest.raises(FoveateError, match="diverged"):
        choose(train, Rows(train=y, test=y, classes=2, seed=0), OPTIONS, (1e38,), epochs=2, device=CPU)
