"""Plain monitors on planted embeddings."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn

from foveate.encoders.heads import MLP
from foveate.pretraining.monitors.look import of_embedding, of_step, of_views, thinned
from foveate.pretraining.monitors.sample import Sample, Surrogates
from foveate.pretraining.monitors.shortcuts import colour_shift, same_batch
from foveate.pretraining.monitors.traces import Firsts, Recent, Spikes


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_step_tells_what_its_outputs_allow() -> None:
    x = torch.eye(8)
    assert of_step({"backbone": x}).keys() == {"batch_std", "batch_spread"}
    found = of_step({"backbone": x, "projector": x, "other": -x, "prediction": x, "target": 2 * x, "assignments": x})
    assert float(found["batch_alignment"]) == pytest.approx(4)
    assert float(found["batch_uniformity"]) == pytest.approx(-4)
    assert float(found["agreement"]) == pytest.approx(1)
    assert float(found["prototypes_used"]) == pytest.approx(8)
    assert float(found["assignment_entropy"]) == pytest.approx(0, abs=1e-6)


def test_an_embedding_tells_its_rank_its_silent_units_and_its_spectrum() -> None:
    x = torch.randn(1000, 10, generator=stream()).relu()
    x[:, 7:] = 0
    found = of_embedding(x, spectrum=True)
    assert found["dead"] == pytest.approx(0.3)
    assert found["zeros"] == pytest.approx(0.3 + 0.7 / 2, abs=0.02)
    assert 6 < found["directions"] <= 7.001
    assert found["spectrum"]["rank"] == list(range(1, 11))
    assert found["spectrum"]["value"][0] == 1
    assert max(found["spectrum"]["value"][7:]) < 1e-6
    assert of_embedding(x * math.nan) == {}
    assert len(thinned(torch.arange(500, 0, -1.0))["rank"]) == 64


def test_views_tell_lidar_whatever_the_scale() -> None:
    x = torch.eye(8)[:, None].expand(8, 4, 8)
    assert of_views(x)["lidar"] == pytest.approx(7)
    assert of_views(x)["alignment"] == pytest.approx(0)
    noisy = x + 0.1 * torch.randn(8, 4, 8, generator=stream())
    assert of_views(noisy)["lidar"] == pytest.approx(of_views(1000 * noisy)["lidar"])


def test_colours_move_an_embedding_of_colours_and_not_one_of_shapes() -> None:
    images = torch.rand(2000, 3, 1, 1, generator=stream()).expand(-1, -1, 4, 4)
    swapped = images[:, [1, 2, 0]]
    colours, others = images.mean((2, 3)), swapped.mean((2, 3))
    shapes = torch.randn(2000, 16, generator=stream(3))
    assert colour_shift(colours, others) == pytest.approx(1, abs=0.05)  # channels are independent here
    assert colour_shift(shapes, shapes) == 0
    both, both_swapped = (torch.cat([x, colours.std() * shapes[:, :3]], dim=1) for x in (colours, others))
    assert colour_shift(both, both_swapped) == pytest.approx(0.5, abs=0.05)
    grey = images.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    assert colour_shift(grey.flatten(1), grey[:, [1, 2, 0]].flatten(1)) == 0


class Net(nn.Module):
    """Features are noise of the image's own; in training mode the batch's mean is added so many times over."""

    def __init__(self, leak: float) -> None:
        super().__init__()
        self.norm, self.leak = nn.BatchNorm1d(12, affine=False), leak

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = x.flatten(1)
        y = self.norm(x)
        return {"backbone": y + self.leak * x.mean(0) if self.training else y}


@pytest.mark.parametrize("training", [True, False])
def test_a_leak_of_batch_statistics_is_seen_and_leaves_no_trace(training: bool) -> None:
    images = torch.randn(128, 3, 2, 2, generator=stream())
    leaky, sound = Net(50.0).train(training), Net(0.0).train(training)
    before, drawn = copy.deepcopy(leaky.state_dict()), torch.get_rng_state()
    share, chance = same_batch(leaky, leaky, images, group=16) or (0, 0)
    assert share > 0.95
    assert chance == pytest.approx(15 / 127)
    share, chance = same_batch(sound, sound, images, group=16) or (1, 0)
    assert share < chance + 0.1
    torch.testing.assert_close(leaky.state_dict(), before, rtol=0, atol=0)
    assert leaky.training == training
    assert torch.equal(torch.get_rng_state(), drawn)
    head = MLP([12, 4, 4], norm="layer")
    assert same_batch(lambda x: {"backbone": head(x.flatten(1))}, head, images, group=16) is None


def test_spikes_are_counted_until_they_are_forgotten() -> None:
    spikes = Spikes(window=16)
    assert spikes.values() == {}
    spikes.add(torch.tensor(100.0))  # the first quarter is only learnt from
    for norm in [1.0] * 20 + [30.0] + [1.0] * 5 + [9.0, 11.0]:
        spikes.add(torch.tensor(norm))
    assert spikes.values() == {"gradient_spikes": 2.0, "gradient_peak": 30.0, "recent_gradient": 30.0}
    spikes.forget()
    assert spikes.values() == {"gradient_spikes": 0.0, "gradient_peak": 0.0, "recent_gradient": 30.0}


def test_what_is_remembered_goes_through_a_checkpoint() -> None:
    recent, firsts = Recent(), Firsts()
    assert recent.values() == firsts.values() == {}
    for _ in range(60):
        recent.add({"momentum": torch.tensor(0.5), "agreement": torch.tensor(1.0), "other": torch.tensor(7.0)})
    assert [firsts.add(value, 0.5 + value, 0.6 + value) for value in (0.3, 0.5, 0.4, 0.5)] == [True, True, False, True]
    assert not firsts.add(None, None)
    for part, fresh in ((recent, Recent()), (firsts, Firsts())):
        fresh.load_state_dict(part.state_dict())
        assert fresh.values() == part.values()
    assert recent.values() == pytest.approx({"recent_momentum": 0.5, "recent_agreement": 1.0})
    assert firsts.values() == pytest.approx(
        {"knn_start": 0.3, "knn_best": 0.5, "colour_start": 0.8, "knn_among_start": 0.9}
    )


def test_surrogates_are_the_same_views_each_time_and_differ_from_one_another() -> None:
    from foveate.data.views import simclr_views

    pixels = torch.randint(0, 255, (5, 3, 20, 20), generator=stream(), dtype=torch.uint8)
    made = Surrogates(
        sample=Sample(pixels=pixels, labels=None),
        sizes=torch.full((5, 2), 20),
        view=simclr_views(16)[0],
        count=3,
        seed=1,
    )
    one, two = (list(made.blocks(torch.device("cpu"))) for _ in range(2))
    assert [x.shape for x in one] == [(5, 3, 16, 16)] * 3
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], one[1])
