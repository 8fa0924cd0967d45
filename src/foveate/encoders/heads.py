"""Heads: the multi-layer perceptron behind every projector and predictor, built from a dict that a checkpoint can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError, nearest

_NORMS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
_ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}


class MLP(nn.Module):
    """Linear layers with norm and activation between them.

    Args:
        widths: input, hidden …, output; two widths are one linear layer.
        norm: after each hidden layer: ``batch``, ``layer`` or None.
        bias: whether linear layers that no norm follows have a bias (a norm makes it redundant).
        last_norm: whether the norm, without its affine part, also follows the output (as SimCLR's and MoCo v3's heads have it).
        activation: ``relu`` or ``gelu``.

    Raises:
        FoveateError: an unknown norm or activation, or fewer than two widths.
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        norm: Literal["batch", "layer"] | None = "batch",
        bias: bool = True,
        last_norm: bool = False,
        activation: Literal["relu", "gelu"] = "relu",
    ) -> None:
        super().__init__()
        if len(widths) < 2 or any(width < 1 for width in widths):
            raise FoveateError(f"a head needs at least two positive widths, not {list(widths)}.", "e.g. 512,2048,128")
        for word, known in ((norm, _NORMS), (activation, _ACTIVATIONS)):
            if word is not None and word not in known:
                raise FoveateError(f"a head cannot have '{word}'.", nearest(str(word), known))
        self.widths, self.norm, self.bias = tuple(int(width) for width in widths), norm, bias
        self.last_norm, self.activation = last_norm, activation
        steps: list[nn.Module] = []
        for index, (inputs, outputs) in enumerate(zip(self.widths[:-1], self.widths[1:], strict=True)):
            is_last = index == len(self.widths) - 2
            normed = norm is not None and (last_norm or not is_last)
            layer: list[nn.Module] = [nn.Linear(inputs, outputs, bias=bias and not normed)]
            if norm == "batch" and normed:
                layer.append(nn.BatchNorm1d(outputs, affine=not is_last))
            elif normed:
                layer.append(nn.LayerNorm(outputs, elementwise_affine=not is_last))
            if not is_last:
                layer.append(_ACTIVATIONS[activation]())
            steps.append(nn.Sequential(*layer))
        self.steps = nn.ModuleList(steps)

    @property
    def hidden(self) -> int:
        """How many hidden layers there are."""
        return len(self.steps) - 1

    @property
    def spec(self) -> dict[str, Any]:
        """The dict that ``from_spec`` builds the same head from; plain JSON."""
        return {
            "widths": list(self.widths),
            "norm": self.norm,
            "bias": self.bias,
            "last_norm": self.last_norm,
            "activation": self.activation,
        }

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> MLP:
        """Build from ``spec``; absent keys have their defaults.

        Raises:
            FoveateError: keys that are not of a head.
        """
        known = ("widths", "norm", "bias", "last_norm", "activation")
        for key in spec:
            if key not in known:
                raise FoveateError(f"a head has no '{key}'.", nearest(key, known))
        return cls(**spec)

    def forward(self, x: Float[Tensor, "b d"]) -> Float[Tensor, "b e"]:
        for step in self.steps:
            x = step(x)
        return x

    def layers(self, x: Float[Tensor, "b d"]) -> dict[str, Tensor]:
        """What the taps ``projector.I`` (after the I-th hidden layer) and ``projector`` read."""
        found = {}
        for index, step in enumerate(self.steps):
            x = step(x)
            found["projector" if index == self.hidden else f"projector.{index}"] = x
        return found
