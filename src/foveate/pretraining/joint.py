"""Joint embedding: several views of an image are embedded alike, behind a projector. What all such objectives share."""

from __future__ import annotations

import dataclasses
import itertools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.data.views import View, crop_gray_views, mim_view, simclr_views, vicreg_views, with_crops
from foveate.pretraining.heads import HeadKnobs, projector
from foveate.pretraining.objective import Batch, LossOutput, Objective, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

ViewSet = Literal["simclr", "byol", "crop-gray", "crop"]
LARGE = 2
"""Views that are compared with all others; those after them are small crops."""


@dataclass(frozen=True, kw_only=True)
class ViewKnobs:
    """The knobs of the views that are compared."""

    views: ViewSet = "simclr"
    """Two equal strong views (simclr), BYOL's unequal ones (byol), crop and grey only for small budgets (crop-gray), or crop and flip (crop)."""
    jitter: float | None = None
    """Strength of the colour jitter, 1 = (.8, .8, .8, .2). Default: the views' own; of simclr 1, and .5 up to 64 px."""
    crops: int = 0
    """Small crops beside the two large views (multi-crop): each is compared with both. More to compare for little time: a crop of half the side costs a quarter of a view."""
    crop_size: int | None = None
    """Side of the small crops, px; of a ViT a multiple of its patch. Default: 3/7 of the large, to a multiple of 8."""

    def __post_init__(self) -> None:
        if self.crops < 0:
            raise FoveateError(f"crops = {self.crops} is below 0.", "give crops=0 for none, or e.g. crops=4")
        if self.crop_size is not None and self.crop_size < 1:
            raise FoveateError(f"crop_size = {self.crop_size} is no side.", "give crop_size in pixels, e.g. 16")

    def build(self, size: int) -> tuple[View, ...]:
        """The views for images of ``size`` px."""
        both: tuple[View, View] = {
            "simclr": simclr_views,
            "byol": vicreg_views,
            "crop-gray": crop_gray_views,
            "crop": lambda side: (mim_view(side),) * 2,
        }[self.views](size)
        if self.jitter is not None:
            s = self.jitter
            strengths = (0.8 * s, 0.8 * s, 0.8 * s, min(0.2 * s, 0.5))
            first, second = (dataclasses.replace(view, jitter=strengths) for view in both)
            both = (first, second)
        return with_crops(both, self.crops, self.crop_size) if self.crops else both


@dataclass(frozen=True, kw_only=True)
class JointKnobs(ViewKnobs, HeadKnobs):
    """The knobs of every joint-embedding objective."""


class Compared(NamedTuple):
    """What comparing two views gives: the loss, and terms worth a curve, detached."""

    loss: Tensor
    terms: Mapping[str, Tensor] = {}


class Projected(Objective):
    """Views and a projector: what every objective on embeddings of views begins with.

    A subclass answers with ``Config`` (knobs that extend ``JointKnobs``) and ``loss``.
    """

    advice: ClassVar[Mapping[str, Any]] = {"lr": 4e-3, "optimizer": "adamw", "weight_decay": 1e-4, "lr_rule": "sqrt"}
    last_norm: ClassVar[bool] = False
    """Whether the norm, without its affine part, also follows the projector's last layer."""
    activation: ClassVar[Literal["relu", "gelu"]] = "relu"
    config: Any

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.projector = projector(
            encoder.width,
            config.projector,
            norm=config.projector_norm,
            bias=config.projector_bias,
            last_norm=self.last_norm,
            activation=self.activation,
        )

    @property
    def embedding_width(self) -> int:
        """Of what is compared."""
        return self.config.projector[-1] if self.config.projector else self.encoder.width

    def views(self) -> tuple[View, ...]:
        built: tuple[View, ...] = self.config.build(self.setting.image_size)
        return built

    def features_of(self, batch: Batch) -> list[Tensor]:
        """The pooled features of each view."""
        return [self.features(view) for view in batch.views[:LARGE]] + self.features_of_crops(batch)

    def features_of_crops(self, batch: Batch) -> list[Tensor]:
        """The pooled features of each small crop: all that are of one size in one pass, as in SwAV's and DINO's own code.

        Apart, their many small kernels take a GPU's time with being started (docs/benchmarks.md); batch norm then sees all.
        """
        features: list[Tensor] = []
        for _, same in itertools.groupby(batch.views[LARGE:], key=lambda view: view.shape):
            crops = list(same)
            features += self.features(torch.cat(crops)).chunk(len(crops))
        return features

    def project(self, features: Float[Tensor, "n d"]) -> Float[Tensor, "n e"]:
        """Features behind the projector, where there is one."""
        return features if self.projector is None else self.projector(features)

    def outputs(self, features: Sequence[Tensor], embeddings: Sequence[Tensor]) -> dict[str, Tensor]:
        """What monitors read: of the first view, and ``other``, the second view's embedding."""
        named = {"backbone": features[0].detach(), "other": embeddings[1].detach()}
        return named if self.projector is None else named | {"projector": embeddings[0].detach()}


class JointEmbedding(Projected):
    """``compare`` for every pair of a large view with another; the loss is the mean over pairs.

    A subclass answers with ``Config`` and ``compare``.
    """

    @abstractmethod
    def compare(self, first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], batch: Batch) -> Compared:
        """The loss of two views' embeddings, symmetric in them."""

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        compared = [self.compare(embeddings[i], embeddings[j], batch) for i, j in pairs(len(embeddings))]
        return LossOutput(
            loss=mean([c.loss for c in compared]),
            terms={name: mean([c.terms[name] for c in compared]).detach() for name in compared[0].terms},
            outputs=self.outputs(features, embeddings),
        )


def pairs(views: int) -> list[tuple[int, int]]:
    """Every pair with a large view in it, once."""
    return [(i, j) for i in range(LARGE) for j in range(i + 1, views)]


def directed(views: int) -> list[tuple[int, int]]:
    """(large view, another view) of every pair in which the second is to be told from the first."""
    return [(i, j) for i in range(LARGE) for j in range(views) if j != i]


def mean(values: Sequence[Tensor]) -> Tensor:
    """The mean of scalars."""
    return values[0] if len(values) == 1 else torch.stack(list(values)).mean()
