"""What the measures take: matrices of features, rows are images; torch tensors on any device or NumPy arrays."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.errors import FoveateError

Matrix = Float[Tensor, "n d"] | Float[np.ndarray, "n d"]
Labels = Int[Tensor, " n"] | Int[np.ndarray, " n"]


def as_matrix(X: Matrix, *, name: str = "features") -> Float[Tensor, "n d"]:
    """A float32 or float64 tensor of the same values, on the same device, without a copy where none is needed.

    Raises:
        FoveateError: a value is not finite.
    """
    tensor = X if isinstance(X, Tensor) else _from_numpy(X)
    assert tensor.ndim == 2, f"{name} must be a matrix [images, width], not {tuple(tensor.shape)}"
    tensor = tensor.detach()
    if tensor.device.type == "mps":  # no float64 there, and the sums need it
        tensor = tensor.cpu()
    if tensor.dtype not in (torch.float32, torch.float64):
        tensor = tensor.float()
    # One sum tells almost always; only where it is not finite is each row looked at.
    if not torch.isfinite(tensor.sum()) and (bad := ~torch.isfinite(tensor).all(dim=1)).any():
        raise FoveateError(
            f"the {name} of {int(bad.sum())} of {len(tensor)} images hold NaN or infinity (first: row {int(bad.nonzero()[0])}).",
            "the encoder diverged or overflowed there: use another checkpoint, or embed in float32",
        )
    return tensor


def as_labels(y: Labels, classes: int) -> Int[Tensor, " n"]:
    """Labels as int64 on their device; an assertion that they lie in [0, classes)."""
    tensor = (y if isinstance(y, Tensor) else _from_numpy(np.asarray(y))).long()
    assert tensor.ndim == 1, "labels are one integer a row"
    assert not len(tensor) or (int(tensor.min()) >= 0 and int(tensor.max()) < classes), (
        "a label lies outside the classes"
    )
    return tensor


def blocks_of(X: Matrix | Iterable[Matrix], size: int) -> Iterator[Float[Tensor, "m d"]]:
    """Pieces of at most ``size`` rows of a matrix, or of each matrix of a stream."""
    for whole in [X] if isinstance(X, Tensor | np.ndarray) else X:
        for start in range(0, len(whole), size):
            yield as_matrix(whole[start : start + size])


def _from_numpy(X: np.ndarray) -> Tensor:
    with warnings.catch_warnings():
        # A read-only memory map: torch warns that writing to it is undefined, and nothing here writes.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writ")
        return torch.from_numpy(np.ascontiguousarray(X))
