from __future__ import annotations

import torch
import torch.nn.functional as F

from foveate.pretraining.queue import Queue


def rows(*values: float) -> torch.Tensor:
    return torch.tensor([[v, 1.0] for v in values])


def push(queue: Queue, *values: float) -> None:
    """Of the images with these numbers."""
    queue.push(rows(*values), torch.tensor(values, dtype=torch.int64))


def test_first_in_first_out() -> None:
    queue = Queue(5, 2, images=100)
    torch.testing.assert_close(queue.held.norm(dim=1), torch.ones(5))
    push(queue, 1, 2)
    push(queue, 3, 4)
    torch.testing.assert_close(queue.held[:4], F.normalize(rows(1, 2, 3, 4), dim=1))
    push(queue, 5, 6)  # goes round: 6 takes the place of the oldest
    torch.testing.assert_close(queue.held, F.normalize(rows(6, 2, 3, 4, 5), dim=1))
    push(queue, 10, 11, 12, 13, 14, 15, 16)  # more than it holds: the newest stay
    assert {tuple(r) for r in queue.held.tolist()} == {
        tuple(r) for r in F.normalize(rows(*range(12, 17)), dim=1).tolist()
    }


def test_it_is_never_longer_than_the_data() -> None:
    assert Queue(4096, 2, images=7).length == 7


def test_it_resumes() -> None:
    one, two = Queue(5, 2, images=9), Queue(5, 2, images=9)
    push(one, 1, 2, 3)
    two.load_state_dict(one.state_dict())
    for queue in (one, two):
        push(queue, 4, 5, 6)
    assert torch.equal(one.held, two.held)


def test_after_more_than_it_holds_the_oldest_still_goes_first() -> None:
    queue = Queue(5, 2, images=9)
    push(queue, 1, 2)
    push(queue, *range(10, 17))
    push(queue, 20)
    in_order = torch.roll(queue.held, -int(queue.at), 0)
    torch.testing.assert_close(in_order, F.normalize(rows(13, 14, 15, 16, 20), dim=1))


def test_an_image_finds_its_own_earlier_embeddings() -> None:
    queue = Queue(4, 2, images=9)
    assert not queue.own(torch.tensor([0, 1])).any()  # what it begins with is of no image
    push(queue, 5, 6, 5)
    assert queue.own(torch.tensor([6, 5, 2])).tolist() == [
        [False, True, False, False],
        [True, False, True, False],
        [False, False, False, False],
    ]
    push(queue, 2, 8)  # 8 takes the place of the oldest 5
    assert queue.own(torch.tensor([5, 8])).tolist() == [[False, False, True, False], [True, False, False, False]]
