"""Which architecture the tensors of a checkpoint fit, by names and shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.encoders.keymaps import Candidate, State
from foveate.encoders.preprocess import IMAGENET_MEAN, IMAGENET_STD
from foveate.encoders.timm import known

# What published self-supervised checkpoints are of; tried in this order where no architecture is named.
_TRANSFORMERS = (
    "vit_small_patch16_224",
    "vit_base_patch16_224",
    "vit_large_patch16_224",
    "vit_tiny_patch16_224",
    "vit_huge_patch14_224",
    "vit_base_patch32_224",
    "vit_small_patch8_224",
    "vit_base_patch8_224",
    "vit_small_patch14_dinov2",
    "vit_base_patch14_dinov2",
    "vit_large_patch14_dinov2",
    "swin_tiny_patch4_window7_224",
)
_CONVOLUTIONAL = (
    "resnet50",
    "resnet18",
    "resnet34",
    "resnet101",
    "resnet152",
    "wide_resnet50_2",
    "convnext_tiny",
    "convnext_small",
    "convnext_base",
    "mobilenetv2_100",
    "mobilenetv3_large_100",
    "efficientnet_b0",
    "regnety_016",
)
_CLASSIFIERS = ("head", "fc", "classifier", "head.fc")


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A part of a checkpoint and the architecture that it fits.

    Attributes:
        candidate: the part.
        name: of timm.
        state: the tensors that the architecture takes, under its own names.
        dropped: the names that it has no place for.
        config: the content of ``config.json``.
        notes: what was decided and cannot be seen in the file.
    """

    candidate: Candidate
    name: str
    state: State
    dropped: list[str]
    config: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        args = self.config.get("model_args") or {}
        return f"timm:{self.name}" + (f" with {', '.join(f'{k}={v}' for k, v in args.items())}" if args else "")


def choose(found: list[Candidate], architecture: str | None, *, file: Path) -> Fit:
    """The first candidate that fits, in the order given; its architecture named, or the first of the usual ones.

    Raises:
        FoveateError: none fits; says what is missing in the one that comes nearest.
    """
    if architecture is not None:
        scheme, colon, rest = architecture.partition(":")
        if colon and scheme != "timm":
            raise FoveateError(f"convert cannot make '{architecture}'.", "name an architecture of timm: --as timm:NAME")
        known(rest if colon else architecture)
        architecture = rest if colon else architecture
    nearest: tuple[float, str, str, str] = (-1.0, "", "", "")
    for candidate in found:
        is_transformer = "patch_embed.proj.weight" in candidate.state
        names = (architecture,) if architecture else _TRANSFORMERS if is_transformer else _CONVOLUTIONAL
        for name in names:
            fitted, share, problem = _try(candidate, name, tagged=architecture)
            if fitted is not None:
                _finite(fitted, file)
                return fitted
            nearest = max(nearest, (share, name, candidate.part, problem))
    share, name, part, problem = nearest
    where = f"{file}{f' ({part})' if part else ''}"
    if architecture:
        raise FoveateError(
            f"{where} does not fit timm:{name}: {problem}.", "name the architecture that it was trained with"
        )
    raise FoveateError(
        f"{where} fits none of the usual architectures; nearest is timm:{name}, but {problem}.",
        "name its architecture: --as timm:NAME",
    )


def _finite(fitted: Fit, file: Path) -> None:
    for key, value in fitted.state.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise FoveateError(
                f"{file}: '{key}' holds values that are not finite.",
                "training went wrong there: use another checkpoint",
            )


def _try(candidate: Candidate, name: str, *, tagged: str | None) -> tuple[Fit | None, float, str]:
    """A fit, or None with the share of keys that match and the first problem in words."""
    state = candidate.state
    args, notes = _arguments(candidate, name)
    classes = _classes(candidate)
    base = name.split(".")[0]
    try:
        with torch.device("meta"):
            network = timm.create_model(base, pretrained=False, num_classes=classes, **args)
    except (TypeError, RuntimeError, ValueError, AssertionError) as error:
        return None, 0.0, f"timm cannot build it with {args} ({str(error).splitlines()[0][:80]})"
    own = network.state_dict()
    problem, matched = "", 0
    for key, value in own.items():
        if (key in state and state[key].shape == value.shape) or key.endswith("num_batches_tracked"):
            matched += 1
        elif not problem:
            problem = (
                f"'{key}' is {list(state[key].shape)}, not {list(value.shape)}" if key in state else f"it lacks '{key}'"
            )
    if problem:
        return None, matched / len(own), problem
    taken = {key: value for key, value in state.items() if key in own}
    dropped = [key for key in state if key not in own]
    if inner := [key for key in dropped if key.startswith(("blocks.", "layer"))]:
        return None, matched / len(own), f"the architecture has no place for '{inner[0]}'"
    config = _config(network, name, args, classes, tagged=tagged)
    notes.append(
        "preprocessing: that of " + name
        if tagged and "." in tagged
        else "preprocessing: ImageNet's mean and deviation, bicubic, 87.5 % centre crop (edit config.json if it differs)"
    )
    return Fit(candidate=candidate, name=base, state=taken, dropped=dropped, config=config, notes=notes), 1.0, ""


def _arguments(candidate: Candidate, name: str) -> tuple[dict[str, Any], list[str]]:
    """What of a ViT's build can be read off its tensors, and what is known of its method."""
    state = candidate.state
    args: dict[str, Any] = {}
    notes: list[str] = []
    if "patch_embed.proj.weight" not in state or not name.startswith(("vit_", "deit_")):
        return {}, []
    has_cls = "cls_token" in state
    if not has_cls and "pos_embed" in state:
        # I-JEPA and plain MIM encoders: patches only, averaged
        args |= {"class_token": False, "global_pool": "avg", "fc_norm": False}
        notes.append("it has no class token: features are the mean over patches")
    if "fc_norm.weight" in state:
        args |= {"global_pool": "avg", "fc_norm": True}
    if "blocks.0.attn.qkv.weight" in state and "blocks.0.attn.qkv.bias" not in state:
        args["qkv_bias"] = False
    if "pos_embed" in state:
        tokens, patch = state["pos_embed"].shape[1], state["patch_embed.proj.weight"].shape[-1]
        prefixed = has_cls and math.isqrt(tokens - 1) ** 2 == tokens - 1
        if has_cls and not prefixed:
            args["no_embed_class"] = True
        side = math.isqrt(tokens - prefixed) * patch
        expected = timm.get_pretrained_cfg(name, allow_unregistered=True)
        if expected is None or side != expected.input_size[-1]:
            args["img_size"] = side
    width = state["patch_embed.proj.weight"].shape[0]
    if width == 384 and ("base_encoder" in candidate.part or "momentum_encoder" in candidate.part):
        args["num_heads"] = 12
        notes.append("12 heads, as MoCo v3's ViT-S has (timm's has 6); shapes do not tell")
    return args, notes


def _classes(candidate: Candidate) -> int:
    """Rows of the classifier, where the file is a plain classifier; a method's own head is none."""
    if any(word not in ("module", "model", "state_dict", "net", "") for word in candidate.part.split(".")):
        return 0
    for name in _CLASSIFIERS:
        weight, bias = (candidate.state.get(f"{name}.{kind}") for kind in ("weight", "bias"))
        if isinstance(weight, Tensor) and weight.ndim in (2, 4) and bias is not None:
            return int(weight.shape[0])
    return 0


def _config(network: Any, name: str, args: dict[str, Any], classes: int, *, tagged: str | None) -> dict[str, Any]:
    """A ``config.json`` as timm itself writes and reads it."""
    own = network.pretrained_cfg
    size = [3, args["img_size"], args["img_size"]] if "img_size" in args else list(own["input_size"])
    settings: dict[str, Any] = {
        "input_size": size,
        "fixed_input_size": bool(own.get("fixed_input_size", False)),
        "interpolation": "bicubic",
        "crop_pct": 0.875,
        "mean": list(IMAGENET_MEAN),
        "std": list(IMAGENET_STD),
        "num_classes": classes,
        "pool_size": own.get("pool_size"),
        "first_conv": own.get("first_conv"),
        "classifier": own.get("classifier"),
    }
    if tagged and "." in tagged:
        of_tag = timm.get_pretrained_cfg(name)
        if of_tag is not None:
            settings |= {key: getattr(of_tag, key) for key in ("interpolation", "crop_pct", "mean", "std")}
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in settings.items()}
    return {
        "architecture": name.split(".")[0],
        "num_classes": classes,
        "num_features": int(network.num_features),
        **({"model_args": args} if args else {}),
        "pretrained_cfg": plain,
    }
