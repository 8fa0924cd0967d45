"""Optimisers, what decays and what does not, and the rule from batch size to learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor, nn

OptimizerName = Literal["adamw", "lars", "sgd"]
RateRule = Literal["linear", "sqrt", "none"]


def scaled_rate(base: float, batch: int, rule: RateRule) -> float:
    """The learning rate of an effective batch, from the rate at 256 images.

    ``linear``: base · batch / 256 (Goyal et al. 2017). ``sqrt``: base · √(batch / 256), which keeps small batches and
    adaptive optimisers closer to their optimum. ``none``: base.
    """
    factor = {"linear": batch / 256, "sqrt": math.sqrt(batch / 256), "none": 1.0}[rule]
    return base * factor


def parameter_groups(
    modules: Iterable[nn.Module], weight_decay: float, *, factor: Callable[[str], float] | None = None
) -> list[dict[str, Any]]:
    """Groups of weights that decay, and of biases, norms, tokens and other 1-D parameters that do not.

    LARS takes no trust ratio on the latter either. Frozen parameters are left out; shared ones appear once. Every group
    carries ``rate_factor``, by which the loop multiplies the learning rate of the step.

    Args:
        factor: a parameter's name in its module → its factor of the rate, for layer-wise decay. Default: 1 for all.
    """
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    seen: set[int] = set()
    for module in modules:
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            plain = parameter.ndim <= 1 or name.endswith(("cls_token", "pos_embed", "mask_token"))
            groups.setdefault((plain, factor(name) if factor is not None else 1.0), []).append(parameter)
    return [
        {"params": held, "weight_decay": 0.0 if plain else weight_decay, "adapt": not plain, "rate_factor": scale}
        for (plain, scale), held in sorted(groups.items(), key=lambda item: item[0])
    ]


def make_optimizer(
    name: OptimizerName, groups: list[dict[str, Any]], *, rate: float, momentum: float = 0.9, fused: bool = True
) -> torch.optim.Optimizer:
    """An optimiser over parameter groups. ``fused`` (a step in one kernel) must be off for sharded parameters."""
    if name == "lars":
        return LARS(groups, lr=rate, momentum=momentum)
    fused = fused and groups[0]["params"][0].device.type in {"cpu", "cuda", "mps"}
    if name == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=momentum, fused=fused)
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.999), fused=fused)


class LARS(torch.optim.Optimizer):
    """Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017), as self-supervised learning uses it.

    For a group with ``adapt`` the update g + wd·w is scaled by trust · |w| / |g + wd·w| before momentum; other groups
    (biases, norms) are plain SGD with momentum.

    Args:
        trust: the trust coefficient η.
    """

    def __init__(
        self, params: Any, *, lr: float, momentum: float = 0.9, weight_decay: float = 0.0, trust: float = 0.001
    ) -> None:
        super().__init__(
            params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust": trust, "adapt": True}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """One update; as every torch optimiser's."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._update(weight, group)
        return loss

    def _update(self, weight: Tensor, group: dict[str, Any]) -> None:
        update = weight.grad
        assert update is not None
        if group["weight_decay"]:
            update = update.add(weight, alpha=group["weight_decay"])
        if group["adapt"]:
            size, change = torch.linalg.vector_norm(weight), torch.linalg.vector_norm(update)
            # Where either norm is 0 the ratio says nothing: the plain update is taken.
            usable = (size > 0) & (change > 0)
            update = update * torch.where(usable, group["trust"] * size / change, 1.0)
        state = self.state[weight]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(weight)
        state["momentum"].mul_(group["momentum"]).add_(update)
        weight.add_(state["momentum"], alpha=-group["lr"])
