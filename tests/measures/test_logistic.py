"""Logistic regression: separable and noisy planted classes, the choice of C, and features that would blow up."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from foveate.core.errors import FoveateError
from foveate.measures.logistic import C_GRID, fit


def planted(n: int, d: int, classes: int, seed: int, apart: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Gaussian classes of equal spread around means of the given size, features of widely different scale and offset."""
    world = torch.Generator().manual_seed(1234)
    means = torch.randn(classes, d, generator=world) * apart
    scale = torch.logspace(-2, 2, d)
    random = torch.Generator().manual_seed(seed)
    y = torch.randint(classes, (n,), generator=random)
    return (means[y] + torch.randn(n, d, generator=random)) * scale + 10 * scale, y


@pytest.mark.parametrize("classes", [2, 5])
def test_the_optimum_is_scikit_learns(classes: int) -> None:
    x, y = planted(300, 6, classes, 0)
    model = fit(x, y, classes, [0.3], tolerance=1e-7, max_iter=2000)
    scaler = StandardScaler().fit(x.numpy())
    theirs = LogisticRegression(C=0.3, tol=1e-8, max_iter=2000).fit(scaler.transform(x.double().numpy()), y)
    fresh, _ = planted(200, 6, classes, 1)
    assert np.allclose(
        model.scores(fresh).numpy(), theirs.predict_proba(scaler.transform(fresh.double().numpy())), atol=2e-3
    )
    assert model.converged
    assert torch.equal(model.predict(fresh), model.scores(fresh).argmax(1))


@pytest.mark.parametrize("classes", [2, 6])
def test_c_is_chosen_on_validation_rows_and_the_fit_takes_them_in(classes: int) -> None:
    x, y = planted(120, 40, classes, 2, apart=0.25)
    x_val, y_val = planted(400, 40, classes, 3, apart=0.25)
    x_test, y_test = planted(3000, 40, classes, 4, apart=0.25)
    model = fit(x, y, classes, C_GRID, x_val, y_val)
    assert max(model.validation, key=lambda c: (model.validation[c], -c)) == model.C
    assert max(C_GRID) > model.C, "noisy classes want regularisation"
    accuracy = float((model.predict(x_test) == y_test).float().mean())
    alone = fit(x, y, classes, [model.C])
    assert accuracy > float((alone.predict(x_test) == y_test).float().mean()), "the refit saw more rows"


def test_warm_start_reaches_the_cold_optimum() -> None:
    x, y = planted(300, 10, 4, 5)
    warm = fit(x[:200], y[:200], 4, [1e-3, 1e-2, 0.1], x[200:], y[200:])
    for c, accuracy in warm.validation.items():
        cold = fit(x[:200], y[:200], 4, [c])
        assert float((cold.predict(x[200:]) == y[200:]).float().mean()) == pytest.approx(accuracy, abs=0.021)


def test_shuffled_labels_read_chance() -> None:
    x, y = planted(2000, 10, 5, 6)
    shuffled = y[torch.randperm(2000, generator=torch.Generator().manual_seed(0))]
    model = fit(x[:800], shuffled[:800], 5, C_GRID, x[800:1000], shuffled[800:1000])
    assert float((model.predict(x[1000:]) == y[1000:]).float().mean()) == pytest.approx(0.2, abs=0.09)


def test_near_constant_features_do_not_blow_up() -> None:
    x, y = planted(400, 8, 3, 7)
    noise = torch.randn(400, 3, generator=torch.Generator().manual_seed(0))
    hardly = torch.cat([x, torch.full((400, 1), 5.0), 1000 + 1e-5 * noise[:, :1], 1e-9 * noise[:, 1:2]], dim=1)
    model = fit(hardly, y, 3, [0.1])
    moved = hardly.clone()
    moved[:, 8:] += 100.0
    plain = fit(x, y, 3, [0.1])
    assert torch.equal(model.predict(moved), plain.predict(x))
    assert model.scores(moved).isfinite().all()


def test_no_warning_reaches_the_user_and_convergence_is_told() -> None:
    x, y = planted(300, 20, 5, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fit(x, y, 5, [100.0], max_iter=3)
    assert not model.converged


def test_classes_that_the_fit_never_saw() -> None:
    x, y = planted(90, 4, 3, 9)
    y = y * 2  # 0, 2 and 4 of 6
    scores = fit(x, y, 6, C_GRID, x, y).scores(x)
    assert scores.shape == (90, 6)
    assert (scores[:, [1, 3, 5]] == 0).all()
    assert torch.allclose(scores.sum(1), torch.ones(90))


def test_bad_input() -> None:
    x, y = planted(20, 4, 2, 10)
    with pytest.raises(FoveateError, match="at least two classes"):
        fit(x, torch.zeros(20, dtype=torch.long), 2, [1.0])
    with pytest.raises(FoveateError, match="NaN"):
        fit(x * torch.nan, y, 2, [1.0])
    with pytest.raises(AssertionError, match="validation rows"):
        fit(x, y, 2)


def test_numpy_in_same_numbers_and_nothing_changed() -> None:
    x, y = planted(100, 4, 3, 11)
    before = x.clone()
    ours, theirs = fit(x, y, 3, [1.0]), fit(x.numpy(), y.numpy(), 3, [1.0])
    assert torch.equal(ours.weight, theirs.weight)
    assert torch.equal(x, before)
