"""``open_clip:ARCH/TAG``: the image tower of a contrastive model. ``pooled`` is before, ``projector`` after its projection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from foveate.core.errors import FoveateError, missing_extra, nearest
from foveate.encoders import weights
from foveate.encoders.anatomy import Anatomy, Place, transformer_block
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Mode, Preprocess

try:
    import open_clip
except ImportError:
    raise missing_extra("open-clip-torch", "clip") from None

_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "model.safetensors")
_MODES: dict[str, Mode] = {"shortest": "center", "longest": "border", "squash": "squash"}


def load(rest: str, options: Options) -> Encoder:
    """``open_clip:ARCH/TAG`` with pretrained weights from the hub."""
    from foveate.encoders.hub import fetch

    name, slash, tag = rest.partition("/")
    config = open_clip.get_model_config(name)
    if config is None:
        raise FoveateError(f"open_clip has no architecture '{name}'.", nearest(name, open_clip.list_models()))
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not slash or tag not in tags:
        what = f"open_clip has no weights '{tag}' of {name}." if slash else f"'open_clip:{name}' names no weights."
        hint = nearest(tag, tags) if slash else f"write open_clip:{name}/TAG, e.g. {tags[0] if tags else 'openai'}"
        raise FoveateError(what, hint)
    source = open_clip.get_pretrained_cfg(name, tag)
    if not source.get("hf_hub"):
        raise FoveateError(
            f"open_clip has the weights '{rest}' only as a pickle.",
            "download it and turn it into safetensors: foveate convert FILE",
        )
    hub, _, filename = source["hf_hub"].rpartition("/")
    wanted = ((Path(filename).stem + ".safetensors",) if filename else ()) + _FILES
    file = fetch(hub, wanted, offline="use local-dir:PATH of a folder that was downloaded")
    settings = {key: source[key] for key in ("mean", "std", "interpolation", "resize_mode") if source.get(key)}
    args = {
        "model": _visual_config({**config, "quick_gelu": source.get("quick_gelu", config.get("quick_gelu", False))})
    }
    return _read(f"open_clip:{rest}", name, {**args, "preprocess": _plain(settings)}, file, options)


def read(address: str, folder: Path, options: Options) -> Encoder:
    """An encoder from a folder with ``open_clip_config.json``."""
    try:
        config = json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))
        model, settings = config["model_cfg"], config.get("preprocess_cfg", {})
        args = {"model": _visual_config(model), "preprocess": _plain(settings)}
    except (ValueError, KeyError, TypeError):
        raise FoveateError(
            f"{folder / 'open_clip_config.json'} is no configuration of open_clip.", "copy or download it again"
        ) from None
    return _read(address, "visual", args, weights.only_safetensors(folder, prefer=_FILES), options)


def build(architecture: Architecture) -> Body:
    """The untrained image tower of an architecture of kind ``open_clip``."""
    # The function is private there, but the public way builds (and may download) a text tower as well.
    from open_clip.model import _build_vision_tower

    model = dict(architecture.args["model"])
    settings = dict(architecture.args.get("preprocess", {}))
    vision = dict(model["vision_cfg"])
    if architecture.image_size is not None:
        vision["image_size"] = architecture.image_size
    try:
        tower = _build_vision_tower(model["embed_dim"], vision, quick_gelu=model.get("quick_gelu", False))
    except (TypeError, KeyError, RuntimeError) as error:
        raise FoveateError(
            f"open_clip cannot build this image tower: {error}", "check its open_clip_config.json"
        ) from error
    size = tower.image_size if isinstance(tower.image_size, tuple) else (tower.image_size, tower.image_size)
    default = open_clip.transform.PreprocessCfg()
    preprocess = Preprocess(
        size=size,
        interpolation=settings.get("interpolation", "bicubic"),
        mean=tuple(settings.get("mean", default.mean)),
        std=tuple(settings.get("std", default.std)),
        mode=_MODES.get(settings.get("resize_mode", "shortest"), "center"),
        fill=settings.get("fill_color", 0),
    )
    return Body(tower, _anatomy(tower, size), preprocess)


def _visual_config(model: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: model[key] for key in ("embed_dim", "vision_cfg", "quick_gelu") if key in model}
    kept["vision_cfg"] = {key: value for key, value in kept["vision_cfg"].items() if key != "timm_model_pretrained"}
    return _plain(kept)


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(settings))


def _read(address: str, name: str, args: dict[str, Any], file: Path, options: Options) -> Encoder:
    """Build at the weights' own size, load, then fit the position embedding to another size where one is wanted."""
    own = Architecture(kind="open_clip", name=name, args=args)
    body = own.build()
    prefix = "visual."
    state = {key[len(prefix) :]: value for key, value in weights.read(file).items() if key.startswith(prefix)}
    if not state:
        raise FoveateError(f"{file} holds no image tower (no key starts with '{prefix}').", "check the path")
    weights.fill(body.module, state, file=file)
    if options.image_size not in (None, body.preprocess.size):
        own = Architecture(kind="open_clip", name=name, args=args, image_size=options.image_size)
        other = own.build()
        state = {f"visual.{key}": value for key, value in body.module.state_dict().items()}
        if "visual.positional_embedding" in state:
            holder = nn.Module()
            holder.visual = other.module
            open_clip.model.resize_pos_embed(state, holder)
        other.module.load_state_dict({key[len(prefix) :]: value for key, value in state.items()})
        body = other
    return Encoder(address=address, architecture=own, body=body)


def _anatomy(tower: Any, size: tuple[int, int]) -> Anatomy:
    kind = type(tower).__name__
    if kind == "VisionTransformer":
        first = not tower.transformer.batch_first
        common: dict[str, Any] = {"prefix": 1, "cls": True, "sequence_first": first}
        places = {"stem": Place(module="transformer.resblocks.0", before=True, **common)}
        for index, block in enumerate(tower.transformer.resblocks):
            at = Place(module=f"transformer.resblocks.{index}", **common)
            places.update(transformer_block(block, f"blocks.{index}", at))
        pooled_width = tower.ln_post.weight.shape[0]
        outputs = ("pooled", "projector") if tower.proj is not None else ("pooled",)
        grid = tuple(tower.grid_size)
        return Anatomy(forward=_vit, width=pooled_width, places=places, outputs=outputs, grid=grid)
    if kind == "TimmModel":
        from foveate.encoders import timm

        inside = timm.anatomy(tower.trunk, size)
        places = {name: _under("trunk", place) for name, place in inside.places.items()}
        outputs = ("pooled", "projector") if len(tower.head) else ("pooled",)
        return Anatomy(forward=_timm, width=inside.width, places=places, outputs=outputs, grid=inside.grid)
    from foveate.encoders.timm import network_places

    return Anatomy(
        forward=lambda network, images: {"pooled": network(images)},
        width=int(tower.output_dim),
        places=network_places(tower),
    )


def _vit(tower: Any, images: Tensor) -> Mapping[str, Tensor]:
    pooled, _ = tower._pool(tower.transformer(tower._embeds(images)))
    return {"pooled": pooled} if tower.proj is None else {"pooled": pooled, "projector": pooled @ tower.proj}


def _timm(tower: Any, images: Tensor) -> Mapping[str, Tensor]:
    pooled = tower.trunk(images)
    if not len(tower.head):
        return {"pooled": pooled}
    flat = pooled.mean((2, 3)) if pooled.ndim == 4 else pooled  # a tower that pools in its head
    return {"pooled": flat, "projector": tower.head(pooled)}


def _under(prefix: str, place: Place) -> Place:
    import dataclasses

    return dataclasses.replace(place, module=f"{prefix}.{place.module}")
