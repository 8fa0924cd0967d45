from __future__ import annotations

import pytest
import torch

from foveate.data.views import View
from foveate.engine.distributed import Ranks
from foveate.training.feed import ViewFeed
from foveate.training.growth import Growth


def test_views_grow_in_steps_of_the_patch_and_end_whole() -> None:
    growth = Growth(start=0.5, unit=4, steps=100)
    sides = [growth.side(32, done) for done in range(100)]
    assert sides == sorted(sides)
    assert sorted(set(sides)) == growth.sides(32) == [16, 20, 24, 28, 32]
    assert all(side == 32 for side in sides[75:])
    assert sides[0] == 16
    assert Growth(start=0.5, unit=4).side(32, 0) == 32, "as long as the run's length is not known"


@pytest.mark.parametrize(("start", "unit", "size", "first"), [(0.01, 4, 32, 4), (0.4, 16, 224, 96), (1.0, 4, 30, 30)])
def test_never_below_a_patch_nor_above_the_view(start: float, unit: int, size: int, first: int) -> None:
    growth = Growth(start=start, unit=unit, steps=10)
    assert growth.sides(size)[0] == growth.side(size, 0) == first
    assert growth.sides(size)[-1] == growth.side(size, 10) == size


def test_small_crops_are_at_most_as_large_and_blur_keeps_its_share() -> None:
    large = View(size=224, blur=0.5, blur_sigma=(0.2, 2.0), blur_kernel=23)
    views = Growth(start=0.25, unit=16, steps=10).views((large, View(size=96), View(size=32)), 0)
    assert [view.size for view in views] == [64, 64, 32]
    assert views[0].blur_sigma == pytest.approx((0.2 * 64 / 224, 2 * 64 / 224))
    assert views[0].blur_kernel == 7
    assert views[0].scale == large.scale


def test_the_feed_grows_by_steps_done_wherever_it_starts() -> None:
    def feed() -> ViewFeed:
        return ViewFeed(
            torch.randint(0, 255, (12, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)),
            torch.full((12, 2), 16), None, (View(size=16), View(size=8)), among=torch.arange(12), batch=3, seed=0,
            ranks=Ranks(device=torch.device("cpu")), mean=(0.5,) * 3, std=(0.2,) * 3,
            growth=Growth(start=0.5, unit=4, steps=8),
        )  # fmt: skip

    sides = [[view.shape[-1] for view in batch.views] for epoch in (0, 1) for batch in feed().epoch(epoch, 0)]
    assert sides == [[8, 8], [8, 8], [12, 8], [12, 8], [12, 8], [16, 8], [16, 8], [16, 8]]
    late, whole = next(iter(feed().epoch(1, 1))), list(feed().epoch(1, 0))[1]
    assert all(torch.equal(a, b) for a, b in zip(late.views, whole.views, strict=True))
