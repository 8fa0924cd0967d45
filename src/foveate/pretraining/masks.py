"""Which patches are hidden: vectorised samplers, drawn for a whole batch at once.

Every sampler takes a grid (rows, columns), the number of images and a CPU generator, and has an exact count: masks of one
batch stack. ``True`` is hidden.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Int
from torch import Generator, Tensor

from foveate.core.errors import FoveateError

Grid = tuple[int, int]


def hidden_count(grid: Grid, share: float, *, knob: str = "mask") -> int:
    """Patches that a share of the grid is, at least one hidden and one shown.

    Raises:
        FoveateError: the share is outside (0, 1), or the grid has a single patch.
    """
    total = grid[0] * grid[1]
    if not 0 < share < 1:
        raise FoveateError(f"{knob} = {share:g} is no share of the patches.", f"give {knob} between 0 and 1, e.g. 0.6")
    if total < 2:
        raise FoveateError(
            "a view of a single patch leaves nothing to predict it from.", "use larger images or a smaller patch"
        )
    return min(max(round(share * total), 1), total - 1)


def random_mask(grid: Grid, images: int, hidden: int, generator: Generator) -> Bool[Tensor, "b n"]:
    """``hidden`` patches of each image, any with the same chance (MAE)."""
    rank = torch.rand(images, grid[0] * grid[1], generator=generator).argsort(1).argsort(1)
    return rank < hidden


def coarse_mask(grid: Grid, images: int, hidden: int, generator: Generator, *, unit: int) -> Bool[Tensor, "b n"]:
    """Squares of ``unit`` × ``unit`` patches, hidden or shown as a whole (SimMIM, whose unit is 32 px).

    About ``hidden`` patches: the nearest number of whole squares. Squares at the lower and right edge are cut where the
    unit does not divide the grid, and then the count differs between images.
    """
    coarse = (math.ceil(grid[0] / unit), math.ceil(grid[1] / unit))
    squares = min(max(round(hidden / unit**2), 1), max(coarse[0] * coarse[1] - 1, 1))
    mask = random_mask(coarse, images, squares, generator).view(images, *coarse)
    fine = mask.repeat_interleave(unit, 1).repeat_interleave(unit, 2)[:, : grid[0], : grid[1]]
    return fine.flatten(1)


def block_mask(
    grid: Grid, images: int, hidden: int, generator: Generator, *, aspect: float = 0.3, smallest: int = 4
) -> Bool[Tensor, "b n"]:
    """Rectangles until ``hidden`` patches are covered (BEiT's and iBOT's blockwise masking), then exactly that many.

    Rectangles have between ``smallest`` and ``hidden`` patches and an aspect ratio from ``aspect`` to 1/``aspect``, drawn
    on a log scale. What the last rectangle covers too much is shown again at random, within it.
    """
    rows, columns = grid
    mask = torch.zeros(images, rows * columns, dtype=torch.bool)
    while bool((open_ := mask.sum(1) < hidden).any()):
        u = torch.rand(images, 4, generator=generator)
        most = (hidden - mask.sum(1)).clamp_min(smallest).float()
        area = smallest + (most - smallest).clamp_min(0) * u[:, 0]
        ratio = torch.exp((2 * u[:, 1] - 1) * -math.log(aspect))
        height = (area * ratio).sqrt().round().clamp(1, rows)
        width = (area / ratio).sqrt().round().clamp(1, columns)
        top = ((rows - height + 1) * u[:, 2]).floor()
        left = ((columns - width + 1) * u[:, 3]).floor()
        new = rectangles(grid, top, left, height, width) & ~mask & open_[:, None]
        room = hidden - mask.sum(1, keepdim=True)
        order = torch.rand(mask.shape, generator=generator).masked_fill(~new, 2.0).argsort(1).argsort(1)
        mask |= new & (order < room)
    return mask


def inverse_block_mask(
    grid: Grid, images: int, hidden: int, generator: Generator, *, side: int = 3
) -> Bool[Tensor, "b n"]:
    """Squares of ``side`` patches are *shown* until all but ``hidden`` are (data2vec 2.0's inverse block masking).

    Exact: what a last square shows too much is hidden again at random, within it.
    """
    side = min(side, *grid)
    shown_most = grid[0] * grid[1] - hidden
    shown = torch.zeros(images, grid[0] * grid[1], dtype=torch.bool)
    sides = torch.full((images,), float(side))
    while bool((shown.sum(1) < shown_most).any()):
        u = torch.rand(images, 2, generator=generator)
        # A centre may lie anywhere, so that the border is shown as often as the middle.
        top = ((grid[0] + side - 1) * u[:, 0]).floor() - side + 1
        left = ((grid[1] + side - 1) * u[:, 1]).floor() - side + 1
        new = rectangles(grid, top, left, sides, sides) & ~shown
        room = shown_most - shown.sum(1, keepdim=True)
        order = torch.rand(shown.shape, generator=generator).masked_fill(~new, 2.0).argsort(1).argsort(1)
        shown |= new & (order < room)
    return ~shown


def rectangles(grid: Grid, top: Tensor, left: Tensor, height: Tensor, width: Tensor) -> Bool[Tensor, "b n"]:
    """One rectangle of patches for each image."""
    y, x = torch.arange(grid[0]), torch.arange(grid[1])
    down = (y >= top[:, None]) & (y < (top + height)[:, None])
    across = (x >= left[:, None]) & (x < (left + width)[:, None])
    return (down[:, :, None] & across[:, None, :]).flatten(1)


def multi_block(
    grid: Grid,
    images: int,
    generator: Generator,
    *,
    targets: int = 4,
    target_scale: tuple[float, float] = (0.15, 0.2),
    target_aspect: tuple[float, float] = (0.75, 1.5),
    context_scale: tuple[float, float] = (0.85, 1.0),
    least: int = 4,
    prefix: bool = False,
) -> tuple[Int[Tensor, "b k"], Int[Tensor, "t b m"]]:
    """I-JEPA's masks: ``targets`` blocks to predict, and one context block without them (Assran et al. 2023).

    Block sizes are drawn once for the batch, positions for each image. Contexts differ in size; all are cut to the smallest
    of the batch so that they stack.

    Args:
        least: patches that a context keeps; positions of an image are drawn anew until it does.
        prefix: cut as the public code does, keeping the first patches in row-major order (the lower rows are lost);
            else the patches to keep are drawn at random.

    Returns:
        Indices of the context's patches and of each target's, row-major.

    Raises:
        FoveateError: the grid is too small for ``least`` patches beside the targets.
    """
    rows, columns = grid
    u = torch.rand(4, generator=generator)
    height, width = _block_size(grid, target_scale, target_aspect, u[0], u[1])
    context_height, context_width = _block_size(grid, context_scale, (1.0, 1.0), u[2], u[3])
    tops, lefts, context = _place(grid, images, generator, (height, width), (context_height, context_width), targets)
    for _ in range(100):
        few = context.sum(1) < least
        if not bool(few.any()):
            break
        again = _place(grid, images, generator, (height, width), (context_height, context_width), targets)
        tops[few], lefts[few], context[few] = again[0][few], again[1][few], again[2][few]
    else:
        raise FoveateError(
            f"a grid of {rows} × {columns} patches leaves no {least} patches beside {targets} targets.",
            "use larger images, a smaller patch, or --set targets=2",
        )
    inside = torch.arange(height)[:, None] * columns + torch.arange(width)
    target = (tops * columns + lefts)[:, :, None] + inside.flatten()
    kept = int(context.sum(1).min())
    order = torch.arange(rows * columns).expand(images, -1) if prefix else None
    rank = order if order is not None else torch.rand(context.shape, generator=generator).argsort(1).argsort(1)
    chosen = rank.float().masked_fill(~context, math.inf).argsort(1)[:, :kept]
    return chosen.sort(1).values, target.transpose(0, 1).contiguous()


def _block_size(
    grid: Grid, scale: tuple[float, float], aspect: tuple[float, float], u: Tensor, v: Tensor
) -> tuple[int, int]:
    area = grid[0] * grid[1] * (scale[0] + float(u) * (scale[1] - scale[0]))
    ratio = aspect[0] + float(v) * (aspect[1] - aspect[0])
    height, width = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
    return min(max(height, 1), grid[0]), min(max(width, 1), grid[1])


def _place(
    grid: Grid, images: int, generator: Generator, target: tuple[int, int], context: tuple[int, int], targets: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Positions of the targets [b t], and the context without them [b n]."""
    u = torch.rand(images, targets + 1, 2, generator=generator)
    tops = (u[:, :targets, 0] * (grid[0] - target[0] + 1)).long()
    lefts = (u[:, :targets, 1] * (grid[1] - target[1] + 1)).long()
    top = (u[:, -1, 0] * (grid[0] - context[0] + 1)).floor()
    left = (u[:, -1, 1] * (grid[1] - context[1] + 1)).floor()
    whole = rectangles(grid, top, left, torch.full_like(top, context[0]), torch.full_like(top, context[1]))
    sides = [torch.full_like(top, side) for side in target]
    for t in range(targets):
        whole &= ~rectangles(grid, tops[:, t].float(), lefts[:, t].float(), *sides)
    return tops, lefts, whole


def split(mask: Bool[Tensor, "b n"]) -> tuple[Int[Tensor, "b k"], Int[Tensor, "b m"]]:
    """Indices of the shown and of the hidden patches, of masks that all hide equally many."""
    order = mask.to(torch.int8).argsort(dim=1, stable=True)
    shown = int((~mask[0]).sum())
    assert bool(((~mask).sum(1) == shown).all()), "masks of one batch hide different numbers"
    return order[:, :shown], order[:, shown:]
