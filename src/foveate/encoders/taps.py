"""The tap grammar ``PLACE[:READOUT]``, and hooks that reduce a tensor where it arises and keep nothing else.

| place | what |
|---|---|
| ``blocks.5`` | the residual stream after a transformer block |
| ``blocks.5.attn``, ``.mlp`` | a branch as it is added to the stream, after LayerScale |
| ``blocks.5.norm1``, ``.norm2`` | the block's norms |
| ``stem``, ``stages.2`` | what enters the first stage (or block); a stage's output |
| ``stages.2.blocks.1[.conv1, .norm1 …]`` | a block of a stage; its parts |
| ``norm`` | all tokens after a transformer's last norm |
| ``pooled``, ``logits``, ``projector[.I]`` | the network's own outputs |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError, nearest
from foveate.encoders.anatomy import Place

READOUTS = ("cls", "mean", "tokens")
OUTPUTS = ("pooled", "logits", "projector")


@dataclass(frozen=True)
class Tap:
    """A place and how it is read; outputs of the whole network have no readout."""

    point: str
    readout: str | None = None

    def __str__(self) -> str:
        return self.point if self.readout is None else f"{self.point}:{self.readout}"


def parse(text: str, places: Mapping[str, Place], outputs: Sequence[str], *, encoder: str) -> Tap:
    """Read a tap; where no readout is written it is ``cls`` if there is a class token, else ``mean``.

    Args:
        text: e.g. ``blocks.5:mean``; a negative number counts from the end, ``blocks.-1``.
        places: what this encoder has inside.
        outputs: which of ``pooled``, ``logits``, ``projector`` … it gives.
        encoder: its address, for messages.

    Raises:
        FoveateError: no such place (the nearest is named) or a readout that does not exist there.
    """
    point, colon, readout = text.strip().partition(":")
    point = _from_the_end(point, places)
    if point in outputs:
        if colon:
            raise FoveateError(f"'{text}': {point} is one vector an image and has no readout.", f"write {point}")
        return Tap(point)
    if point not in places:
        if point in OUTPUTS or point.startswith("projector."):
            what = (
                "classifier" if point == "logits" else "projector" if point == "projector" else "such projector layer"
            )
            raise FoveateError(
                f"{encoder} has no {what}, so no tap '{point}'.", f"taps: {', '.join(outputs)}, {_some(places)}"
            )
        raise FoveateError(f"{encoder} has no tap '{point}'.", nearest(point, [*places, *outputs]))
    place = places[point]
    if not colon:
        return Tap(point, "cls" if place.cls else "mean")
    if readout not in READOUTS:
        raise FoveateError(f"unknown readout ':{readout}' in '{text}'.", nearest(readout, READOUTS))
    if readout == "cls" and not place.cls:
        raise FoveateError(f"{encoder} has no class token, so no '{text}'.", f"use {point}:mean")
    return Tap(point, readout)


def _from_the_end(point: str, places: Mapping[str, Place]) -> str:
    """``blocks.-1`` → ``blocks.11``, level by level."""
    parts = point.split(".")
    for level, part in enumerate(parts):
        if re.fullmatch(r"-\d+", part):
            head = ".".join(parts[:level])
            found = re.compile(re.escape(head) + r"\.(\d+)(\.|$)")
            count = 1 + max((int(match[1]) for name in places if (match := found.match(name))), default=-1)
            if count + int(part) >= 0:
                parts[level] = str(count + int(part))
    return ".".join(parts)


def _some(places: Mapping[str, Place]) -> str:
    return ", ".join(list(places)[:4]) + " …" if places else "nothing inside"


def reduce(value: Any, place: Place, readout: str) -> Tensor:
    """Read a module's output: [b d], or [b n d] for ``tokens`` (patches, or a map's cells row by row), in float32.

    The result shares no memory with ``value``, so that neither the raw map is kept alive nor a later operation
    in place is seen.
    """
    if isinstance(value, tuple | list):
        value = value[0]
    if value.ndim == 2:  # already one vector an image
        return value.to(torch.float32, copy=True)
    if value.ndim == 4:
        last = place.channels_last or (place.channels not in (0, value.shape[1]) and place.channels == value.shape[-1])
        tokens = value.flatten(1, 2) if last else value.flatten(2).transpose(1, 2)
    else:
        tokens = value.transpose(0, 1) if place.sequence_first else value
    if readout == "cls":
        return tokens[:, 0].to(torch.float32, copy=True)
    tokens = tokens[:, place.prefix :]
    if readout == "mean":
        return tokens.mean(1, dtype=torch.float32)
    return tokens.to(torch.float32).clone(memory_format=torch.contiguous_format)


class Enough(Exception):  # noqa: N818 - no error: it ends a forward pass of which all that was asked for has been read
    """Raised by the last hook when nothing after it is wanted."""


@contextmanager
def reading(network: nn.Module, wanted: Mapping[str, tuple[Place, str]], *, stop: bool) -> Iterator[dict[str, Tensor]]:
    """Hooks for the block that fill the yielded dict, keyed like ``wanted``; they are gone when it ends, however it ends.

    Args:
        network: the network that is run inside the block.
        wanted: key → (place, readout).
        stop: raise ``Enough`` as soon as all is read.
    """
    found: dict[str, Tensor] = {}

    def hook(key: str, place: Place, readout: str) -> Any:
        def read(*arguments: Any) -> None:
            # (module, inputs) before a module, (module, inputs, output) after it
            value = arguments[1][0] if place.before else arguments[2]
            found[key] = reduce(value, place, readout)
            if stop and len(found) == len(wanted):
                raise Enough

        return read

    handles = []
    try:
        for key, (place, readout) in wanted.items():
            module = network.get_submodule(place.module)
            register = module.register_forward_pre_hook if place.before else module.register_forward_hook
            handles.append(register(hook(key, place, readout)))
        yield found
    finally:
        for handle in handles:
            handle.remove()
