"""The MLP probe: reads what is there but not linearly, stops before it overfits, and chooses nothing on test rows."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.probing.mlp import MOST, PATIENCE, mlp
from foveate.probing.readouts import Rows, TapFeatures, linear


def xor(n: int, m: int, *, noise: float = 0.15, extra: int = 0) -> tuple[TapFeatures, Rows]:
    """The class is whether two signs agree: no line tells it, one hidden layer does."""
    random = np.random.default_rng(0)
    signs = random.choice([-1.0, 1.0], (n + m, 2))
    labels = (signs[:, 0] * signs[:, 1] > 0).astype(np.int64)
    x = np.concatenate([signs, np.zeros((n + m, extra))], 1)
    x = (x + noise * random.normal(size=x.shape)).astype(np.float32)
    return TapFeatures(train=x[:n], test=x[n:]), Rows(train=labels[:n], test=labels[n:], classes=2, seed=0)


def test_it_reads_what_no_line_tells():
    features, rows = xor(400, 300)
    assert linear(features, rows).right.mean() < 0.65
    fitted = mlp(features, rows, hidden=32)
    assert fitted.answers.right.mean() > 0.98
    assert fitted.answers.setting == f"32 hidden, {fitted.best} epochs"


def test_it_stops_where_held_out_rows_say():
    """Labels without meaning in many dimensions: it learns its rows by heart and no epoch helps."""
    random = np.random.default_rng(1)
    x = random.normal(size=(400, 100)).astype(np.float32)
    y = random.integers(0, 2, 400)
    fitted = mlp(
        TapFeatures(train=x[:200], test=x[200:]), Rows(train=y[:200], test=y[200:], classes=2, seed=0), hidden=256
    )
    assert fitted.training[-1] > 0.95
    assert max(fitted.curve) < 0.75
    assert fitted.curve[fitted.best - 1] == max(fitted.curve)
    assert len(fitted.curve) == min(fitted.best + PATIENCE, MOST)
    assert len(fitted.training) == len(fitted.curve)


def test_the_test_rows_choose_nothing_and_the_seed_all():
    features, rows = xor(120, 60, noise=0.6, extra=6)
    other = Rows(train=rows.train, test=1 - rows.test, classes=2, seed=0)
    one, two = mlp(features, rows, hidden=16), mlp(features, other, hidden=16)
    assert one.curve == two.curve
    assert (one.answers.predicted == two.answers.predicted).all()
    fresh = mlp(features, Rows(train=rows.train, test=rows.test, classes=2, seed=1), hidden=16)
    assert fresh.curve != one.curve


def test_too_few_rows_are_said():
    features, _ = xor(2, 2)
    with pytest.raises(FoveateError, match="--mlp 0"):
        mlp(features, Rows(train=np.array([0, 1]), test=np.array([0, 1]), classes=2, seed=0), hidden=4)
