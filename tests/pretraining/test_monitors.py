from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.pretraining.monitors import Falls, Monitors, OnlineProbe, Sample, unit_std
from foveate.pretraining.monitors.names import check_terms, is_term
from foveate.pretraining.monitors.traces import Rises, Spikes
from foveate.training.contract import Batch, LossOutput


def test_the_online_probe_learns_and_its_gradient_is_that_of_cross_entropy() -> None:
    torch.manual_seed(0)
    centres = 3 * torch.randn(4, 16)
    probe = OnlineProbe(16, 4)
    for _ in range(60):
        y = torch.randint(0, 4, (64,))
        right = probe.learn(centres[y] + torch.randn(64, 16), y)
    assert right > 0.95
    assert (probe.predict(centres) == torch.arange(4)).all()
    x, y = torch.randn(8, 16), torch.randint(0, 4, (8,))
    fresh = OnlineProbe(16, 4, rate=1.0, momentum=0.0)
    fresh.learn(x, y)
    weight = torch.zeros(16, 4, requires_grad=True)
    scaled = (x - fresh.mean) * torch.rsqrt(fresh.variance + 1e-5)
    nn.functional.cross_entropy(scaled @ weight, y).backward()
    assert weight.grad is not None
    torch.testing.assert_close(fresh.weight, -weight.grad)


def test_unit_std_is_one_for_directions_at_random_and_zero_for_one() -> None:
    assert float(unit_std(torch.randn(4000, 64))) == pytest.approx(1, abs=0.02)
    assert float(unit_std(5 * torch.ones(10, 64))) == 0


@pytest.mark.parametrize(
    "taken",
    [
        "loss",
        "lr",
        "step",
        "spread",
        "knn_projector.0",
        "alignment_projector",
        "agreement",
        "recent_std",
        "gradient_norm",
    ],
)
def test_a_term_may_not_stand_in_the_log_as_something_else(taken: str) -> None:
    check_terms(["invariance", "momentum"])
    with pytest.raises(FoveateError, match=f"term '{taken}' bears a name"):
        check_terms(["invariance", taken])


def test_every_name_that_monitors_log_is_known_as_theirs() -> None:
    watch = monitors(Net())
    x = torch.randn(16, 48)
    named = {"backbone": x, "projector": x, "other": x, "prediction": x, "target": x, "assignments": x.softmax(1)}
    output = LossOutput(loss=torch.zeros(()), outputs=named)
    batch = Batch(views=[], labels=torch.arange(16) % 2, rows=torch.arange(16), size=16)
    for _ in range(20):
        watch.gradient(torch.ones(()))
        logged = watch.step(output, batch)
    assert [key for key in {**logged, **watch.measure()} if is_term(key)] == []


class Net(nn.Module):
    """Its features are the image itself, or a constant."""

    def __init__(self, constant: bool = False) -> None:
        super().__init__()
        self.constant = constant
        self.unused = nn.Dropout()

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        z = x.flatten(1)
        return {"backbone": torch.ones_like(z) if self.constant else z, "projector": z.roll(1, 1)}


def monitors(net: nn.Module, **changes: Any) -> Monitors:
    stream = torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 2
    pixels = torch.randint(0, 100, (200, 3, 4, 4), generator=stream, dtype=torch.uint8)
    pixels[labels == 1] += 100
    settings: dict[str, Any] = {
        "base": Sample(pixels=pixels[:150], labels=labels[:150]),
        "held_out": Sample(pixels=pixels[150:], labels=labels[150:]),
        "prepare": lambda x: x.float() / 128 - 1, "width": 48, "classes": 2, "trained": 100_000, "epochs": 5,
        "device": torch.device("cpu"), "speak": False, **changes,
    }  # fmt: skip
    return Monitors(net, net, **settings)


def test_an_epoch_says_what_is_true_of_the_features() -> None:
    net = Net().train()
    watch = monitors(net)
    values = watch.epoch(0)
    assert net.training
    assert values["knn"] == 1.0
    assert values["probe"] == 0.5
    assert values["width"] == values["width_projector"] == 48
    assert 1 < float(values["rankme"]) <= 48
    assert "diagnosis" not in values
    x = watch.prepare(watch.base.pixels).flatten(1)
    output = LossOutput(loss=torch.zeros(()), outputs={"backbone": x})
    batch = Batch(views=[x], labels=watch.base.labels, rows=torch.arange(150), size=150)
    for _ in range(40):
        scalars: Mapping[str, Tensor] = watch.step(output, batch)
    assert scalars["probe_train"] == 1.0
    assert watch.epoch(1)["probe"] == 1.0


def test_a_constant_encoder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    values = monitors(Net(constant=True), speak=True).epoch(0)
    assert str(values["diagnosis"]).startswith("images alike")
    assert "images alike" in capsys.readouterr().err


def test_they_look_seldom_where_epochs_are_short_but_always_at_the_end() -> None:
    watch = monitors(Net(), trained=100)
    assert watch.every == math.ceil(1.25 * (200 + 50) / (0.04 * 3 * 100))  # held-out images in two colours
    looked = [epoch for epoch in range(6) if watch.epoch(epoch)]
    assert looked == [0, 5]


def test_between_looks_steps_name_what_they_show_and_are_quiet_else(capsys: pytest.CaptureFixture[str]) -> None:
    def trained(shrink: float) -> Monitors:
        watch = monitors(Net(), trained=100, speak=True)
        x = watch.prepare(watch.base.pixels).flatten(1)
        batch = Batch(views=[x], labels=None, rows=torch.arange(150), size=150)
        for _ in range(40):
            watch.step(LossOutput(loss=torch.ones(()), outputs={"backbone": x, "projector": x}), batch)
            x = x * shrink
        return watch

    assert trained(1.0).epoch(1) == {}
    watch = trained(0.8)
    values = watch.epoch(1)
    assert list(values) == ["diagnosis"]
    assert str(values["diagnosis"]).startswith("collapsed")
    watch.epoch(2)
    assert capsys.readouterr().err.count("collapsed") == 1


def test_without_labels_there_is_no_accuracy() -> None:
    watch = monitors(Net(), classes=None)
    assert not {"knn", "probe"} & set(watch.epoch(0))
    assert not any(name.startswith("probe") for name, _ in watch.module.named_buffers())


def test_embeddings_that_are_not_finite_do_not_stop_it() -> None:
    class Broken(Net):
        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {name: z * float("nan") for name, z in super().forward(x).items()}

    values = monitors(Broken()).epoch(0)
    assert "rankme" not in values
    assert "knn" not in values


def test_falls_are_shares_of_the_highest() -> None:
    falls = Falls()
    assert falls.values() == {}
    for _ in range(30):
        falls.add(torch.tensor([0.8, 2.0]))
    assert falls.values()["fallen_std"] == pytest.approx(1)
    falls.add(torch.tensor([0.0, 2.0]))  # one odd batch is no fall
    assert falls.values()["fallen_std"] > 0.85
    for _ in range(80):
        falls.add(torch.tensor([0.2, 0.01]))
    assert falls.values()["fallen_std"] == pytest.approx(0.25, abs=0.01)
    assert falls.values()["fallen_spread"] == pytest.approx(0.005, abs=0.002)


def test_the_first_step_is_remembered_and_a_loss_is_held_against_it() -> None:
    falls, rises = Falls(), Rises()
    assert rises.values() == {}
    for step in range(40):
        falls.add(torch.tensor([0.8, 0.5 * 1.2**step]))
        rises.add(torch.tensor([2.0 if step < 20 else 6.0]))
    assert falls.values()["first_spread"] == 0.5
    assert falls.values()["recent_spread"] > 100
    assert rises.values()["risen_loss"] == pytest.approx(2.0, rel=0.15)
    below = Rises()
    for loss in (0.5, -0.2, -0.9):  # a loss that may be negative, and one that falls, never rose
        below.add(torch.tensor([loss]))
    assert below.values()["risen_loss"] == 0.0


def test_a_gradient_is_none_only_after_ten_steps_of_exactly_none() -> None:
    spikes = Spikes()
    for _ in range(9):
        spikes.add(torch.tensor(0.0))
    assert "recent_gradient" not in spikes.values()
    spikes.add(torch.tensor(0.0))
    assert spikes.values()["recent_gradient"] == 0.0
    spikes.add(torch.tensor(1e-9))
    assert spikes.values()["recent_gradient"] > 0
