"""Colours of planted tokens, and what each kind of encoder shows."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.data.load import load as load_data
from foveate.encoders.load import load
from foveate.probing.looks import components, gallery, look


def test_the_components_are_those_that_were_planted() -> None:
    """Three directions of falling variance and hardly anything else: each is one channel, and all is explained."""
    random = np.random.default_rng(0)
    directions = np.linalg.qr(random.normal(size=(20, 20)))[0][:3]
    strengths = random.uniform(-1, 1, (4, 25, 3)) * [9, 3, 1]
    tokens = (strengths @ directions + 5).astype(np.float32)
    colours, explained = components(tokens)
    assert explained == pytest.approx(1, abs=1e-6)
    for channel in range(3):
        agreed = np.corrcoef(colours[..., channel].ravel(), strengths[..., channel].ravel())[0, 1]
        assert abs(agreed) > 0.98
    again, _ = components(-tokens)
    assert (np.abs(255 - again.astype(int) - colours) <= 1).all(), "signs follow the directions, not the solver"
    half, share = components(np.concatenate([tokens, random.normal(size=(4, 25, 20)) * 100]))
    assert half.shape == (8, 25, 3)
    assert share < 0.6


def test_one_colour_where_nothing_varies() -> None:
    colours, explained = components(np.ones((2, 16, 2), np.float32))
    assert explained == 0
    assert (colours == colours[0, 0]).all()


@pytest.mark.parametrize(
    ("address", "tap", "grid", "attends"),
    [
        ("random:foveate:vit-mini", "norm:tokens", (8, 8), True),
        ("random:foveate:resnet9", "stages.2:tokens", (4, 4), False),
    ],
)
def test_each_encoder_shows_its_last_map_that_is_fine_enough(
    address: str, tap: str, grid: tuple[int, int], attends: bool
) -> None:
    data = load_data("builtin:shapes@test")
    rows = np.arange(0, 120, 2)
    found = look(load(address), data, rows)
    assert found is not None
    assert found.tap == tap
    assert [each.position for each in found.images] == [0, 8, 17, 25, 34, 42, 51, 59]
    for each in found.images:
        assert each.components.shape == (*grid, 3)
        assert (each.pixels == np.asarray(data[int(rows[each.position])]["image"])).all()
        assert (each.attention is not None) == attends
        if each.attention is not None:
            assert each.attention.max() == pytest.approx(1)
    shown = gallery(found, [str(number) for number in range(8)])
    assert len(shown.items[0].pictures) == 2 + attends  # type: ignore[union-attr]
    assert shown.items[0].pictures[1].width == 160  # type: ignore[union-attr]
