"""Ridge against literal leave-one-out and scikit-learn's solution; streaming against the whole."""

from __future__ import annotations

import resource

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from foveate.core.errors import FoveateError
from foveate.measures import ridge
from foveate.measures.ridge import LAMBDAS, Sums, fit, fit_blocks


def planted(n: int, d: int, classes: int, seed: int, apart: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    means = np.random.default_rng(99).normal(size=(classes, d)) * apart
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, n)
    return (means[y] + random.normal(size=(n, d))) * np.logspace(-1, 1, d) + 5, y


def literal(x: np.ndarray, y: np.ndarray, classes: int, lam: float, mean: np.ndarray, sd: np.ndarray) -> Ridge:
    """scikit-learn's ridge on one-hot targets, features scaled as given."""
    z = (x - mean) / sd
    return Ridge(alpha=lam, solver="cholesky").fit(z, np.eye(classes)[y])


def test_the_solution_is_scikit_learns() -> None:
    x, y = planted(80, 7, 4, 0)
    model = fit(x, y, 4, lambdas=[0.05])
    # The mean eigenvalue of a standardised scatter matrix is n.
    theirs = literal(x, y, 4, 0.05 * 80, x.mean(0), x.std(0))
    fresh, _ = planted(50, 7, 4, 1)
    expected = theirs.predict((fresh - x.mean(0)) / x.std(0))
    assert np.allclose(model.scores(fresh).numpy(), expected, atol=1e-5)


def test_leave_one_out_is_the_literal_one() -> None:
    """Each row really left out; the scaling of the features is that of all rows."""
    n, lambdas = 40, [1e-4, 0.03, 1.0]
    x, y = planted(n, 12, 3, 2, apart=0.3)
    model = fit(x, y, 3, lambdas=lambdas)
    mean, sd = x.mean(0), x.std(0)
    for lam in lambdas:
        right = 0
        for row in range(n):
            rest = np.arange(n) != row
            without = literal(x[rest], y[rest], 3, lam * n, mean, sd)
            right += without.predict((x[row : row + 1] - mean) / sd).argmax() == y[row]
        assert model.accuracy[lam] == pytest.approx(right / n)


def test_lambda_is_chosen_by_either_rule() -> None:
    x, y = planted(60, 50, 3, 3, apart=0.25)
    x_val, y_val = planted(600, 50, 3, 4, apart=0.25)
    x_test, y_test = planted(4000, 50, 3, 5, apart=0.25)
    for model in (fit(x, y, 3), fit(x, y, 3, X_val=x_val, y_val=y_val)):
        assert model.lam == max(model.accuracy, key=lambda each: (model.accuracy[each], each))
        assert model.lam > min(LAMBDAS)
    loose = fit(x, y, 3, lambdas=[1e-6])
    assert (fit(x, y, 3).predict(x_test).numpy() == y_test).mean() > (loose.predict(x_test).numpy() == y_test).mean()
    both = fit(np.concatenate([x, x_val]), np.concatenate([y, y_val]), 3, lambdas=[0.1])
    joined = fit(x, y, 3, lambdas=[0.1], X_val=x_val, y_val=y_val)
    assert np.allclose(joined.scores(x_test), both.scores(x_test), atol=1e-5), "validation rows join the fit"


@pytest.mark.parametrize("n", [30, 200])
def test_a_stream_is_the_whole(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = planted(n, 50, 5, 6)
    pieces = [(x[a : a + 13], y[a : a + 13]) for a in range(0, n, 13)]
    whole = fit(x, y, 5)
    monkeypatch.setattr(ridge, "_BLOCK", 7)
    streamed = fit_blocks(lambda: iter(pieces), 5)
    assert streamed.accuracy == whole.accuracy
    assert torch.allclose(streamed.scores(x), whole.scores(x), atol=1e-5)


def test_rows_are_judged_evenly_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = planted(1000, 6, 3, 7)
    monkeypatch.setattr(ridge, "_JUDGED", 100)
    monkeypatch.setattr(ridge, "_BLOCK", 64)
    model = fit(x, y, 3, lambdas=[0.1])
    assert model.accuracy[0.1] * 100 == pytest.approx(round(model.accuracy[0.1] * 100)), "of exactly 100 rows"
    monkeypatch.setattr(ridge, "_JUDGED", 10**6)
    assert model.accuracy[0.1] == pytest.approx(fit(x, y, 3, lambdas=[0.1]).accuracy[0.1], abs=0.1)


def test_far_features_in_float32() -> None:
    x, y = planted(300, 6, 3, 8)
    near, far = fit(x.astype(np.float32), y, 3), fit((x + 3000).astype(np.float32), y, 3)
    agree = near.predict(x.astype(np.float32)) == far.predict((x + 3000).astype(np.float32))
    assert agree.float().mean() > 0.99


def test_near_constant_and_duplicate_features() -> None:
    x, y = planted(200, 6, 3, 9)
    odd = np.concatenate([x, x, np.full((200, 1), 7.0), 1e-12 * x[:, :1]], axis=1)
    model = fit(odd, y, 3)
    moved = odd.copy()
    moved[:, 12:] += 50
    assert torch.equal(model.predict(moved), model.predict(odd))
    assert model.scores(odd).isfinite().all()


def test_bad_input() -> None:
    with pytest.raises(FoveateError, match="at least two classes"):
        fit(np.eye(5), np.zeros(5, dtype=int), 3)
    with pytest.raises(FoveateError, match="at least two classes"):
        fit_blocks(lambda: iter(()), 3)
    with pytest.raises(AssertionError, match="outside the classes"):
        fit(np.eye(4), np.array([0, 1, 2, 3]), 3)


def test_memory_does_not_grow_with_the_rows() -> None:
    """200,000 rows of width 128 are 100 MB in float32: they pass in pieces, and far less is held."""

    def stream():  # type: ignore[no-untyped-def]
        random = torch.Generator().manual_seed(0)
        for _ in range(50):
            y = torch.randint(10, (4000,), generator=random)
            yield torch.randn(4000, 128, generator=random) + y[:, None] * 0.02, y

    Sums.of(((x[:100], y[:100]) for x, y in stream()), 10)  # libraries load, pools fill
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model = fit_blocks(stream, 10, lambdas=[0.1, 1.0])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 60_000, f"{grown} kB"
    assert max(model.accuracy.values()) > 0.12
