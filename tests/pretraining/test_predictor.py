from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.predictor import PatchPredictor


def test_positions_are_the_formula() -> None:
    """Vaswani et al. 2017 for the row and for the column: sin, then cos, of index · 10000^(−i / (d/4))."""
    model = PatchPredictor((3, 5), inputs=6, outputs=5, width=8, depth=0, heads=2)
    table = model.positions.double().numpy().reshape(3, 5, 8)
    for y in range(3):
        for x in range(5):
            expected = [f(place * 10000.0 ** (-i / 2)) for place in (y, x) for f in (np.sin, np.cos) for i in range(2)]
            np.testing.assert_allclose(table[y, x], expected, atol=1e-6)
    flat = table.reshape(15, 8)
    assert len({tuple(row.round(6)) for row in flat}) == 15, "every place has its own"


def predictor(**changes: int) -> PatchPredictor:
    torch.manual_seed(0)
    return PatchPredictor((4, 4), **({"inputs": 6, "outputs": 5, "width": 16, "depth": 2, "heads": 4} | changes)).eval()


def test_the_order_of_the_context_does_not_matter_and_its_places_do() -> None:
    model = predictor()
    tokens, at, wanted = torch.randn(3, 7, 6), torch.stack([torch.randperm(16)[:7] for _ in range(3)]), torch.ones(3, 2)
    wanted = wanted.long()
    said = model(tokens, at, wanted)
    assert said.shape == (3, 2, 5)
    order = torch.randperm(7)
    torch.testing.assert_close(model(tokens[:, order], at[:, order], wanted), said, rtol=1e-4, atol=1e-5)
    assert float((model(tokens, (at + 1) % 16, wanted) - said).detach().abs().max()) > 1e-5


def test_without_blocks_nothing_of_the_context_comes_through() -> None:
    model = predictor(depth=0)
    wanted, at = torch.tensor([[0, 5]]), torch.tensor([[1, 2]])
    assert torch.equal(model(torch.randn(1, 2, 6), at, wanted), model(torch.randn(1, 2, 6), at, wanted))


@pytest.mark.parametrize("changes", [{"width": 18}, {"width": 16, "heads": 3}])
def test_widths_that_cannot_be_divided(changes: dict[str, int]) -> None:
    with pytest.raises(FoveateError) as error:
        predictor(**changes)
    width = int(error.value.remedy.split()[-1])
    assert width % 4 == 0
    assert width % changes.get("heads", 4) == 0
