"""``run:PATH[@EPOCH]``: an encoder that foveate trained.

``PATH/checkpoints/epoch-0012/`` holds ``model.safetensors`` (``backbone.*`` and ``projector.*``) and ``encoder.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from foveate.core.errors import FoveateError
from foveate.core.files import read_json
from foveate.encoders import weights
from foveate.encoders.architecture import Architecture, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.heads import MLP
from foveate.encoders.preprocess import Preprocess

_FOLDER = re.compile(r"epoch-(\d+)$")
_FILES = ("model.safetensors", "encoder.json")


def load(rest: str, options: Options) -> Encoder:
    """The encoder of a run, of its last whole checkpoint or of the epoch that is named.

    Raises:
        FoveateError: no such run or epoch (those that there are, are listed), an incomplete or damaged checkpoint.
    """
    run, epoch = _split(rest)
    folder = _checkpoint(run, epoch)
    where = f"{folder / 'encoder.json'}"
    record = read_json(folder / "encoder.json", what="an encoder's description")
    if not isinstance(record, dict):
        raise FoveateError(f"{where} holds no description of an encoder.", "restore the file")
    architecture = Architecture.from_json(record, file=where)
    try:
        size, preprocess = _preprocess(record)
        spec = record.get("projector")
        projector = MLP.from_spec(spec) if spec else None
    except (KeyError, TypeError, ValueError) as error:
        raise FoveateError(f"{where} is damaged: {error}.", "restore the file") from error
    args = {**architecture.args, **options.args}
    own = Architecture(kind=architecture.kind, name=architecture.name, args=args, image_size=size)
    body = own.build()
    file = folder / "model.safetensors"
    state = weights.read(file)
    holder = nn.ModuleDict({"backbone": body.module, **({"projector": projector} if projector is not None else {})})
    weights.fill(holder, state, file=file)
    encoder = Encoder(address=f"run:{rest}", architecture=own, body=body, preprocess=preprocess, projector=projector)
    return encoder if options.image_size in (None, size) else _at(encoder, options.image_size)


@dataclass(frozen=True, kw_only=True)
class TrainingRows:
    """What a run was trained on: the rows of ``data`` without those whose ids are in ``left``; ``count`` in all."""

    data: str
    left: frozenset[str]
    count: int


def training_rows(rest: str) -> list[TrainingRows]:
    """What ``run:rest`` was trained on, by itself and by the runs whose weights it began with; empty at epoch 0 of a fresh one.

    Raises:
        FoveateError: a run keeps no record of it, or none that can be read.
    """
    run, epoch = _split(rest)
    file = run / "rows.json"
    if not file.is_file():
        raise FoveateError(f"{run} keeps no record of its images.", "train it again to have one")
    record = read_json(file, what="a run's rows")
    match record:
        case {
            "data": str(data),
            "folder": str(folder),
            "encoder": str(encoder),
            "trained": int(count),
            "left": list(left),
        }:
            pass
        case _:
            raise FoveateError(f"{file} does not say what was trained on.", "restore the file, or train the run again")
    own = TrainingRows(data=_from(folder, data), left=frozenset(map(str, left)), count=count)
    parent = encoder.removeprefix("run:")
    before = training_rows(str(Path(folder, Path(parent).expanduser()))) if parent != encoder else []
    return before if epoch is not None and epoch.isdecimal() and not int(epoch) else [own, *before]


def _from(folder: str, data: str) -> str:
    """An address whose path was relative to a folder, from anywhere."""
    scheme, _, rest = data.partition(":")
    there = Path(folder, rest.partition("[")[0].rpartition("@")[0] or rest.partition("[")[0])
    return f"{scheme}:{Path(folder, rest)}" if there.exists() or Path(folder, rest).exists() else data


def _at(encoder: Encoder, size: tuple[int, int]) -> Encoder:
    """The same weights at another input size."""
    from foveate.encoders import timm
    from foveate.encoders.architecture import Body

    timm.resize(encoder.module, size)
    old = encoder.architecture
    recipe = Architecture(kind=old.kind, name=old.name, args=old.args, image_size=size)
    return Encoder(
        address=encoder.address,
        architecture=recipe,
        body=Body(encoder.module, recipe.build().anatomy, encoder.preprocess.at(size)),
        projector=encoder.projector,
    )


def describe(encoder: Encoder, *, projector: MLP | None, epoch: int, objective: str) -> dict[str, Any]:
    """The content of ``encoder.json``: what an encoder is, apart from its weights.

    Of its preprocessing only size, mean and standard deviation are kept. Training cuts its own crops, and the run measures
    itself on the whole centred square: so is the encoder read back, and ``probe`` finds the numbers of the run.

    Args:
        encoder: whose architecture and preprocessing are recorded.
        projector: the head that was trained on top, if it is kept.
    """
    size = encoder.preprocess.size
    return {
        **encoder.architecture.to_json(),
        "image_size": size[0] if size[0] == size[1] else list(size),
        "mean": list(encoder.preprocess.mean),
        "std": list(encoder.preprocess.std),
        "projector": projector.spec if projector is not None else None,
        "epoch": epoch,
        "objective": objective,
    }


def epochs(run: Path) -> dict[int, Path]:
    """The whole checkpoints of a run: epoch → folder, first to last."""
    found = {
        int(match[1]): entry
        for entry in (run / "checkpoints").glob("epoch-*")
        if (match := _FOLDER.search(entry.name)) and all((entry / file).exists() for file in _FILES)
    }
    return dict(sorted(found.items()))


def _split(rest: str) -> tuple[Path, str | None]:
    """``PATH@EPOCH``; a folder whose own name has an ``@`` keeps it."""
    whole = Path(rest).expanduser()
    head, at, tail = rest.rpartition("@")
    if whole.exists() or not at or not head or "/" in tail:
        return whole, None
    return Path(head).expanduser(), tail


def _checkpoint(run: Path, epoch: str | None) -> Path:
    if not run.is_dir():
        raise FoveateError(f"{run} is not there.", "check the path of the run")
    found = epochs(run)
    listed = _listed(found)
    if epoch is not None:
        number = int(epoch) if epoch.isdecimal() else None
        if number in found:
            return found[number]
        if number is not None and (run / "checkpoints" / f"epoch-{number:04d}").exists():
            raise FoveateError(f"the checkpoint of epoch {number} in {run} is incomplete.", f"use another: {listed}")
        raise FoveateError(f"{run} has no epoch '{epoch}'.", f"it has {listed}" if found else "resume the run first")
    if found:
        return found[max(found)]
    if (run / "model.safetensors").exists() and (run / "config.json").exists():
        raise FoveateError(f"{run} is no run of foveate.", f"did you mean local-dir:{run}?")
    if not (run / "config.json").exists() and not (run / "checkpoints").is_dir():
        raise FoveateError(f"{run} holds no run of foveate.", "name the folder that --out gave")
    raise FoveateError(f"the run in {run} has no whole checkpoint yet.", "go on with it: foveate pretrain … --resume")


def _listed(found: Mapping[int, Path]) -> str:
    numbers = list(found)
    if not numbers:
        return "no epochs"
    shown = numbers if len(numbers) <= 12 else [*numbers[:6], "…", *numbers[-5:]]
    return "epochs " + ", ".join(map(str, shown))


def _preprocess(record: Mapping[str, Any]) -> tuple[tuple[int, int], Preprocess]:
    raw = record["image_size"]
    size = (int(raw), int(raw)) if isinstance(raw, int | float) else (int(raw[0]), int(raw[1]))
    return size, Preprocess(size=size, interpolation="bilinear", mean=tuple(record["mean"]), std=tuple(record["std"]))
