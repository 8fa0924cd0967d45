"""What an objective is: five answers. Adding one is one file, its test and a line in ``registry.py``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.encoders.heads import MLP
from foveate.training.chunks import in_chunks
from foveate.training.contract import Batch, LossOutput, Progress

if TYPE_CHECKING:
    from foveate.data.views import View
    from foveate.encoders.encoder import Encoder

__all__ = ["Batch", "LossOutput", "Objective", "Parts", "Progress", "Setting", "needs_labels"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What an objective may know of the run that it is built for.

    Attributes:
        image_size: side of a view, px. images: training images. batch: images a step, over all processes.
        steps: optimiser steps of the whole run. classes: of the labels, or None where there are none.
    """

    image_size: int
    images: int
    batch: int
    steps: int
    classes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The modules of an objective, by the role they have outside of it.

    Attributes:
        backbone: what is kept for use, e.g. the teacher where there is one. projector: its head, or None.
    """

    backbone: nn.Module
    projector: nn.Module | None = None


class Objective(nn.Module, ABC):
    """Five answers: ``config``, ``views``, ``parts``, ``loss`` and ``after_step``.

    A subclass names its frozen configuration (``Config``, every field with a default and a line of documentation) and
    the training settings that it is known to work with (``advice``: fields of ``Pretrain``). All its modules are
    trained, except those whose parameters do not require gradients: teachers, and what ``encoder.pooled`` does not reach.

    Args:
        config: its knobs. encoder: what is trained; ``encoder.pooled`` is differentiable. setting: the run.
    """

    Config: ClassVar[type]
    advice: ClassVar[Mapping[str, Any]] = {}
    coupled: bool = True
    """Whether the loss of an image depends on the others of its batch; then accumulation embeds the whole batch."""
    any_size: bool = True
    """Whether views may be of other sizes than ``Setting.image_size``; not where a grid of patches or pixels is foretold."""
    rate_factors: Mapping[str, float] = {}
    """Beginnings of the names of weights (``predictor.``) → what their learning rate is multiplied by."""
    chunk: int | None = None
    """Set by the loop: images that ``features`` embeds at a time."""

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__()
        assert isinstance(config, self.Config)
        self.config: Any = config
        self.encoder, self.setting = encoder, setting
        encoder.freeze_unreached()
        self.backbone = encoder.module
        self.projector: nn.Module | None = None

    @abstractmethod
    def views(self) -> tuple[View, ...]:
        """The views of an image that a step needs, in the order of ``Batch.views``."""

    def parts(self) -> Parts:
        """What is kept for use."""
        return Parts(backbone=self.backbone, projector=self.projector)

    @abstractmethod
    def loss(self, batch: Batch) -> LossOutput:
        """The loss of a batch, its terms, and the outputs that monitors read."""

    def after_step(self, progress: Progress) -> None:
        """What is to be updated after an optimiser step, e.g. a teacher."""
        return

    def features(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b d"]:
        """The backbone's pooled features, differentiable; in chunks when the loop accumulates."""
        return in_chunks(self.encoder.pooled, images, self.chunk, self.backbone)

    def embed(self, images: Float[Tensor, "b 3 h w"]) -> dict[str, Tensor]:
        """What is kept for use, on images as it will be used: ``backbone`` features and, where there is a projector, each of
        its layers: ``projector.0`` after the first hidden one …, ``projector`` at its end."""
        parts = self.parts()
        features = self.encoder.pooled(images, parts.backbone)
        named = {"backbone": features}
        if parts.projector is None:
            return named
        if isinstance(parts.projector, MLP):
            return named | parts.projector.layers(features)
        return named | {"projector": parts.projector(features)}

    def forward(self, x: Batch | Tensor) -> Any:
        """For the loop: ``loss`` of a batch as plain containers, ``embed`` of images.

        Both go through here because replicas and shards hang on a module's call, and look for tensors in plain containers.

        Raises:
            FoveateError: an objective of somebody's own does not answer as agreed.
        """
        if isinstance(x, Tensor):
            return self.embed(x)
        output = self.loss(x)
        if not isinstance(output, LossOutput) or "backbone" not in output.outputs:
            raise FoveateError(
                f"{type(self).__name__}.loss gave no LossOutput with an output named 'backbone'.",
                "return one (docs/extending.md): the monitors read it",
            )
        terms, outputs = ({name: x.detach() for name, x in part.items()} for part in (output.terms, output.outputs))
        return output.loss, terms, outputs


def needs_labels(setting: Setting, name: str) -> int:
    """The number of classes, for objectives that are trained on labels.

    Raises:
        FoveateError: there are no labels, or one class.
    """
    if setting.classes is None:
        raise FoveateError(
            f"{name} needs labels, and the data has none.",
            "use class folders or a label column, or an objective without labels: --objective simclr",
        )
    if setting.classes < 2:
        raise FoveateError(f"{name} needs at least 2 classes; the data has 1.", "use --objective simclr")
    return setting.classes
