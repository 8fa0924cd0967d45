"""What is drawn has torchvision's distributions, and does not depend on what else is switched on."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms import RandomResizedCrop

from foveate.core.errors import FoveateError
from foveate.data.views import CORNERS, View, center_box, corner_box, draw

VIEW = View(size=32, blur=0.5, solarize=0.3)


def sizes(n: int, h: int = 32, w: int = 32) -> torch.Tensor:
    return torch.tensor([[h, w]]).expand(n, 2)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("height", "width", "scale", "ratio"),
    [
        (32, 32, (0.2, 1.0), (3 / 4, 4 / 3)),
        (375, 500, (0.08, 1.0), (3 / 4, 4 / 3)),
        (40, 400, (0.5, 1.0), (3 / 4, 4 / 3)),  # nothing fits: the central fall-back, wide
        (400, 40, (0.5, 1.0), (3 / 4, 4 / 3)),  # and tall
        (100, 180, (0.6, 1.0), (0.9, 1.1)),  # some fit
        (3, 5, (0.01, 0.3), (0.5, 2.0)),  # sides that round to nothing
    ],
)
def test_boxes_are_distributed_as_torchvisions(
    height: int, width: int, scale: tuple[float, float], ratio: tuple[float, float]
):
    n = 4000
    view = replace(VIEW, scale=scale, ratio=ratio)
    ours = draw(view, sizes(n, height, width), seeded()).box.double()
    torch.manual_seed(1)
    image = torch.empty(3, height, width)
    theirs = torch.tensor([RandomResizedCrop.get_params(image, list(scale), list(ratio)) for _ in range(n)]).double()
    assert (ours[:, :2] >= 0).all()
    assert (ours[:, :2] + ours[:, 2:] <= torch.tensor([height, width])).all()
    for what in (
        lambda b: b[:, 2] * b[:, 3],
        lambda b: (b[:, 3] / b[:, 2]).log(),
        lambda b: b[:, 0],
        lambda b: b[:, 1],
        lambda b: b[:, 0] * b[:, 2],
    ):
        a, b = what(ours), what(theirs)
        error = ((a.var() + b.var()) / n).sqrt() + 1e-9
        assert (a.mean() - b.mean()).abs() < 4 * error
        # Two-sample Kolmogorov-Smirnov at about one in 10,000.
        at = torch.cat([a, b]).unique()
        gap = torch.searchsorted(a.sort()[0], at, right=True) - torch.searchsorted(b.sort()[0], at, right=True)
        assert gap.abs().max() / n < 2.2 * (2 / n) ** 0.5


def test_boxes_that_always_fall_back_are_torchvisions_exactly():
    view = replace(VIEW, scale=(0.9, 1.0))
    for height, width in ((40, 400), (400, 40), (41, 399), (10, 31)):
        box = draw(view, sizes(50, height, width), seeded()).box
        theirs = RandomResizedCrop.get_params(torch.empty(3, height, width), [0.9, 1.0], [3 / 4, 4 / 3])
        assert box.tolist() == [list(theirs)] * 50


def test_probabilities_factors_and_orders():
    n = 20_000
    p = draw(replace(VIEW, rotation=True, jitter=(0.4, 1.5, 0.2, 0.1)), sizes(n), seeded())

    def near(drawn: torch.Tensor, share: float) -> None:
        assert abs(float(drawn.double().mean()) - share) < 4 * (share * (1 - share) / n) ** 0.5

    near(p.flip, 0.5)
    near(p.jitter, 0.8)
    near(p.gray, 0.2)
    near(p.sigma > 0, 0.5)
    near(p.solarize, 0.3)
    for turns in range(4):
        near(p.rotation == turns, 0.25)
    for column, (low, high) in enumerate([(0.6, 1.4), (0.0, 2.5), (0.8, 1.2), (-0.1, 0.1)]):
        drawn = p.factors[:, column].double()
        assert low <= drawn.min() + 1e-6
        assert drawn.max() <= high + 1e-6
        assert abs(drawn.mean() - (low + high) / 2) < 4 * (high - low) / (12 * n) ** 0.5
        assert abs(drawn.std() - (high - low) / 12**0.5) < 0.02 * (high - low)
    sigma = p.sigma[p.sigma > 0].double()
    assert sigma.min() >= 0.1
    assert sigma.max() <= 2
    assert abs(sigma.mean() - 1.05) < 0.03
    assert (p.order.sort(dim=1)[0] == torch.arange(4)).all()
    _, counts = p.order.unique(dim=0, return_counts=True)
    assert len(counts) == 24
    assert (counts - n / 24).abs().max() < 5 * (n / 24) ** 0.5


def test_one_seed_one_draw_and_switches_do_not_disturb_each_other():
    plain = draw(VIEW, sizes(64), seeded(5))
    again = draw(VIEW, sizes(64), seeded(5))
    other = draw(VIEW, sizes(64), seeded(6))
    for field in fields(plain):
        assert torch.equal(getattr(plain, field.name), getattr(again, field.name))
    assert not torch.equal(plain.box, other.box)
    switched = draw(replace(VIEW, blur=0.0, solarize=0.0, flip=0.0, rotation=True), sizes(64), seeded(5))
    for name in ("box", "jitter", "factors", "order", "gray"):
        assert torch.equal(getattr(plain, name), getattr(switched, name)), name


def test_draws_within_a_batch_and_between_calls_differ():
    generator = seeded()
    first, second = draw(VIEW, sizes(256), generator), draw(VIEW, sizes(256), generator)
    assert len(first.factors.unique(dim=0)) == 256
    assert not torch.equal(first.factors, second.factors)


def test_off_means_off():
    p = draw(View(size=8, flip=0, jitter_p=0, grayscale=0), sizes(500), seeded())
    drawn = [p.flip, p.jitter, p.gray, p.sigma > 0, p.solarize, p.rotation > 0]
    assert not torch.stack(drawn).any()
    assert not draw(View(size=8, jitter=(0, 0, 0, 0), jitter_p=1), sizes(50), seeded()).jitter.any()


@given(h=st.integers(1, 700), w=st.integers(1, 700), share=st.floats(0.01, 1), corner=st.sampled_from(CORNERS))
@settings(deadline=None, max_examples=80)
def test_fixed_crops_are_the_named_boxes(h: int, w: int, share: float, corner: str):
    top, left, high, wide = draw(View(size=8, corner=corner, share=share), sizes(1, h, w), seeded()).box[0].tolist()
    assert (left, top, left + wide, top + high) == corner_box((h, w), corner, share)
    top, left, high, wide = draw(View(size=8, scale=None), sizes(1, h, w), seeded()).box[0].tolist()
    assert (left, top, left + wide, top + high) == center_box((h, w))


def test_a_generator_elsewhere_is_refused():
    class Elsewhere:
        device = torch.device("meta")

    with pytest.raises(FoveateError, match="CPU"):
        draw(VIEW, sizes(2), Elsewhere())  # type: ignore[arg-type]


def test_an_empty_batch_is_an_empty_draw():
    assert len(draw(VIEW, sizes(0), seeded())) == 0
