"""Folders of transformers (``config.json`` with a ``model_type``), reached by ``local-dir:`` and ``hf-hub:``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError, missing_extra
from foveate.encoders import weights
from foveate.encoders.anatomy import Anatomy, Place, classified, staged, transformer_block
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess

try:
    import transformers
except ImportError:
    raise missing_extra("transformers", "transformers") from None

# Two-tower models, of which only the image tower is built: model type → (configuration, class).
_TOWERS = {
    "clip": ("clip_vision_model", "CLIPVisionModelWithProjection"),
    "clip_vision_model": ("clip_vision_model", "CLIPVisionModelWithProjection"),
    "siglip": ("siglip_vision_model", "SiglipVisionModel"),
    "siglip_vision_model": ("siglip_vision_model", "SiglipVisionModel"),
}
# A tanh layer on the class token that only some checkpoints of theirs carry: their features are read without it.
_OPTIONAL_POOLER = {"vit", "deit", "ijepa"}
# Whose forward takes interpolate_pos_encoding; the others fit any size by themselves, or only their own.
_INTERPOLATES = {"vit", "deit", "ijepa", "clip_vision_model", "siglip_vision_model", "beit"}
_BLOCKS = ("layers", "encoder.layer", "encoder.layers", "model.layer", "vision_model.encoder.layers")
_NORMS = ("layernorm", "norm", "post_layernorm", "vision_model.post_layernorm")
_RESAMPLE = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}


def read(address: str, folder: Path, options: Options) -> Encoder:
    """An encoder from a folder of transformers.

    Raises:
        FoveateError: a kind of model that is not known, foreign code, or weights that are damaged or do not fit.
    """
    config = _config(folder)
    args: dict[str, Any] = {"config": config.to_diff_dict()}
    if any(str(name).endswith("ForImageClassification") for name in config.architectures or []):
        args["classifier"] = True
    if (folder / "preprocessor_config.json").exists():
        args["preprocess"] = _preprocess(folder / "preprocessor_config.json").to_json()
    architecture = Architecture(kind="transformers", name=config.model_type, args=args, image_size=options.image_size)
    body = architecture.build()
    _fill(body.module, folder)
    return Encoder(address=address, architecture=architecture, body=body)


def build(architecture: Architecture) -> Body:
    """The untrained network of an architecture of kind ``transformers``."""
    settings = {key: value for key, value in architecture.args["config"].items() if key != "transformers_version"}
    kind, tower = _TOWERS.get(architecture.name, (architecture.name, ""))
    if "vision_config" in settings and tower:
        projection = settings.get("projection_dim")
        settings = dict(settings["vision_config"]) | ({"projection_dim": projection} if projection else {})
    settings.pop("model_type", None)
    try:
        if kind == "vit_mae":
            settings["mask_ratio"] = 0.0
        config = transformers.AutoConfig.for_model(kind, **settings)
        if tower:
            network: Any = getattr(transformers, tower)(config)
        elif architecture.args.get("classifier"):
            network = transformers.AutoModelForImageClassification.from_config(config)
        elif architecture.name in _OPTIONAL_POOLER:
            network = transformers.AutoModel.from_config(config, add_pooling_layer=False)
        else:
            network = transformers.AutoModel.from_config(config)
    except (ValueError, TypeError, KeyError) as error:
        raise FoveateError(
            f"transformers cannot build a '{architecture.name}' image model: {str(error).splitlines()[0][:160]}",
            "use a folder of an image encoder, e.g. of ViT, DINOv2, CLIP, SigLIP, ConvNeXt or ResNet",
        ) from error
    recorded = architecture.args.get("preprocess")
    own = getattr(config, "image_size", None)
    side = own if isinstance(own, int) else (own or [224])[0]
    preprocess = Preprocess.from_json(recorded) if recorded else Preprocess(size=(side, side))
    preprocess = preprocess.at(architecture.image_size)
    if architecture.name == "vit_mae" and preprocess.size != (side, side):
        raise FoveateError("a ViT-MAE of transformers takes images of its own size only.", f"use {side} pixels")
    return Body(network, _anatomy(network, preprocess.size), preprocess)


def _config(folder: Path) -> Any:
    try:
        return transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError, KeyError) as error:
        raise FoveateError(
            f"transformers cannot read {folder / 'config.json'}: {str(error).splitlines()[0][:160]}",
            "use a model that transformers has itself; models that bring their own code are not run",
        ) from error


def _fill(network: Any, folder: Path) -> None:
    """Load every key of the network, by the class's own loader: it knows the names that older files use."""
    file = (
        weights.only_safetensors(folder)
        if not list(folder.glob("*.index.json"))
        else next(folder.glob("*.safetensors"))
    )
    for part in sorted(folder.glob("*.safetensors")):
        weights.check(part)
    level = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity(transformers.logging.CRITICAL)
    bar = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()
    try:
        loaded, info = type(network).from_pretrained(
            folder,
            config=network.config,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            dtype=torch.float32,
            **({"add_pooling_layer": False} if _drops_pooler(network) else {}),
        )
    except (RuntimeError, OSError, ValueError) as error:
        raise weights.explain_misfit(error, file=file) from error
    finally:
        transformers.logging.set_verbosity(level)
        if bar:
            transformers.utils.logging.enable_progress_bar()
    state = loaded.state_dict()
    for key in sorted(info["missing_keys"]):
        if not key.endswith("num_batches_tracked"):
            state.pop(key, None)  # made up at random by the loader: for us it is missing
    for key, stored, _ in info.get("mismatched_keys") or ():
        state[key] = torch.empty(stored)
    weights.fill(network, state, file=file)


def _drops_pooler(network: Any) -> bool:
    return getattr(network, "pooler", "absent") is None


def _preprocess(file: Path) -> Preprocess:
    """An image processor's configuration as data. Its resizing is done by PIL, as its slow form does it."""
    import json

    config = json.loads(file.read_text(encoding="utf-8"))
    size = config.get("size", 224)
    size = {"shortest_edge": size} if isinstance(size, int) else size
    crop = config.get("crop_size", size)
    crop = {"height": crop, "width": crop} if isinstance(crop, int) else crop
    shorter = size.get("shortest_edge")
    resized = (shorter, shorter) if shorter else (size["height"], size["width"])
    if not config.get("do_center_crop", "crop_size" in config):
        crop = {"height": resized[0], "width": resized[1]}
    cropped = (crop["height"], crop["width"]) if "height" in crop else (crop["shortest_edge"],) * 2
    pct = config.get("crop_pct")  # ConvNeXt's: the short side is size / crop_pct, then a crop of size
    if pct and shorter and shorter < 384:
        cropped, resized = resized, (int(shorter / pct),) * 2
    if not config.get("do_resize", True):
        resized = cropped
    normalized = config.get("do_normalize", True)
    return Preprocess(
        size=cropped,
        interpolation=_RESAMPLE.get(config.get("resample", 2), "bilinear"),
        mean=tuple(config.get("image_mean", (0.5,) * 3)) if normalized else (0.0,) * 3,
        std=tuple(config.get("image_std", (0.5,) * 3)) if normalized else (1.0,) * 3,
        mode="center" if shorter else "squash",
        resize=resized,
    )


def _anatomy(network: Any, size: tuple[int, int]) -> Anatomy:
    # a classifier holds the encoder under a name of its own, e.g. ``vit``
    inner = str(network.base_model_prefix) if isinstance(getattr(network, "classifier", None), nn.Module) else ""
    base: Any = network.get_submodule(inner)
    at = f"{inner}." if inner else ""
    config = network.config
    present = {path for path, _ in base.named_modules()}
    blocks = next((path for path in _BLOCKS if path in present and not _is_staged(base, path)), "")
    outputs = ["pooled"]
    if isinstance(getattr(network, "classifier", None), nn.Module):
        outputs.append("logits")
    if hasattr(network, "visual_projection"):
        outputs.append("projector")
    hidden = getattr(config, "hidden_size", None) or getattr(config, "hidden_sizes", [0])[-1]
    grid = None
    if blocks:
        patch = int(config.patch_size)
        grid = (size[0] // patch, size[1] // patch)
        place_of = _token_layout(base)
        places = {"stem": place_of(f"{at}{blocks}.0", True)}
        for index, block in enumerate(base.get_submodule(blocks)):
            places.update(transformer_block(block, f"blocks.{index}", place_of(f"{at}{blocks}.{index}", False)))
        norm = next((path for path in _NORMS[:2] if path in present), "")
        if norm and not isinstance(base.get_submodule(norm), nn.Identity):
            places["norm"] = place_of(f"{at}{norm}", False)
    else:
        path = next((p for p in ("encoder.stages", "encoder.layers", "stages") if p in present), "")
        keys = [f"{at}{path}.{key}" for key, _ in base.get_submodule(path).named_children()] if path else []
        places = staged(network, keys)
    logits = getattr(network, "classifier", None)
    last = [m for m in logits.modules() if isinstance(m, nn.Linear)] if isinstance(logits, nn.Module) else []
    width = last[-1].in_features if last else int(hidden)
    return Anatomy(forward=_forward, width=width, places=places, outputs=tuple(outputs), grid=grid)


def _is_staged(base: nn.Module, path: str) -> bool:
    return any(hasattr(child, "blocks") or hasattr(child, "layers") for child in base.get_submodule(path).children())


def _token_layout(base: Any) -> Any:
    """Which tokens stand before the patches, as the embedding layer has them."""
    embeddings = getattr(base, "embeddings", None) or base.vision_model.embeddings

    def has(*names: str) -> bool:
        return any(getattr(embeddings, name, None) is not None for name in names)

    cls = has("cls_token", "class_embedding")
    registers = getattr(embeddings, "register_tokens", None)
    prefix = cls + has("distillation_token") + (registers.shape[1] if registers is not None else 0)
    return lambda module, before: Place(module=module, before=before, prefix=prefix, cls=cls)


def _other_size(config: Any, images: Tensor) -> bool:
    own = getattr(config, "image_size", None)
    return isinstance(own, int) and tuple(images.shape[-2:]) != (own, own) and config.model_type in _INTERPOLATES


def _forward(network: Any, images: Tensor) -> Mapping[str, Tensor]:
    config: Any = network.config
    extra: dict[str, Any] = {}
    if config.model_type == "vit_mae":
        # it orders patches by sorting noise: rising noise keeps each in its place (``build`` turned the masking off)
        count = (config.image_size // config.patch_size) ** 2
        extra["noise"] = torch.arange(count, device=images.device).float().expand(images.shape[0], -1)
    elif _other_size(config, images):
        extra["interpolate_pos_encoding"] = True
    if isinstance(getattr(network, "classifier", None), nn.Module):
        linear = [
            path for path, m in network.named_modules() if path.startswith("classifier") and isinstance(m, nn.Linear)
        ]
        return classified(network, images, linear[-1], lambda x: network(x, **extra).logits)
    if hasattr(network, "visual_projection"):
        output = network.vision_model(images, **extra)
        pooled = output.pooler_output
        return {"pooled": pooled, "projector": network.visual_projection(pooled)}
    output = network(images, **extra)
    pooled = getattr(output, "pooler_output", None)
    if pooled is None:
        tokens = output.last_hidden_state
        has_cls = config.model_type != "ijepa"
        pooled = tokens.mean((2, 3)) if tokens.ndim == 4 else tokens[:, 0] if has_cls else tokens.mean(1)
    return {"pooled": pooled.flatten(1)}
