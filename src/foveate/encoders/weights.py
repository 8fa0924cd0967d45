"""Reading safetensors, and every way in which such a file can be wrong, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError

PICKLES = (".bin", ".pth", ".pt", ".ckpt", ".tar", ".pkl")


def read(file: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file; floating ones as float32, whatever they were stored in.

    Raises:
        FoveateError: missing, cut short, or no safetensors at all.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    check(file)
    try:
        state = load_file(file)
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise _damaged(file) from error
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def check(file: Path) -> None:
    """Make sure that a file is there and is whole safetensors, without reading its tensors.

    Raises:
        FoveateError: it is not.
    """
    from safetensors import SafetensorError, safe_open

    if file.suffix in PICKLES:
        raise FoveateError(
            f"{file} is a pickle, which can run code when it is read.",
            f"turn it into safetensors: foveate convert {file}",
        )
    try:
        with safe_open(file, "pt") as opened:
            opened.keys()
    except FileNotFoundError:
        raise FoveateError(f"{file} is not there.", "check the path") from None
    except (SafetensorError, ValueError) as error:
        raise _damaged(file) from error
    except OSError as error:
        raise FoveateError(
            f"{file} cannot be read: {error.strerror or error}.", "check the path and its permissions"
        ) from None


def only_safetensors(folder: Path, *, prefer: tuple[str, ...] = ("model.safetensors",)) -> Path:
    """The weights of a folder.

    Raises:
        FoveateError: there are none; where there is a pickle instead, the remedy is ``foveate convert``.
    """
    for name in prefer:
        if (folder / name).exists():
            return folder / name
    found = sorted(folder.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    if found:
        raise FoveateError(
            f"{folder} holds {len(found)} safetensors files and none is called {prefer[0]}.",
            f"rename the one to use to {prefer[0]}",
        )
    if pickles := sorted(file for file in folder.iterdir() if file.suffix in PICKLES):
        raise FoveateError(
            f"{folder} holds only the pickle {pickles[0].name}, which can run code when it is read.",
            f"turn it into safetensors: foveate convert {pickles[0]}",
        )
    raise FoveateError(f"{folder} holds no weights (*.safetensors).", "check the path")


def fill(network: nn.Module, state: Mapping[str, Tensor], *, file: Path) -> None:
    """Load all of ``state`` into ``network``: every key, every shape.

    Raises:
        FoveateError: a key is missing, left over or of another shape, or a weight is not finite; names file and key.
    """
    own = network.state_dict()
    for key, value in own.items():
        # older files lack the counters of batch norm, which no evaluation reads
        if key not in state and not key.endswith("num_batches_tracked"):
            raise _misfit(file, f"lacks the key '{key}'")
        if key in state and state[key].shape != value.shape:
            raise _misfit(file, f"has '{key}' as {_shape(state[key])}, not {_shape(value)}")
    if extra := [key for key in state if key not in own]:
        raise _misfit(file, f"holds the key '{extra[0]}', which the architecture lacks")
    network.load_state_dict(state, strict=False)
    finite(network, file=file)


def same_shape(file: Path, key: str, own: Mapping[str, Tensor]) -> None:
    """Refuse a file whose tensor ``key`` has another shape than ``own`` has; absent keys pass.

    Raises:
        FoveateError: it has; names file and key.
    """
    from safetensors import safe_open

    with safe_open(file, "pt") as opened:
        if key in own and key in opened.keys():  # noqa: SIM118 - it is no dict
            stored = list(opened.get_slice(key).get_shape())
            if len(stored) == own[key].ndim and stored != list(own[key].shape):
                raise _misfit(file, f"has '{key}' as {stored}, not {_shape(own[key])}")


def finite(network: nn.Module, *, file: Path) -> None:
    """Refuse weights that are NaN or infinite."""
    for key, value in network.state_dict().items():
        # a sum is finite unless an element is not (or the sum overflows: then look closer)
        if value.is_floating_point() and not torch.isfinite(value.sum()) and not torch.isfinite(value).all():
            raise FoveateError(
                f"{file}: '{key}' holds values that are not finite.",
                "training went wrong there: use another checkpoint",
            )


def explain_misfit(error: Exception, *, file: Path) -> FoveateError:
    """What torch says of a state that does not fit, in one line with its first key."""
    text = str(error)
    for pattern, words in (
        (r"Missing key\(s\) in state_dict: \"([^\"]+)\"", "lacks the key '{}'"),
        (
            r"size mismatch for ([^:]+): .*?torch\.Size\((\[[^]]*\]).*?torch\.Size\((\[[^]]*\])",
            "has '{}' as {}, not {}",
        ),
        (r"Unexpected key\(s\) in state_dict: \"([^\"]+)\"", "holds the key '{}', which the architecture lacks"),
    ):
        if match := re.search(pattern, text, re.DOTALL):
            return _misfit(file, words.format(*match.groups()))
    return _misfit(file, f"does not load: {text.splitlines()[0][:200] if text else type(error).__name__}")


def _misfit(file: Path, what: str) -> FoveateError:
    return FoveateError(
        f"{file} does not fit its architecture: it {what}.", "check that its config.json is the one it was saved with"
    )


def _damaged(file: Path) -> FoveateError:
    size = file.stat().st_size if file.exists() else 0
    return FoveateError(f"{file} ({size:,} bytes) is cut short or no safetensors file.", "copy or download it again")


def _shape(value: Tensor) -> str:
    return str(list(value.shape))
