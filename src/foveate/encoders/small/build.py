"""``foveate:NAME``: our small encoders, untrained; the list of their names is ``registry.SMALL``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.encoders.anatomy import Anatomy, staged
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess
from foveate.encoders.registry import SMALL
from foveate.encoders.small.resnet import SmallResNet

_NATIVE = (32, 32)
_NATIVE_PATCH8 = (64, 64)


def load(rest: str, options: Options) -> Encoder:
    """The untrained encoder ``rest``; the same as ``random:foveate:NAME`` of the same seed."""
    recipe = architecture(rest, options)
    return Encoder(address=f"foveate:{rest}", architecture=recipe, body=recipe.build(options.seed))


def architecture(name: str, options: Options) -> Architecture:
    """The architecture of one of our names.

    Raises:
        FoveateError: no such name; the nearest is named.
    """
    SMALL.load(name)
    return Architecture(kind="foveate", name=name, args=options.args, image_size=options.image_size)


def build(architecture: Architecture) -> Body:
    """The untrained network of an architecture of kind ``foveate``."""
    size = architecture.image_size or (_NATIVE_PATCH8 if architecture.name.endswith("-patch8") else _NATIVE)
    try:
        network: nn.Module = SMALL.load(architecture.name)(size, **architecture.args)
    except (TypeError, ValueError, AssertionError) as error:
        raise FoveateError(
            f"foveate:{architecture.name} cannot be built with {dict(architecture.args)}: {str(error).splitlines()[0] if str(error) else 'refused'}.",
            "residual nets take stem, widths, depths, stem_stride; ViTs what timm's VisionTransformer takes, e.g. drop_path_rate",
        ) from error
    preprocess = Preprocess(size=size, interpolation="bilinear")
    if isinstance(network, SmallResNet):
        stages = [f"stages.{i}" for i in range(len(network.stages))]
        found = Anatomy(forward=_forward, width=network.num_features, places=staged(network, stages))
    else:
        from foveate.encoders.timm import anatomy

        found = anatomy(network, size)
    return Body(network, found, preprocess)


def _forward(network: nn.Module, images: Tensor) -> Mapping[str, Tensor]:
    return {"pooled": network(images)}


def resnet9(size: tuple[int, int], **args: Any) -> SmallResNet:
    """Eight convolutions behind the stem, at half resolution: the encoder to pretrain on a laptop in minutes."""
    own: dict[str, Any] = {"stem": 32, "widths": (32, 64, 128, 256), "depths": (1, 1, 1, 1), "stem_stride": 2}
    return SmallResNet(**(own | args))


def resnet18(size: tuple[int, int], **args: Any) -> SmallResNet:
    """ResNet-18 with the stem that is usual for CIFAR (He et al. 2016; Chen et al. 2020, appendix B.9): 512 features."""
    own: dict[str, Any] = {"stem": 64, "widths": (64, 128, 256, 512), "depths": (2, 2, 2, 2)}
    return SmallResNet(**(own | args))


def resnet18_narrow(size: tuple[int, int], **args: Any) -> SmallResNet:
    """ResNet-18 at a quarter of its width: a sixteenth of the work, 128 features."""
    own: dict[str, Any] = {"stem": 16, "widths": (16, 32, 64, 128), "depths": (2, 2, 2, 2)}
    return SmallResNet(**(own | args))
