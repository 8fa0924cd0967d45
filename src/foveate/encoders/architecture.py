"""What a network is before it has weights: enough to build it again, untrained, from its spelling alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import nn

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive
from foveate.encoders.anatomy import Anatomy
from foveate.encoders.preprocess import Preprocess
from foveate.encoders.registry import ARCHITECTURES


class Body(NamedTuple):
    """A network, where its taps are, and the preprocessing that its makers recommend."""

    module: nn.Module
    anatomy: Anatomy
    preprocess: Preprocess


@dataclass(frozen=True, kw_only=True)
class Options:
    """What ``load`` passes to every scheme.

    Attributes:
        seed: of untrained weights. image_size: another input size. trust_code: may foreign code run?
        args: arguments of the network's builder over its own, e.g. ``drop_path_rate``; of schemes that build by name.
    """

    seed: int = 0
    image_size: tuple[int, int] | None = None
    trust_code: bool = False
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The recipe of a network.

    Attributes:
        kind: who builds it, a name of ``registry.ARCHITECTURES``.
        name: the upstream's own name, e.g. ``resnet50``.
        args: what else its builder takes; plain JSON.
        image_size: input size (h, w) where it is not the network's own. It changes position embeddings, which are
            weights, and the preprocessing; so it is no part of the spelling.
    """

    kind: str
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    image_size: tuple[int, int] | None = None

    @property
    def spelling(self) -> str:
        """``KIND:NAME`` and the arguments as sorted JSON: equal for equal networks."""
        return f"{self.kind}:{self.name} {json.dumps(dict(self.args), sort_keys=True)}"

    def build(self, seed: int = 0) -> Body:
        """The untrained network; the same seed gives the same weights, and no global random state is touched."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(seed, "encoder", self.spelling))
            body: Body = ARCHITECTURES.load(self.kind)(self)
        body.module.eval()
        return body

    def to_json(self) -> dict[str, Any]:
        """As it stands in ``encoder.json``."""
        args = {"model_args": dict(self.args)} if self.args else {}
        return {"architecture": f"{self.kind}:{self.name}", **args}

    @classmethod
    def from_json(cls, record: Mapping[str, Any], *, file: str) -> Architecture:
        """Read what ``to_json`` wrote.

        Raises:
            FoveateError: there is no architecture of a known kind in it; ``file`` names where it was read.
        """
        kind, colon, name = str(record.get("architecture", "")).partition(":")
        if not colon or kind not in ARCHITECTURES:
            raise FoveateError(
                f"{file} names no known architecture ('{record.get('architecture')}').",
                "restore the file, or write the checkpoint again with foveate",
            )
        return cls(kind=kind, name=name, args=dict(record.get("model_args") or {}))
