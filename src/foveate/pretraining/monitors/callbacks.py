"""The monitors in other people's trainers: callbacks for Lightning and for transformers, which need neither to be imported.

Both know only the names of the hooks that the trainer calls. Where the package is installed the callback is also of its own
class, which its trainer asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from foveate.core import console
from foveate.pretraining.monitors.own import Watch

Outputs = Callable[[Any, Any], Mapping[str, Tensor]]


def lightning_callback(watch: Watch, *, outputs: Outputs | None = None, every: int = 1) -> Any:
    """A callback for ``Trainer(callbacks=[…])`` of Lightning (either package name).

    After each batch it takes what ``training_step`` returned, or what ``outputs(pl_module, returned)`` makes of it, where
    that holds ``backbone``; after every so many epochs it looks, and logs the numbers through the module as ``watch/…``.

    Args:
        watch: over the same module. outputs: names what a step returned as in ``LossOutput``.
    """

    class WatchCallback(_base("lightning.pytorch", "pytorch_lightning", name="Callback")):  # type: ignore[misc]
        def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
            watch.gradient(pl_module)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, returned: Any, batch: Any, batch_idx: int) -> None:
            named = returned if outputs is None else outputs(pl_module, returned)
            if isinstance(named, Mapping) and "backbone" in named:
                tensors = {key: x for key, x in named.items() if isinstance(x, Tensor) and x.ndim == 2}
                watch.step(tensors, named.get("labels"))

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            if (trainer.current_epoch + 1) % every == 0:
                values = watch.look()
                pl_module.log_dict({f"watch/{key}": value for key, value in _numbers(values).items()})
                _say(values)

        def state_dict(self) -> dict[str, Any]:
            return {"watch": watch.module.state_dict()}

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            watch.module.load_state_dict(state_dict["watch"])

    return WatchCallback()


def transformers_callback(watch: Watch, *, every: int = 1) -> Any:
    """A callback for ``Trainer(callbacks=[…])`` of transformers.

    Before each update it remembers the gradient's norm; after every so many epochs it looks, and adds the numbers to the
    trainer's ``log_history`` as ``watch/…``, beside its own.
    """

    class WatchCallback(_base("transformers", name="TrainerCallback")):  # type: ignore[misc]
        def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:
            if model is not None:
                watch.gradient(model)

        def on_epoch_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            if round(state.epoch) % every == 0:
                values = watch.look()
                numbers = {f"watch/{key}": value for key, value in _numbers(values).items()}
                state.log_history.append({"epoch": state.epoch, "step": state.global_step, **numbers})
                _say(values)

    return WatchCallback()


def _base(*modules: str, name: str) -> type:
    """The class that a trainer asks its callbacks to be of, where its package is imported already: importing it is its user's."""
    for module in modules:
        found = getattr(sys.modules.get(module), name, None)
        if isinstance(found, type):
            return found
    return object


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in values.items() if isinstance(value, int | float | torch.Tensor)}


def _say(values: Mapping[str, Any]) -> None:
    if "diagnosis" in values:
        console.warn(str(values["diagnosis"]))
