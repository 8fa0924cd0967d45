"""``local-dir:PATH``: a folder with safetensors and the configuration of timm, open_clip or transformers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foveate.core.errors import FoveateError
from foveate.encoders import weights
from foveate.encoders.architecture import Options
from foveate.encoders.encoder import Encoder


def load(rest: str, options: Options) -> Encoder:
    """Read the folder ``rest``."""
    folder = Path(rest).expanduser()
    if folder.is_file():
        if folder.suffix in weights.PICKLES:
            weights.check(folder)
        raise FoveateError(f"{folder} is a file.", f"name its folder: local-dir:{folder.parent}")
    if not folder.is_dir():
        raise FoveateError(f"{folder} is not there.", "check the path")
    return read(f"local-dir:{rest}", folder, options)


def read(address: str, folder: Path, options: Options) -> Encoder:
    """Recognise the format of a folder by its configuration and load it.

    Raises:
        FoveateError: no configuration, an unknown one, no safetensors, or weights that do not fit.
    """
    if (folder / "open_clip_config.json").exists():
        from foveate.encoders import open_clip

        return open_clip.read(address, folder, options)
    if not (folder / "config.json").exists():
        if (folder / "checkpoints").is_dir():
            raise FoveateError(f"{folder} has no config.json.", f"did you mean run:{folder}?")
        weights.only_safetensors(folder)
        raise FoveateError(
            f"{folder} has weights but no config.json that says of what architecture.",
            f"name it: foveate convert {next(folder.glob('*.safetensors'))} --as timm:NAME",
        )
    config = _json(folder / "config.json")
    if "model_type" in config:
        from foveate.encoders import transformers

        return transformers.read(address, folder, options)
    if "architecture" not in config:
        if (folder / "checkpoints").is_dir():
            raise FoveateError(f"{folder} is a run.", f"did you mean run:{folder}?")
        raise FoveateError(
            f"{folder / 'config.json'} is of no known format: it has neither 'architecture' (timm) nor 'model_type' (transformers).",
            "point at a folder saved by timm, open_clip or transformers",
        )
    from foveate.encoders import timm

    timm.known(str(config["architecture"]))
    file = weights.only_safetensors(folder)
    model_args = config.get("model_args") or {}
    return timm.read(address, f"local-dir:{folder}", file, options, model_args=model_args)


def _json(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise FoveateError(f"{file} is not valid JSON.", "copy or download it again") from None
    if not isinstance(config, dict):
        raise FoveateError(f"{file} holds no JSON object.", "copy or download it again")
    return config
