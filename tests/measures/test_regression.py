"""Ridge regression against scikit-learn and against leaving rows out one by one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from foveate.core.errors import FoveateError
from foveate.measures import regression


def planted(n: int, d: int, *, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(2, 1, (n, d)) * random.uniform(0.5, 2, d)
    return x, x @ random.normal(size=(d, 3)) + 5 + noise * random.normal(size=(n, 3))


@pytest.mark.parametrize(("n", "d"), [(60, 8), (20, 50)])
def test_each_lambda_is_scikit_learns(n: int, d: int) -> None:
    x, y = planted(n, d)
    scale = np.square(x - x.mean(0)).sum() / min(n, d)
    for lam in (1e-3, 1.0):
        ours = regression.fit(x, y, lambdas=(lam,)).predict(x[:5]).numpy()
        assert ours == pytest.approx(Ridge(alpha=lam * scale).fit(x, y).predict(x[:5]), rel=1e-6)


@pytest.mark.parametrize(("n", "d"), [(40, 6), (15, 30)])
def test_the_error_is_that_of_rows_left_out_one_by_one(n: int, d: int) -> None:
    x, y = planted(n, d)
    lam = 0.1
    scale = np.square(x - x.mean(0)).sum() / min(n, d)
    errors = [
        np.square(Ridge(alpha=lam * scale).fit(np.delete(x, i, 0), np.delete(y, i, 0)).predict(x[[i]])[0] - y[i]).mean()
        for i in range(n)
    ]
    assert regression.fit(x, y, lambdas=(lam,)).error[lam] == pytest.approx(np.mean(errors), rel=1e-6)


def test_the_choice_is_ridge_cvs() -> None:
    x, y = planted(50, 40, noise=4)
    scale = np.square(x - x.mean(0)).sum() / 40
    found = regression.fit(x, y)
    theirs = RidgeCV(alphas=[lam * scale for lam in regression.LAMBDAS]).fit(x, y)
    assert found.lam * scale == pytest.approx(theirs.alpha_)
    assert set(found.error) == set(regression.LAMBDAS)


def test_inputs_that_say_nothing_leave_the_mean() -> None:
    random = np.random.default_rng(1)
    y = random.normal(3, 1, (30, 2))
    assert regression.fit(np.ones((30, 4)), y).predict(np.zeros((2, 4))).numpy() == pytest.approx(
        np.tile(y.mean(0), (2, 1))
    )
    noise = regression.fit(random.normal(size=(200, 20)), random.normal(size=(200, 2)))
    assert noise.lam == max(regression.LAMBDAS)


def test_a_design_serves_several_targets_and_refuses_nan() -> None:
    x, y = planted(30, 5)
    design = regression.Design(x)
    for targets in (y, -2 * y[:, :1]):
        assert design.fit(targets).predict(x).numpy() == pytest.approx(regression.fit(x, targets).predict(x).numpy())
    with pytest.raises(FoveateError, match="NaN"):
        regression.fit(np.full((4, 2), np.nan), np.ones((4, 1)))
