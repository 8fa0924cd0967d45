"""The loss of fine-tuning, mixed labels against explicit soft targets, and knobs that are refused."""

from __future__ import annotations

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.probing.finetune.classifier import Classifier, Knobs, mixed
from foveate.training.contract import Batch


def batch(seed: int, count: int = 6) -> Batch:
    stream = torch.Generator().manual_seed(seed)
    images = torch.rand(count, 3, 32, 32, generator=stream)
    labels = torch.randint(0, 3, (count,), generator=stream)
    return Batch(views=[images], labels=labels, rows=torch.arange(count), size=count, seed=seed)


def test_nothing_is_mixed_unless_asked() -> None:
    one = batch(1)
    images, labels, share = mixed(one, Knobs())
    assert images is one.views[0]
    assert (labels is one.labels, share) == (True, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_mixup_blends_images_by_the_share(seed: int) -> None:
    one = batch(seed)
    images, labels, share = mixed(one, Knobs(mixup=1.0))
    torch.testing.assert_close(images, share * one.views[0] + (1 - share) * one.views[0].flip(0))
    assert one.labels is not None
    assert torch.equal(labels, one.labels.flip(0))
    assert 0 < share < 1


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_cutmix_is_that_of_the_pixels(seed: int) -> None:
    one = batch(seed)
    images, _, share = mixed(one, Knobs(cutmix=1.0))
    own = (images == one.views[0]).all(1)[0]
    assert float(own.float().mean()) == pytest.approx(share)
    rows, columns = (~own).nonzero(as_tuple=True)
    if len(rows):
        assert (~own)[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].all(), "one rectangle"
    torch.testing.assert_close(images[0][:, ~own], one.views[0].flip(0)[0][:, ~own])


def test_both_are_drawn_about_equally_often() -> None:
    images = [mixed(one, Knobs(mixup=1.0, cutmix=1.0))[0][0] == one.views[0][0] for one in map(batch, range(200))]
    cut = sum(bool(same.any()) for same in images)
    assert 70 < cut < 130


def test_the_loss_is_cross_entropy_with_soft_targets() -> None:
    knobs = Knobs(mixup=0.8, smoothing=0.2)
    model = Classifier(load("foveate:resnet9"), 3, knobs, seed=0).eval()
    one = batch(4)
    assert one.labels is not None
    images, other, share = mixed(one, knobs)
    hard = torch.eye(3, dtype=torch.float64)
    soft = 0.8 * (share * hard[one.labels] + (1 - share) * hard[other]) + 0.2 / 3
    logs = torch.log_softmax(model.scores(images).double(), dim=1)
    assert model.loss(one).loss.item() == pytest.approx((-(soft * logs).sum(1).mean()).item(), abs=1e-5)


def test_the_head_is_a_function_of_the_seed() -> None:
    heads = [Classifier(load("foveate:resnet9"), 3, Knobs(), seed=seed).head for seed in (0, 0, 1)]
    first, again, other = ([p.detach() for p in head.parameters()] for head in heads)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lr": 0.0}, "lr"),
        ({"lr": float("inf")}, "lr"),
        ({"layer_decay": 0.0}, "layer_decay"),
        ({"layer_decay": 1.5}, "layer_decay"),
        ({"smoothing": 1.0}, "smoothing"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"mixup": -1.0}, "mixup"),
        ({"batch": 1}, "batch"),
    ],
)
def test_a_knob_out_of_its_range_is_refused(changes: dict[str, float], word: str) -> None:
    with pytest.raises(FoveateError, match=word):
        Knobs(**changes)  # type: ignore[arg-type]
