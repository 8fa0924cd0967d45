from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.data.views import View
from foveate.engine.distributed import Ranks
from foveate.training.feed import ViewFeed

CPU = torch.device("cpu")
VIEWS = (View(size=8), View(size=6, solarize=0.5))


def feed(ranks: Ranks | None = None, **changes: object) -> ViewFeed:
    stream = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (23, 3, 10, 10), generator=stream, dtype=torch.uint8)
    pixels[:, 0, 0, 0] = torch.arange(23, dtype=torch.uint8)
    settings: dict[str, object] = {
        "among": torch.arange(2, 23), "batch": 6, "seed": 1, "ranks": ranks or Ranks(device=CPU),
        "mean": (0.5, 0.5, 0.5), "std": (0.2, 0.2, 0.2), **changes,
    }  # fmt: skip
    return ViewFeed(pixels, torch.full((23, 2), 20), torch.arange(23), VIEWS, **settings)  # type: ignore[arg-type]


def test_an_epoch_is_every_image_at_most_once_and_no_short_batch() -> None:
    batches = list(feed().epoch(0, 0))
    rows = torch.cat([batch.rows for batch in batches])
    assert feed().steps == len(batches) == 3
    assert len(rows.unique()) == 18
    assert rows.min() >= 2
    assert all(torch.equal(batch.labels, batch.rows) for batch in batches)
    assert [tuple(view.shape) for view in batches[0].views] == [(6, 3, 8, 8), (6, 3, 6, 6)]


def test_epochs_differ_and_repeat_exactly() -> None:
    first, again, other = (next(feed().epoch(e, 0)) for e in (0, 0, 1))
    assert torch.equal(first.views[0], again.views[0])
    assert not torch.equal(first.rows, other.rows)


def test_starting_in_the_middle_gives_the_same_batches() -> None:
    whole, late = list(feed().epoch(3, 0))[2], next(iter(feed().epoch(3, 2)))
    assert all(torch.equal(a, b) for a, b in zip(whole.views, late.views, strict=True))
    assert torch.equal(whole.draw("mask", 3), late.draw("mask", 3))
    assert whole.step == late.step == 3 * feed().steps + 2


def test_processes_share_the_batch_of_one() -> None:
    whole = next(iter(feed().epoch(0, 0)))
    parts = [next(iter(feed(Ranks(rank, 2, CPU)).epoch(0, 0))) for rank in (0, 1)]
    assert torch.equal(torch.cat([part.rows for part in parts]), whole.rows)
    for i in range(2):
        torch.testing.assert_close(torch.cat([part.views[i] for part in parts]), whole.views[i])
    assert torch.equal(torch.cat([part.draw("mask", 4) for part in parts]), whole.draw("mask", 4))
    assert torch.equal(
        torch.cat([parts[1].part(0, 1).draw("n", normal=True), parts[1].part(1, 3).draw("n", normal=True)]),
        whole.draw("n", normal=True)[3:],
    )
    assert not torch.equal(whole.draw("mask", 4), whole.draw("noise", 4))


def test_made_ahead_is_the_same_and_stops_when_left() -> None:
    for a, b in zip(feed(ahead=True).epoch(0, 0), feed().epoch(0, 0), strict=True):
        assert torch.equal(a.views[1], b.views[1])
    left = iter(feed(ahead=True).epoch(0, 0))
    next(left)
    left.close()  # type: ignore[attr-defined]


def test_an_error_ahead_is_raised_where_the_batch_is_wanted() -> None:
    broken = feed(ahead=True)
    broken.labels = torch.arange(2)
    with pytest.raises(IndexError):
        next(iter(broken.epoch(0, 0)))


def test_mapped_pixels_are_read_and_left_alone(tmp_path: object) -> None:
    plain = feed()
    path = f"{tmp_path}/pixels.npy"
    np.save(path, plain.pixels.numpy())
    mapped = feed()
    mapped.pixels = np.load(path, mmap_mode="r")
    a, b = next(iter(plain.epoch(0, 0))), next(iter(mapped.epoch(0, 0)))
    assert torch.equal(a.views[0], b.views[0])
