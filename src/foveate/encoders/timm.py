"""``timm:NAME``: an architecture of timm with its published weights (safetensors from the hub)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import timm
import timm.data
from torch import Tensor, nn

from foveate.core.errors import FoveateError, nearest
from foveate.encoders import weights
from foveate.encoders.anatomy import Anatomy, Place, staged, transformer_block
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess

# What of timm's pretrained configuration changes the network that is built.
_BUILDS = ("num_classes", "input_size", "fixed_input_size", "global_pool")
# Their tokens are reordered, packed or joined by a class token half-way: only the outputs are offered.
_OPAQUE = {"Hiera", "MultiScaleVit", "TNT", "NaFlexVit", "ConVit"}
# Their class token joins after the last block.
_LATE_CLASS = {"Cait", "Xcit"}
# Some of their blocks attend in windows: a branch is not in the stream's order there.
_WINDOWED = {"VisionTransformerSAM"}
_SEQUENCES = nn.Sequential | nn.ModuleList
logging.getLogger("timm").setLevel(logging.ERROR)


def load(rest: str, options: Options) -> Encoder:
    """``timm:NAME[.TAG]`` with pretrained weights."""
    known(rest)
    config = timm.get_pretrained_cfg(rest)
    source = config.to_dict() if config is not None else {}
    if not source.get("hf_hub_id"):
        names = timm.list_pretrained(f"{rest.split('.')[0]}.*")
        hint = nearest(rest, names) if names else f"use random:{rest} for the untrained network"
        raise FoveateError(f"timm has no weights on the hub for '{rest}'.", hint)
    file = _download(rest, str(source["hf_hub_id"]), source.get("hf_hub_filename"))
    return read(f"timm:{rest}", rest, file, options, model_args=options.args)


def read(
    address: str, name: str, file: Path, options: Options, *, model_args: Mapping[str, Any] | None = None
) -> Encoder:
    """An encoder from weights on disk, loaded by timm itself (it resamples position embeddings and the like).

    Args:
        address: what the encoder is called.
        name: an architecture of timm, or ``local-dir:PATH``, whose config.json names it.
        file: the safetensors.
        options: the input size, mainly.
        model_args: what the architecture is built with, as the config says; written to its spelling.

    Raises:
        FoveateError: the file is damaged or does not fit.
    """
    weights.check(file)
    try:
        model: Any = timm.create_model(
            name,
            pretrained=True,
            pretrained_cfg_overlay={"file": str(file), "source": "", "custom_load": False},
            **options.args,
        )
    except (RuntimeError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise weights.explain_misfit(error, file=file) from error
    weights.finite(model, file=file)
    # timm resamples kernels of another patch size; a file like that is of another network than its config says
    weights.same_shape(file, "patch_embed.proj.weight", model.state_dict())
    architecture = Architecture(
        kind="timm",
        name=model.pretrained_cfg["architecture"],
        args=_arguments(model.pretrained_cfg, model_args or {}),
        image_size=options.image_size,
    )
    body = _body(model, options.image_size)
    return Encoder(address=address, architecture=architecture, body=body)


def architecture(name: str, options: Options) -> Architecture:
    """The architecture behind a name of timm, for untrained weights."""
    known(name)
    config = timm.get_pretrained_cfg(name, allow_unregistered=True)
    settings = config.to_dict() if config is not None else {}
    args = _arguments(settings, options.args)
    return Architecture(kind="timm", name=name.split(".")[0], args=args, image_size=options.image_size)


def build(architecture: Architecture) -> Body:
    """The untrained network of an architecture of kind ``timm``."""
    args = dict(architecture.args)
    overlay = args.pop("pretrained_cfg", {})
    known(architecture.name)
    try:
        model: Any = timm.create_model(architecture.name, pretrained=False, pretrained_cfg_overlay=overlay, **args)
    except (TypeError, ValueError, RuntimeError) as error:
        raise FoveateError(
            f"timm cannot build {architecture.name} with {args}: {str(error).splitlines()[0]}",
            "check the arguments, or the config's model_args",
        ) from error
    return _body(model, architecture.image_size)


def known(name: str) -> None:
    """Refuse a name that timm does not have, naming the nearest."""
    base, _, tag = name.partition(".")
    if not timm.is_model(base):
        raise FoveateError(f"timm has no architecture '{base}'.", nearest(base, timm.list_models()))
    if tag and name not in timm.list_pretrained(f"{base}.*"):
        raise FoveateError(f"timm has no weights '{tag}' of {base}.", nearest(name, timm.list_pretrained(f"{base}.*")))


def _arguments(config: Mapping[str, Any], model_args: Mapping[str, Any]) -> dict[str, Any]:
    built = {key: config[key] for key in _BUILDS if config.get(key) is not None}
    return {**model_args, "pretrained_cfg": {key: list(v) if isinstance(v, tuple) else v for key, v in built.items()}}


def _body(model: Any, image_size: tuple[int, int] | None) -> Body:
    own = preprocessing(model)
    if image_size is not None and image_size != own.size:
        resize(model, image_size)
    preprocess = own.at(image_size)
    return Body(model.eval(), anatomy(model, preprocess.size), preprocess)


def preprocessing(model: Any) -> Preprocess:
    """timm's own evaluation transform of a network, as data."""
    config = timm.data.resolve_model_data_config(model)
    mode = config.get("crop_mode", "center")
    return Preprocess(
        size=tuple(config["input_size"][-2:]),
        crop_pct=config["crop_pct"],
        interpolation=config["interpolation"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        mode=mode if mode in ("squash", "border") else "center",
    )


def resize(model: Any, size: tuple[int, int]) -> None:
    """Fit a network to another input size, where its weights depend on it."""
    embed = getattr(model, "patch_embed", None)
    dynamic = getattr(model, "dynamic_img_size", False)
    patch = getattr(embed, "patch_size", None)
    wrong = FoveateError(
        f"this network cannot take images of {size[0]}×{size[1]}.",
        f"choose a multiple of its patch of {patch[0]} pixels" if patch else "use its own size",
    )
    if (
        dynamic
        and patch
        and not getattr(embed, "dynamic_img_pad", False)
        and (size[0] % patch[0] or size[1] % patch[1])
    ):
        raise wrong
    if embed is None or dynamic or not getattr(embed, "strict_img_size", True) or not hasattr(model, "set_input_size"):
        return  # takes any size as it is
    try:
        model.set_input_size(img_size=size)
    except (AssertionError, ValueError, RuntimeError) as error:
        raise wrong from error


def anatomy(model: Any, size: tuple[int, int]) -> Anatomy:
    """Where the taps of a network of timm are."""
    outputs = ("pooled", "logits") if getattr(model, "num_classes", 0) else ("pooled",)
    width = int(getattr(model, "head_hidden_size", 0) or getattr(model, "num_features", 0) or 0)
    grid = getattr(getattr(model, "patch_embed", None), "grid_size", None)
    is_vit = _is_vit(model)
    if is_vit and getattr(model, "dynamic_img_size", False):
        patch = model.patch_embed.patch_size
        grid = (size[0] // patch[0], size[1] // patch[1])
    return Anatomy(
        forward=_forward,
        width=width,
        places=_vit_places(model) if is_vit else network_places(model),
        outputs=outputs,
        grid=tuple(grid) if is_vit and grid else None,
    )


def _forward(model: Any, images: Tensor) -> Mapping[str, Tensor]:
    features = model.forward_features(images)
    outputs = {"pooled": model.forward_head(features, pre_logits=True).flatten(1)}
    if getattr(model, "num_classes", 0):
        outputs["logits"] = model.forward_head(features)
    return outputs


def _is_vit(model: Any) -> bool:
    blocks = getattr(model, "blocks", None)
    return (
        isinstance(blocks, nn.Sequential | nn.ModuleList)
        and (hasattr(model, "patch_embed") or hasattr(model, "stem"))
        and len(blocks) > 0
        and hasattr(blocks[0], "norm1")
    )


def _vit_places(model: Any) -> dict[str, Place]:
    family = type(model).__name__
    if family in _OPAQUE:
        return {}
    prefix = int(getattr(model, "num_prefix_tokens", 0))
    has_cls = getattr(model, "cls_token", None) is not None
    after: dict[str, Any] = {"prefix": prefix, "cls": has_cls}
    inside = {"prefix": 0, "cls": False} if family in _LATE_CLASS else after
    places = {"stem": Place(module="blocks.0", before=True, channels_last=True, **inside)}
    for index, block in enumerate(model.blocks):
        at = Place(module=f"blocks.{index}", channels_last=True, **inside)
        found = dict(transformer_block(block, f"blocks.{index}", at))
        if family in _WINDOWED:
            found.pop(f"blocks.{index}.attn", None)
        places.update(found)
    norm = getattr(model, "norm", None)
    if isinstance(norm, nn.Module) and not isinstance(norm, nn.Identity):
        places["norm"] = Place(module="norm", channels_last=True, **after)
    return places


def network_places(model: Any) -> dict[str, Place]:
    """The taps of a network in stages, however its family spells them; none where no spelling fits."""
    last = getattr(model, "output_fmt", "NCHW") == "NHWC"

    def has(name: str) -> bool:
        return isinstance(getattr(model, name, None), nn.Module)

    def numbered(name: str) -> list[str]:
        return [f"{name}.{key}" for key, _ in getattr(model, name).named_children() if key.isdigit()]

    if type(model).__name__ in _OPAQUE:
        return {}

    for family in ([f"layer{i}" for i in range(1, 5)], [f"s{i}" for i in range(1, 5)]):
        if all(has(name) for name in family):
            return staged(model, family, channels_last=last)
    for name in ("stages", "layers", "levels", "blocks"):
        # blocks are stages where each is a sequence of blocks
        nested = has(name) and all(isinstance(part, _SEQUENCES) for part in getattr(model, name).children())
        if has(name) and numbered(name) and (name != "blocks" or nested):
            return staged(model, numbered(name), channels_last=last)
    # what timm itself names as the steps of the resolution
    listed = {
        info["module"]: info["num_chs"] for info in getattr(model, "feature_info", None) or [] if info.get("module")
    }
    called = {path for path, module in model.named_modules() if not isinstance(module, nn.ModuleList)}
    known_steps = [(path, channels) for path, channels in listed.items() if path in called]
    return {f"stages.{i}": Place(module=path, channels=channels) for i, (path, channels) in enumerate(known_steps)}


def _download(name: str, hub_id: str, filename: str | None) -> Path:
    """The safetensors of a name on the hub. timm would fall back to a pickle there; this does not."""
    from foveate.encoders.hub import fetch

    stem = Path(filename or "").stem
    tried = [f"{stem}.safetensors"] if stem else []
    tried += ["model.safetensors", "open_clip_model.safetensors"]
    return fetch(
        hub_id,
        tuple(dict.fromkeys(tried)),
        offline=f"use random:{name}, or local-dir:PATH of a folder that was downloaded",
    )
