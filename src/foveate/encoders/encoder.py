"""An encoder: images in, named features out."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.encoders import taps as tap_grammar
from foveate.encoders.architecture import Architecture, Body
from foveate.encoders.heads import MLP
from foveate.encoders.preprocess import Preprocess


@final
class Encoder:
    """A network with its taps, preprocessing and identity; every scheme gives one of these.

    Attributes:
        address: how it was named.
        architecture: enough to build it again, untrained.
        module: the network itself.
        preprocess: from pixels to what it expects.
        projector: the head that it was pretrained with, where it comes from a run that kept it.
        width: of ``pooled``.
        grid: (rows, columns) of its patches; None for convolutional networks.
    """

    def __init__(
        self,
        *,
        address: str,
        architecture: Architecture,
        body: Body,
        preprocess: Preprocess | None = None,
        projector: MLP | None = None,
    ) -> None:
        self.address = address
        self.architecture = architecture
        self.module: nn.Module = body.module.eval()
        self.anatomy = body.anatomy
        self.preprocess = preprocess or body.preprocess
        self.projector = projector.eval() if projector is not None else None
        self._fingerprint: tuple[object, str] | None = None

    @property
    def width(self) -> int:
        return self.anatomy.width

    @property
    def grid(self) -> tuple[int, int] | None:
        return self.anatomy.grid

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    @cached_property
    def _outputs(self) -> tuple[str, ...]:
        heads: tuple[str, ...] = ()
        if self.projector is not None:
            heads = (*(f"projector.{i}" for i in range(self.projector.hidden)), "projector")
        return (*self.anatomy.outputs, *heads)

    def taps(self) -> list[str]:
        """All places, in the order of depth, without readouts."""
        return [*self.anatomy.places, *self._outputs]

    def check(self, tap: str) -> str:
        """The canonical spelling of a tap, with its readout.

        Raises:
            FoveateError: there is no such tap; the remedy names the nearest.
        """
        return str(self._parse(tap))

    def __call__(self, images: Float[Tensor, "b 3 h w"], taps: Sequence[str] = ("pooled",)) -> dict[str, Tensor]:
        """Features of preprocessed images, without gradients, in float32.

        Args:
            images: preprocessed, on the encoder's device.
            taps: any spellings that ``check`` accepts.

        Returns:
            As keyed by the given spellings: [b d], or [b n d] where the readout is ``:tokens``.

        Raises:
            FoveateError: there is no such tap, or this network's forward pass leaves it out.
        """
        wanted = {tap: self._parse(tap) for tap in taps}
        inside = {
            tap: (self.anatomy.places[parsed.point], parsed.readout)
            for tap, parsed in wanted.items()
            if parsed.readout is not None
        }
        outside = {tap: parsed.point for tap, parsed in wanted.items() if parsed.readout is None}
        with torch.inference_mode(), evaluating(self.module, self.projector):
            with tap_grammar.reading(self.module, inside, stop=not outside) as found:
                try:
                    outputs = dict(self.anatomy.forward(self.module, images))
                except tap_grammar.Enough:
                    outputs = {}
            if unreached := sorted(inside.keys() - found.keys()):
                raise FoveateError(
                    f"the forward pass of {self.address} never comes through {unreached[0]}.",
                    "choose another tap, e.g. pooled",
                )
            if self.projector is not None and any(point.startswith("projector") for point in outside.values()):
                outputs.update(self.projector.layers(outputs["pooled"]))
            found.update({tap: outputs[point].float() for tap, point in outside.items()})
        return {tap: found[tap] for tap in wanted}

    def pooled(self, images: Float[Tensor, "b 3 h w"], module: nn.Module | None = None) -> Float[Tensor, "b d"]:
        """The network's own pooled output, differentiable, in whatever mode it is: for training.

        Args:
            images: preprocessed, on the network's device.
            module: a copy of ``self.module`` with weights of its own, e.g. a teacher.
        """
        return self.anatomy.forward(self.module if module is None else module, images)["pooled"]

    def freeze_unreached(self) -> None:
        """Take the gradient from weights that ``pooled`` does not depend on, such as a classifier's.

        In training they would have none: replicas would wait for it, and the optimiser's state would lack it on resuming.
        """
        weights = [p for p in self.module.parameters() if p.requires_grad]
        image = torch.zeros(1, 3, *self.preprocess.size, dtype=weights[0].dtype, device=weights[0].device)
        with evaluating(self.module), torch.enable_grad():
            found = torch.autograd.grad(self.pooled(image).sum(), weights, allow_unused=True)
        for weight, gradient in zip(weights, found, strict=True):
            weight.requires_grad_(gradient is not None)

    def untrained(self, seed: int = 0) -> Encoder:
        """The same architecture and preprocessing with fresh weights, on the same device; without a projector."""
        twin = Encoder(
            address=f"untrained {self.address}",
            architecture=self.architecture,
            body=self.architecture.build(seed),
            preprocess=self.preprocess,
        )
        return twin.to(self.device)

    def to(self, device: torch.device | str) -> Encoder:
        """Move the weights; returns itself."""
        self.module.to(device)
        if self.projector is not None:
            self.projector.to(device)
        return self

    @property
    def fingerprint(self) -> str:
        """Architecture and weights as 32 hex digits: equal wherever and however the same encoder is loaded.

        Kept until a weight is changed by an optimiser or by loading; about a second for 300 million weights.
        """
        tensors = {f"backbone.{key}": value for key, value in self.module.state_dict().items()}
        if self.projector is not None:
            tensors |= {f"projector.{key}": value for key, value in self.projector.state_dict().items()}
        versions = tuple((value.data_ptr(), value._version) for value in tensors.values())
        if self._fingerprint is None or self._fingerprint[0] != versions:
            self._fingerprint = (versions, _digest(self.architecture.spelling, tensors))
        return self._fingerprint[1]

    def describe(self) -> dict[str, Any]:
        """What a report says of it."""
        return {
            "address": self.address,
            "architecture": self.architecture.spelling,
            "parameters": sum(p.numel() for p in self.module.parameters()),
            "width": self.width,
            "grid": list(self.grid) if self.grid else None,
            "preprocess": dataclasses.asdict(self.preprocess),
            "fingerprint": self.fingerprint,
            "projector": self.projector.spec if self.projector is not None else None,
        }

    def _parse(self, tap: str) -> tap_grammar.Tap:
        return tap_grammar.parse(tap, self.anatomy.places, self._outputs, encoder=self.address)

    def __repr__(self) -> str:
        return f"Encoder({self.address!r}, width={self.width})"


def _digest(spelling: str, tensors: dict[str, Tensor]) -> str:
    digest = hashlib.blake2b(spelling.encode(), digest_size=16)
    for key in sorted(tensors):
        value = tensors[key].detach().cpu().contiguous()
        digest.update(f"\0{key}\0{value.dtype}\0{tuple(value.shape)}\0".encode())
        content: Any = value.reshape(-1).view(torch.uint8).numpy()
        digest.update(content)
    return digest.hexdigest()


@contextmanager
def evaluating(*modules: nn.Module | None) -> Iterator[None]:
    """Evaluation mode for the block; every submodule's own mode comes back afterwards (frozen norms stay frozen)."""
    training = [part for module in modules if module is not None for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True
