"""``foveate convert``: from a published checkpoint to a ``local-dir:`` folder of safetensors."""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import pickle
import shutil
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from foveate.core.errors import FoveateError
from foveate.core.files import write_json
from foveate.encoders import fit, keymaps, local_dir, weights
from foveate.encoders.architecture import Options
from foveate.encoders.convert_config import Convert
from foveate.encoders.fit import Fit
from foveate.encoders.keymaps import Candidate

# Plain containers that published checkpoints hold beside their tensors; reading one runs nothing.
_HARMLESS = [argparse.Namespace, pathlib.PosixPath, pathlib.PurePosixPath]


@dataclass(frozen=True, kw_only=True)
class Converted:
    """What ``run`` did.

    Attributes:
        address: of the folder that was written.
        architecture: what the tensors fit.
        part: which network of the file was taken; empty for the whole file.
        spelling: whose names its keys had.
        kept: how many tensors were written.
        dropped: the names that were left out.
        others: further networks of the file, which ``part`` can name.
        notes: what was decided and cannot be seen in the file.
        width: of the encoder's features.
        fingerprint: of the encoder.
    """

    address: str
    architecture: str
    part: str
    spelling: str
    kept: int
    dropped: tuple[str, ...]
    others: tuple[str, ...]
    notes: tuple[str, ...]
    width: int
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def summary(self) -> str:
        """For people, a few lines."""
        lines = [
            f"{self.part or 'the whole file'} ({self.spelling} names) fits {self.architecture}",
            f"kept {self.kept} tensors" + (f", dropped {_grouped(self.dropped)}" if self.dropped else ""),
            *([f"also in the file: {', '.join(self.others[:6])} (--part chooses)"] if self.others else []),
            *(f"note: {note}" for note in self.notes),
            f"wrote {self.address.partition(':')[2]}: use it as {self.address}",
        ]
        return "\n".join(lines)


def run(config: Convert) -> Converted:
    """Convert one checkpoint and check that it loads.

    Raises:
        FoveateError: no checkpoint of tensors, code inside, nothing in it that fits, or a folder that exists.
    """
    file = Path(config.file).expanduser()
    out = Path(config.out).expanduser() if config.out else Path(file.name.split(".")[0])
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FoveateError(f"{out} exists.", "choose another --out")
    found = _of_part(keymaps.candidates(read(file)), config.part, file)
    best = fit.choose(found, config.architecture, file=file)
    others = sorted({candidate.part for candidate in found} - {best.candidate.part})
    return _write(best, out, tuple(others))


def read(file: Path) -> Any:
    """The content of a checkpoint: tensors and plain containers only; whatever else is in it is never run.

    Raises:
        FoveateError: missing, damaged, or with code inside.
    """
    if not file.is_file():
        raise FoveateError(f"{file} is {'a folder' if file.is_dir() else 'not there'}.", "name a checkpoint file")
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        weights.check(file)
        return load_file(file)
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals([*_HARMLESS, *_numpy_scalars()]):
            warnings.simplefilter("ignore")  # what torch warns of here is refused below
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error) or "REDUCE" in str(error) or "not an allowed" in str(error):
            named = _refused(str(error))
            raise FoveateError(
                f"{file} holds more than tensors{named}, and reading that can run code: it was not read.",
                "where you trust its source, save its state_dict() alone: torch.save(model.state_dict(), FILE)",
            ) from None
        raise FoveateError(f"{file} is no checkpoint of torch, or damaged.", "copy or download it again") from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, IndexError, TypeError) as error:
        if "TorchScript" in str(error):
            raise FoveateError(
                f"{file} is a TorchScript archive, which is a program.",
                "save its state_dict() alone where you trust its source",
            ) from None
        raise FoveateError(f"{file} is no checkpoint of torch, or damaged.", "copy or download it again") from None


def _numpy_scalars() -> list[Any]:
    """NumPy's own scalars (a best accuracy, say), which torch does not allow by itself."""
    import numpy as np

    kinds = [type(np.dtype(kind)) for kind in ("float32", "float64", "int32", "int64", "bool")]
    return [np.dtype, np.ndarray, np._core.multiarray.scalar, *kinds]  # type: ignore[attr-defined]


def _refused(message: str) -> str:
    import re

    found = re.search(r"GLOBAL ([\w.]+)", message)
    return f" ({found[1]})" if found else ""


def _of_part(found: list[Candidate], part: str | None, file: Path) -> list[Candidate]:
    if not found:
        raise FoveateError(
            f"{file} holds no network of a known layout.",
            "convert knows ViTs and convolutional nets as timm and torchvision spell them",
        )
    if part is None:
        return found
    chosen = [candidate for candidate in found if part == candidate.part or part in candidate.part.split(".")]
    if not chosen:
        parts = ", ".join(sorted({candidate.part or "(the whole file)" for candidate in found}))
        raise FoveateError(f"{file} has no part '{part}'.", f"it has {parts}")
    return chosen


def _write(best: Fit, out: Path, others: tuple[str, ...]) -> Converted:
    """Write the folder under another name, load it from there, and only then give it its own."""
    from safetensors.torch import save_file

    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".tmp", dir=out.parent))
    except OSError as error:
        raise FoveateError(f"{out.parent} cannot be written: {error.strerror}.", "choose another --out") from error
    try:
        tensors = {key: value.detach().clone().contiguous() for key, value in best.state.items()}
        try:
            save_file(tensors, temporary / "model.safetensors", metadata={"format": "pt"})
        except OSError as error:
            raise FoveateError(
                f"{out} cannot be written: {error}.", "free some space or choose another --out"
            ) from error
        write_json(temporary / "config.json", best.config)
        encoder = local_dir.read(f"local-dir:{out}", temporary, Options())
        os.chmod(temporary, 0o755)
        if out.exists():
            out.rmdir()  # empty: it was looked at
        os.rename(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Converted(
        address=f"local-dir:{out}",
        architecture=best.address,
        part=best.candidate.part,
        spelling=best.candidate.spelling,
        kept=len(best.state),
        dropped=tuple(sorted(best.dropped)),
        others=others,
        notes=tuple(best.notes),
        width=encoder.width,
        fingerprint=encoder.fingerprint,
    )


def _grouped(keys: Iterable[str]) -> str:
    """``head.mlp.0.weight, head.last.weight`` → ``head.* (2)``."""
    counts: dict[str, int] = {}
    for key in keys:
        top = key.split(".")[0]
        counts[top] = counts.get(top, 0) + 1
    shown = [f"{top}{'.*' if count > 1 else ''} ({count})" for top, count in list(counts.items())[:6]]
    return ", ".join(shown) + (" …" if len(counts) > 6 else "")
