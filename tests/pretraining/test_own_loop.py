"""The monitors in loops of one's own, and in those of Lightning and transformers."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from foveate.pretraining.monitors import Watch
from foveate.pretraining.monitors.callbacks import lightning_callback, transformers_callback


def images(n: int = 120) -> tuple[Tensor, Tensor]:
    stream = torch.Generator().manual_seed(0)
    labels = torch.arange(n) % 2
    return torch.randn(n, 3, 4, 4, generator=stream) + labels[:, None, None, None], labels


class Net(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.linear = nn.Linear(48, 16, bias=False)
        with torch.no_grad():
            self.linear.weight.mul_(weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.flatten(1))


def test_a_loop_of_ones_own_gets_curves_and_a_diagnosis() -> None:
    torch.manual_seed(0)
    x, y = images()
    net = Net()
    watch = Watch(net, x[:80], y[:80], held_out=x[80:], held_out_labels=y[80:])
    assert net.training
    for _ in range(30):
        features = net(x[:80])
        features.square().mean().backward()
        assert float(watch.gradient(net)) == pytest.approx(float(net.linear.weight.grad.norm()))  # type: ignore[union-attr]
        found = watch.step({"backbone": features, "other": features}, y[:80])
        assert {"batch_std", "batch_alignment", "probe_train"} <= found.keys()
        net.zero_grad()
    values = watch.look()
    assert {"rankme", "knn", "linear", "probe", "std", "colour", "fallen_std", "gradient_spikes"} <= values.keys()
    assert values["knn"] > 0.8
    assert "diagnosis" not in values
    with torch.no_grad():
        net.linear.weight.zero_()
    assert "collapsed" in watch.look()["diagnosis"]
    resumed = Watch(net, x[:80], y[:80], held_out=x[80:], held_out_labels=y[80:])
    resumed.module.load_state_dict(watch.module.state_dict())
    assert resumed.look() == watch.look()


def test_images_without_labels_or_held_out_ones_are_enough() -> None:
    values = Watch(Net(), images()[0]).look()
    assert "rankme" in values
    assert "knn" not in values


def test_lightning_calls_it_by_names_alone() -> None:
    x, y = images()
    net: Any = Net()
    logged: dict[str, float] = {}
    net.log_dict = logged.update
    callback = lightning_callback(
        Watch(net, x, y, held_out=x, held_out_labels=y), outputs=lambda module, returned: returned
    )
    trainer = SimpleNamespace(current_epoch=0)
    features = net(x)
    features.sum().backward()
    callback.on_before_optimizer_step(trainer, net, None)
    callback.on_train_batch_end(trainer, net, {"loss": features.sum(), "backbone": features, "labels": y}, None, 0)
    callback.on_train_epoch_end(trainer, net)
    assert {"watch/knn", "watch/rankme", "watch/fallen_std", "watch/gradient_peak"} <= logged.keys()
    state = callback.state_dict()
    callback.load_state_dict(state)


@pytest.mark.slow
def test_a_trainer_of_transformers_logs_what_it_sees(tmp_path: Any) -> None:
    transformers = pytest.importorskip("transformers")
    x, y = images()
    callback = transformers_callback(Watch(Net(), x, y, held_out=x, held_out_labels=y))
    assert isinstance(callback, transformers.TrainerCallback)
    pytest.importorskip("accelerate")

    class Model(Net):
        def forward(self, x: Tensor, labels: Tensor | None = None) -> Any:
            z = super().forward(x)
            return z if labels is None else {"loss": nn.functional.cross_entropy(z, labels), "logits": z}

    model = Model()
    rows = [{"x": image, "labels": label} for image, label in zip(x, y, strict=True)]
    callback = transformers_callback(Watch(model, x, y, held_out=x, held_out_labels=y))
    arguments = transformers.TrainingArguments(
        str(tmp_path), num_train_epochs=2, report_to=[], use_cpu=True, save_strategy="no"
    )
    trainer = transformers.Trainer(model=model, args=arguments, train_dataset=rows, callbacks=[callback])
    trainer.train()
    seen = [line for line in trainer.state.log_history if "watch/knn" in line]
    assert len(seen) == 2
    assert seen[-1]["watch/gradient_spikes"] == 0


def test_transformers_hooks_by_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    x, _ = images()
    net = Net()
    callback = transformers_callback(Watch(net, x))
    net(x).sum().backward()
    state = SimpleNamespace(epoch=1.0, global_step=7, log_history=[])
    callback.on_pre_optimizer_step(None, state, None, model=net)
    callback.on_epoch_end(None, state, None)
    assert state.log_history[0]["step"] == 7
    assert "watch/rankme" in state.log_history[0]


def test_neither_package_is_imported() -> None:
    code = "import sys, foveate.pretraining.monitors.callbacks; assert not {'lightning', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
