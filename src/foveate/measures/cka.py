"""Debiased linear CKA: how alike two sets of features of the same images are, up to rotation and scale.

Kornblith et al. (2019), with the unbiased HSIC of Song et al. (2012) in numerator and denominator. The biased form reads
.65 on independent features of 100 images and width 192; this one reads 0 on average, and may be slightly negative.

With K = XXᵀ and L = YYᵀ without their diagonals,

    HSIC₁ = ( tr KL + 1ᵀK1 · 1ᵀL1 / ((n-1)(n-2)) - 2 · 1ᵀKL1 / (n-2) ) / (n(n-3)).

tr KL = ‖XᵀY‖² - Σ|xᵢ|²|yᵢ|² needs no n × n matrix; where images are few for the width, tiles of K and L that are shared by
all pairs of layers are cheaper. The other two terms need only the row sums of K and L, which are X Σxᵢ - |xᵢ|².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core import stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.measures.alignment import mutual_knn as mutual_knn
from foveate.measures.alignment import procrustes as procrustes
from foveate.measures.arrays import Matrix, as_matrix

_ROUNDING = 32  # units in the last place by which equal features may differ, from batch to batch
_TILE = 256  # rows of a Gram tile
_COLUMNS = 2048  # columns of one
_PRODUCTS = 2**26  # entries of cross-products held at once: 256 MB in float32


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """CKA of every pair of layers with its delete-a-group jackknife interval.

    Attributes:
        value, low, high: float64 [N, M]; NaN where a layer is constant over the images.
        n: images. groups: parts of the jackknife.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    groups: int

    def at(self, i: int, j: int) -> Estimate:
        """One pair's estimate."""
        return Estimate(float(self.value[i, j]), float(self.low[i, j]), float(self.high[i, j]), self.n)


def cka(X: Matrix, Y: Matrix) -> float:
    """Debiased linear CKA of two matrices [n, d], row by row of the same images; NaN where one is constant.

    Raises:
        FoveateError: fewer than four images, or a feature that is not finite.
    """
    return float(matrix([X], [Y])[0, 0])


def interval(X: Matrix, Y: Matrix, *, groups: int = 20, seed: int = 0) -> Estimate:
    """``cka`` with its jackknife interval."""
    return intervals([X], [Y], groups=groups, seed=seed).at(0, 0)


def matrix(A: Sequence[Matrix], B: Sequence[Matrix], *, batch: int | None = None) -> Float[np.ndarray, "N M"]:
    """Debiased linear CKA of every layer of ``A`` with every layer of ``B``.

    Args:
        A, B: features [n, d] of the same n images in the same order; widths may differ.
        batch: None, all images at once. A number: HSIC₁ is averaged over batches of about that many images in their
            given order (Nguyen et al. 2021); also unbiased, with a little more noise, in less time.

    Raises:
        FoveateError: fewer than four images (in a batch), or a feature that is not finite.
    """
    n = _count(A, B)
    if batch is not None:
        if batch < 4:
            raise FoveateError(f"batches of {batch} images are too small for debiased CKA.", "use 4 or more")
        parts = np.array_split(np.arange(n), max(1, n // batch))
        return _ratio(*_batched(*_sides(A, B, parts)))
    x, y = _sides(A, B, [np.arange(n)])
    return _ratio(*(_hsic(n, *_terms(*sides)[0]) for sides in ((x, y), (x,), (y,))))


def intervals(A: Sequence[Matrix], B: Sequence[Matrix], *, groups: int = 20, seed: int = 0) -> Intervals:
    """``matrix`` with a jackknife interval for each cell.

    The values without a group come from sums over all images and over the group's: nothing is computed anew.

    Raises:
        FoveateError: fewer than eight images, or a feature that is not finite.
    """
    n = _count(A, B, least=8)
    parts = stats.partition(n, min(groups, n // 2), seed=seed)
    x, y = _sides(A, B, parts)
    left = n - torch.tensor([len(part) for part in parts])
    terms = [_terms(*sides) for sides in ((x, y), (x,), (y,))]
    value = _ratio(*(_hsic(n, *full) for full, _ in terms))
    without = _ratio(*(_hsic(left.view(-1, *[1] * (rest[0].ndim - 1)), *rest) for _, rest in terms))
    low, high = stats.jackknife_ends(value, without)
    return Intervals(value=value, low=low, high=high, n=n, groups=len(parts))


class _Layers:
    """The layers of one side, centred, their images in groups of equal length.

    Zero rows fill the groups up: they add nothing to any sum. HSIC₁ does not depend on the features' mean; taking it
    away keeps float32 products from cancelling.

    Attributes:
        x: per layer [groups, width, d].
    """

    def __init__(self, features: Sequence[Tensor], parts: list[np.ndarray]) -> None:
        width = max(map(len, parts))
        order = torch.from_numpy(np.concatenate(parts))
        place = torch.from_numpy(np.concatenate([g * width + np.arange(len(part)) for g, part in enumerate(parts)]))
        self.sizes = torch.tensor([len(part) for part in parts])
        self.x: list[Tensor] = []
        for each in features:
            tensor = each - each.mean(dim=0)
            # Equal rows leave only rounding, of which a similarity could be computed: none of it is a signal.
            if tensor.abs().max() <= _ROUNDING * torch.finfo(each.dtype).eps * each.abs().max():
                tensor = torch.zeros_like(tensor)
            if not torch.equal(order, place) or len(order) < len(parts) * width:
                filled = tensor.new_zeros(len(parts) * width, tensor.shape[1])
                filled[place.to(tensor.device)] = tensor[order.to(tensor.device)]
                tensor = filled
            self.x.append(tensor.view(len(parts), width, -1))

    @cached_property
    def norms(self) -> Float[Tensor, "N g w"]:
        """|xᵢ|², float64, on the CPU like all sums."""
        return torch.stack([x.square().sum(dim=2).double().cpu() for x in self.x])

    @cached_property
    def moves(self) -> Float[Tensor, "N h g w"]:
        """xᵢ · (Σx of group h): what a row sum of K loses with that group."""
        return torch.stack([torch.einsum("gwd,hd->hgw", x, x.sum(dim=1)).cpu() for x in self.x])

    @cached_property
    def rows(self) -> Float[Tensor, "N g w"]:
        """The row sums of K without its diagonal, float64."""
        return self.moves.sum(dim=1, dtype=torch.float64) - self.norms

    def rows_without(self, group: int) -> Float[Tensor, "N n"]:
        """The row sums over the images outside a group; zero for its own images."""
        left = self.rows - self.moves[:, group]
        left[:, group] = 0
        return left.flatten(1)


def _sides(A: Sequence[Matrix], B: Sequence[Matrix], parts: list[np.ndarray]) -> tuple[_Layers, _Layers]:
    """Both sides in one precision: float64 as soon as a layer is given in it."""
    a = [as_matrix(each) for each in A]
    b = a if B is A else [as_matrix(each) for each in B]
    dtype = torch.float64 if any(each.dtype == torch.float64 for each in (*a, *b)) else torch.float32
    x = _Layers([each.to(dtype) for each in a], parts)
    return x, x if b is a else _Layers([each.to(dtype) for each in b], parts)


# tr KL, 1ᵀK1 · 1ᵀL1 and 1ᵀKL1, float64: [N, M] of two sides, [N] of each layer of one side with itself.
_Three = tuple[Tensor, Tensor, Tensor]


def _terms(x: _Layers, y: _Layers | None = None) -> tuple[_Three, _Three]:
    """The terms over all images, and those without each group [groups, …] (empty where there is one group)."""
    trace, trace_without = _traces(x, y)
    groups = len(x.sizes) if len(x.sizes) > 1 else 0

    def row_terms(a: Tensor, b: Tensor | None) -> tuple[Tensor, Tensor]:
        if b is None:
            return a.sum(dim=1).square(), a.square().sum(dim=1)
        return torch.outer(a.sum(dim=1), b.sum(dim=1)), a @ b.T

    full = row_terms(x.rows.flatten(1), y.rows.flatten(1) if y else None)
    rest = [row_terms(x.rows_without(g), y.rows_without(g) if y else None) for g in range(groups)]
    without = tuple(torch.stack(term) for term in zip(*rest, strict=True)) if rest else (trace[:0], trace[:0])
    return (trace, *full), (trace_without, *without)  # type: ignore[return-value]


def _traces(x: _Layers, y: _Layers | None) -> tuple[Tensor, Tensor]:
    """tr KL of each pair, over all images and without each group, by the way that takes fewer products."""
    n = x.x[0].shape[0] * x.x[0].shape[1]
    d, e = (sum(layer.shape[2] for layer in side.x) for side in (x, y or x))
    through_features = n * (d * e if y else sum(layer.shape[2] ** 2 for layer in x.x))
    # Tiles reuse less of what they read than one large product does: twice the time for a multiplication.
    through_grams = n * n * (d + (e if y else 0)) + 2 * n * n * len(x.x) * (len(y.x) if y else 1)
    return (_traces_by_features if through_features <= through_grams else _traces_by_grams)(x, y)


def _traces_by_features(x: _Layers, y: _Layers | None) -> tuple[Tensor, Tensor]:
    """‖XᵀY‖² - Σ|xᵢ|²|yᵢ|², from the cross-products of each group."""
    groups = len(x.sizes)
    full, without = [], []
    for left in x.x:
        others = y.x if y else [left]
        step = max(1, _PRODUCTS // (groups * left.shape[2] * max(other.shape[2] for other in others)))
        ends, ends_without = [], []
        for start in range(0, len(others), step):
            some = others[start : start + step]
            product = left.transpose(1, 2) @ torch.cat(some, dim=2)  # [groups, d, widths of some]
            total = product.sum(dim=0) if groups > 1 else product[0]
            widths = [other.shape[2] for other in some]
            ends += _squares(total, widths)
            if groups > 1:
                ends_without.append(torch.stack([torch.stack(_squares(total - each, widths)) for each in product]))
        full.append(torch.stack(ends))
        without.append(torch.cat(ends_without, dim=1) if groups > 1 else full[-1].new_zeros(0, len(others)))
    norms = (y or x).norms
    if y is None:
        diagonal = x.norms.square().sum(dim=2)  # [N, groups]
        trace, rest = torch.cat(full) - diagonal.sum(dim=1), torch.cat(without, dim=1)
    else:
        diagonal = torch.einsum("ngw,mgw->nmg", x.norms, norms)
        trace, rest = torch.stack(full) - diagonal.sum(dim=2), torch.stack(without, dim=1)
    outside = (diagonal.sum(dim=-1, keepdim=True) - diagonal).movedim(-1, 0)
    return trace, rest - outside if groups > 1 else rest


def _squares(product: Tensor, widths: list[int]) -> list[Tensor]:
    """The squared Frobenius norm of each block of columns."""
    columns = product.square().sum(dim=0, dtype=torch.float64).cpu()
    return [part.sum() for part in columns.split(widths)]


def _traces_by_grams(x: _Layers, y: _Layers | None) -> tuple[Tensor, Tensor]:
    """Σ K ∘ L over tiles of the upper triangle, each tile computed once per layer."""
    groups, width = x.x[0].shape[:2]
    shape = (len(x.x), len(y.x)) if y else (len(x.x),)
    total = torch.zeros(shape, dtype=torch.float64)
    touching = torch.zeros((groups, *shape), dtype=torch.float64)  # the part of the sum that a group takes along
    for group in range(groups):
        for start in range(0, width, _TILE):
            rows = slice(start, min(start + _TILE, width))
            # The tile on the diagonal holds both of its triangles; what lies right of it stands for its mirror image too.
            inside = _tile_sum(x, y, group, rows, slice(group, group + 1), rows, diagonal=True)[0]
            for left in range(rows.stop, width, _COLUMNS):
                columns = slice(left, min(left + _COLUMNS, width))
                inside += 2 * _tile_sum(x, y, group, rows, slice(group, group + 1), columns)[0]
            total += inside
            touching[group] += inside
            step = max(1, _COLUMNS // width)
            for first in range(group + 1, groups, step):
                others = slice(first, min(first + step, groups))
                for left in range(0, width, _COLUMNS):
                    sums = 2 * _tile_sum(x, y, group, rows, others, slice(left, min(left + _COLUMNS, width)))
                    total += sums.sum(dim=0)
                    touching[group] += sums.sum(dim=0)
                    touching[others] += sums
    return total, (total - touching)[: groups if groups > 1 else 0]


def _tile_sum(
    x: _Layers, y: _Layers | None, group: int, rows: slice, others: slice, columns: slice, *, diagonal: bool = False
) -> Tensor:
    """Σ K ∘ L between some rows of one group and some columns of each of the other groups, [others, N, M] or [others, N]."""

    def grams(side: _Layers) -> Tensor:
        tiles = [layer[group, rows] @ layer[others, columns].transpose(1, 2) for layer in side.x]
        if diagonal:
            for tile in tiles:
                tile.diagonal(dim1=1, dim2=2).zero_()
        return torch.stack(tiles, dim=1).flatten(2)  # [others, layers, rows · columns]

    K = grams(x)
    sums = K @ grams(y).transpose(1, 2) if y else K.square().sum(dim=2, dtype=torch.float64)
    return sums.double().cpu()


def _batched(x: _Layers, y: _Layers) -> tuple[Tensor, Tensor, Tensor]:
    """HSIC₁ of x with y, x with x and y with y, each averaged over the groups."""
    groups, width = x.x[0].shape[:2]
    step = max(1, _PRODUCTS // (width * width * (len(x.x) + len(y.x))))
    sums: list[Tensor] = []
    for start in range(0, groups, step):
        some = slice(start, start + step)
        (K, r, own_x), (L, s, own_y) = _batch_grams(x, some), _batch_grams(y, some)
        n = x.sizes[some].to(K.device)
        xy = _hsic(
            n[:, None, None],
            (K.transpose(0, 1) @ L.permute(1, 2, 0)).double(),
            r.sum(dim=2)[:, :, None] * s.sum(dim=2)[:, None],
            r @ s.transpose(1, 2),
        )
        own = [
            _hsic(n[:, None], trace, row.sum(dim=2).square(), row.square().sum(dim=2))
            for trace, row in ((own_x, r), (own_y, s))
        ]
        part = [each.sum(dim=0).cpu() / groups for each in (xy, *own)]
        sums = [a + b for a, b in zip(sums, part, strict=True)] if sums else part
    return sums[0], sums[1], sums[2]


def _batch_grams(side: _Layers, some: slice) -> tuple[Tensor, Tensor, Tensor]:
    """K of each layer and group without its diagonal [N, groups, w²]; its row sums [groups, N, w] and tr KK [groups, N]."""
    groups, width = side.x[0][some].shape[:2]
    gram = side.x[0].new_empty(len(side.x), groups, width, width)
    for layer, out in zip(side.x, gram, strict=True):
        torch.bmm(layer[some], layer[some].transpose(1, 2), out=out)
    gram.diagonal(dim1=2, dim2=3).zero_()
    flat = gram.flatten(2)
    trace = torch.linalg.vector_norm(flat, dim=2).double().square()
    return flat, gram.sum(dim=3).double().transpose(0, 1), trace.T


def _hsic(n: int | Tensor, trace: Tensor, sums: Tensor, rows: Tensor) -> Tensor:
    return (trace + sums / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)) / (n * (n - 3))


def _ratio(xy: Tensor, xx: Tensor, yy: Tensor) -> np.ndarray:
    """HSIC₁(x, y) / √(HSIC₁(x, x) · HSIC₁(y, y)); NaN where a layer does not vary beyond rounding."""
    xx, yy = (torch.where(own > 0, own, torch.nan) for own in (xx, yy))
    return (xy / (xx.unsqueeze(-1).sqrt() * yy.unsqueeze(-2).sqrt())).numpy()


def _count(A: Sequence[Matrix], B: Sequence[Matrix], *, least: int = 4) -> int:
    assert len(A) * len(B), "no layers to compare"
    counts = {len(each) for each in (*A, *B)}
    assert len(counts) == 1, f"layers of different numbers of images: {sorted(counts)}"
    if (n := counts.pop()) < least:
        raise FoveateError(f"debiased CKA needs at least {least} images, not {n}.", "give more images")
    return n
