"""Samplers of masks: exact counts, the right shapes, and no place that is favoured."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.pretraining import masks

MANY = 4000
Sampler = Callable[..., torch.Tensor]


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([masks.random_mask, masks.block_mask, masks.inverse_block_mask]),
    st.integers(2, 9),
    st.integers(2, 9),
    st.floats(0.05, 0.95),
    st.integers(0, 99),
)
def test_counts_are_exact(sampler: Sampler, rows: int, columns: int, share: float, seed: int) -> None:
    hidden = masks.hidden_count((rows, columns), share)
    mask = sampler((rows, columns), 7, hidden, stream(seed))
    assert mask.dtype == torch.bool
    assert mask.shape == (7, rows * columns)
    assert mask.sum(1).tolist() == [hidden] * 7
    assert torch.equal(mask, sampler((rows, columns), 7, hidden, stream(seed)))
    shown, gone = masks.split(mask)
    assert shown.shape == (7, rows * columns - hidden)
    assert bool((~mask).gather(1, shown).all())
    assert bool(mask.gather(1, gone).all())
    assert bool((shown.diff(dim=1) > 0).all()), "in row-major order"


def test_random_masks_favour_no_patch() -> None:
    often = masks.random_mask((6, 5), MANY, 12, stream()).float().mean(0)
    assert float((often - 12 / 30).abs().max()) < 4 * (0.4 * 0.6 / MANY) ** 0.5


def test_squares_are_whole() -> None:
    mask = masks.coarse_mask((8, 8), 200, 38, stream(), unit=2).view(200, 4, 2, 4, 2)
    assert bool((mask == mask[:, :, :1, :, :1]).all())
    assert mask.flatten(1).sum(1).tolist() == [40] * 200  # 38 / 4 squares, rounded
    often = masks.coarse_mask((8, 8), MANY, 38, stream(), unit=2).float().mean(0)
    assert float((often - 40 / 64).abs().max()) < 4 * (0.625 * 0.375 / MANY) ** 0.5
    cut = masks.coarse_mask((5, 5), 50, 12, stream(), unit=2)
    assert cut.shape == (50, 25)


def neighbours_alike(mask: torch.Tensor, rows: int, columns: int) -> float:
    grid = mask.view(-1, rows, columns)
    return float((grid[:, :, 1:] == grid[:, :, :-1]).float().mean())


def test_blocks_hang_together_and_random_patches_do_not() -> None:
    block, single = (f((8, 8), 500, 26, stream()) for f in (masks.block_mask, masks.random_mask))
    inverse = masks.inverse_block_mask((8, 8), 500, 26, stream())
    assert neighbours_alike(single, 8, 8) < 0.55
    assert neighbours_alike(block, 8, 8) > 0.7
    assert neighbours_alike(inverse, 8, 8) > 0.7


@pytest.mark.parametrize("sampler", [masks.block_mask, masks.inverse_block_mask])
def test_mirroring_a_block_mask_leaves_its_distribution(sampler: Sampler) -> None:
    """No side of the image is favoured: the four corners, the four edges, are hidden equally often."""
    often = sampler((6, 6), MANY, 18, stream()).float().mean(0).view(6, 6)
    for turned in (often.flip(0), often.flip(1), often.T):
        assert float((often - turned).abs().max()) < 5 * (0.5 / MANY) ** 0.5


def test_rectangles_keep_to_their_sizes_and_aspects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rectangle of each image: area uniform from 4 to all that is hidden, log aspect uniform in ±log .3, any place."""
    drawn: list[tuple[torch.Tensor, ...]] = []
    whole = masks.rectangles
    monkeypatch.setattr(masks, "rectangles", lambda grid, *where: drawn.append(where) or whole(grid, *where))
    mask = masks.block_mask((40, 40), 1000, 400, stream())
    top, left, height, width = drawn[0]
    area, aspect = height * width, (height / width).log()
    assert float(area.max()) <= 400 + 20 + 20  # sides are whole numbers
    assert float(area.mean()) == pytest.approx(202, rel=0.06)
    assert float((height / width)[area > 100].max()) == pytest.approx(1 / 0.3, rel=0.15)
    assert float(aspect.mean()) == pytest.approx(0, abs=0.08)
    assert float(aspect.std()) == pytest.approx(-2 * math.log(0.3) / 12**0.5, rel=0.05)
    for at, side in ((top, height), (left, width)):
        places = at / (40 - side)
        assert float(places.min()) >= 0
        assert float(places.max()) <= 1
        assert float(places.mean()) == pytest.approx(0.5, abs=0.03)
        assert float((at + side).max()) <= 40
    assert mask.sum(1).tolist() == [400] * 1000


@pytest.mark.parametrize(("side", "hidden"), [(8, 157), (8, 98), (14, 157)])
def test_an_inverse_mask_shows_the_border_as_often_as_the_middle(side: int, hidden: int) -> None:
    hidden = round(hidden / 196 * side * side)
    often = masks.inverse_block_mask((side, side), MANY, hidden, stream()).float().mean(0).view(side, side)
    border = torch.cat([often[0], often[-1], often[:, 0], often[:, -1]]).mean()
    middle = often[side // 4 : -side // 4, side // 4 : -side // 4].mean()
    assert float(border - middle) == pytest.approx(0, abs=0.02)
    blocks = masks.block_mask((side, side), MANY, hidden, stream()).float().mean(0).view(side, side)
    assert float(blocks[side // 2, side // 2] - blocks[0, 0]) > 0.1, "which rectangles inside the grid do not"


@settings(max_examples=30, deadline=None)
@given(st.integers(5, 14), st.integers(5, 14), st.booleans(), st.integers(0, 99))
def test_contexts_and_targets(rows: int, columns: int, prefix: bool, seed: int) -> None:
    context, targets = masks.multi_block((rows, columns), 9, stream(seed), least=1, prefix=prefix)
    total = rows * columns
    assert targets.shape[:2] == (4, 9)
    for t in range(4):
        for i in range(9):
            at = targets[t, i]
            y, x = at // columns, at % columns
            height, width = int(y.max() - y.min()) + 1, int(x.max() - x.min()) + 1
            assert height * width == len(at) == len(set(at.tolist())), "a full rectangle inside the grid"
            assert int(at.min()) >= 0
            assert int(at.max()) < total
    for i in range(9):
        assert not set(context[i].tolist()) & set(targets[:, i].flatten().tolist())
        assert len(set(context[i].tolist())) == context.shape[1] >= 1


def test_sizes_keep_to_their_range() -> None:
    sizes = {masks.multi_block((14, 14), 2, stream(seed))[1].shape[2] for seed in range(60)}
    assert min(sizes) >= 0.15 * 196 - 7  # sides are whole numbers
    assert max(sizes) <= 0.2 * 196 + 7
    assert len(sizes) > 3


def test_targets_keep_to_their_aspects() -> None:
    """Height over width from .75 to 1.5, of whole sides; a range of one value is that value."""
    ratios = []
    for seed in range(60):
        at = masks.multi_block((28, 28), 1, stream(seed))[1][0, 0]
        ratios.append((int(at[-1] - at[0]) // 28 + 1) / (int(at[-1] % 28 - at[0] % 28) + 1))
    assert 0.65 < min(ratios) < 0.9
    assert 1.3 < max(ratios) < 1.65
    tall = masks.multi_block((20, 20), 1, stream(), target_scale=(0.08, 0.08), target_aspect=(2, 2))[1][0, 0]
    assert len(tall) == 8 * 4
    assert int(tall[-1] - tall[0]) // 20 + 1 == 8


def test_contexts_are_one_block_of_their_size_without_the_targets() -> None:
    """With one image nothing is cut: the context is what its block has beside the targets."""
    for seed in range(20):
        context, targets = masks.multi_block((10, 10), 1, stream(seed), targets=1, context_scale=(0.49, 0.49))
        y, x = context[0] // 10, context[0] % 10
        assert int(y.max() - y.min()) < 7
        assert int(x.max() - x.min()) < 7
        assert 49 - targets.numel() <= context.shape[1] <= 49


def test_the_same_generator_draws_the_same_blocks_and_another_others() -> None:
    one, two, three = (masks.multi_block((8, 8), 5, stream(seed)) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert one[1].shape != three[1].shape or not torch.equal(one[1], three[1])


def test_target_positions_are_uniform() -> None:
    _, targets = masks.multi_block((8, 8), MANY, stream(), targets=1, target_scale=(0.25, 0.25), target_aspect=(1, 1))
    assert targets.shape == (1, MANY, 16)
    corner = torch.bincount(targets[0, :, 0] // 8, minlength=5)[:5].float() / MANY
    assert float((corner - 0.2).abs().max()) < 4 * (0.16 / MANY) ** 0.5


def test_the_public_code_s_cut_loses_the_lower_rows_and_ours_does_not() -> None:
    def lower_half(prefix: bool) -> float:
        context, _ = masks.multi_block((10, 10), MANY, stream(), prefix=prefix)
        return float((context >= 50).float().mean())

    assert abs(lower_half(False) - 0.5) < 0.02
    assert lower_half(True) < 0.42


def test_what_cannot_be_is_refused() -> None:
    for share in (0.0, 1.0, -0.5, 2.0):
        with pytest.raises(FoveateError, match="no share"):
            masks.hidden_count((4, 4), share)
    with pytest.raises(FoveateError, match="single patch"):
        masks.hidden_count((1, 1), 0.5)
    with pytest.raises(FoveateError, match="leaves no"):
        masks.multi_block((2, 2), 4, stream(), least=4)
    assert masks.hidden_count((4, 4), 0.001) == 1
    assert masks.hidden_count((4, 4), 0.999) == 15
