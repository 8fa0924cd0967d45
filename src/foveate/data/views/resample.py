"""Cropping, resizing, mirroring and blurring of batches, exact for shrinking and for enlarging.

Where every crop is enlarged (the view is no smaller than the canvas), antialiasing changes nothing, and one bilinear
look-up with coordinates held inside the crop is what torchvision does when it crops first: ``enlarge``.

Where a crop may shrink, looking up four pixels would alias. Antialiased resizing is still linear and separable:
output = R · image · Cᵀ, where a row of R holds the triangle filter around one output pixel, cut off at the crop's
edges. So a batch is two batched products with banded matrices, as long as a look-up takes: ``crop_bands`` and
``resample``. Large images are cut into tiles of output pixels, each of which sees only a window of input pixels, so
that the bands' zeros are hardly multiplied. A Gaussian blur is another such pair: ``blur_bands``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor
from torch.nn import functional

TILE = 32
"""Output pixels per tile; images up to about this size are one dense product."""


@dataclass(frozen=True)
class Bands:
    """A batch of banded matrices from ``source`` to ``target`` pixels, cut into tiles.

    Attributes:
        first: where each tile's window of input pixels begins. None: one tile, and its window is everything.
        weights: of each window pixel (rows) for each output pixel of the tile (columns); columns past target are waste.
    """

    first: Int[Tensor, "b tiles"] | None
    weights: Float[Tensor, "b tiles window tile"]
    target: int

    def __getitem__(self, rows: slice) -> Bands:
        """The matrices of some of the images."""
        return Bands(None if self.first is None else self.first[rows], self.weights[rows], self.target)


def enlarge(
    pixels: UInt8[Tensor, "b c h w"],
    start: Float[Tensor, "b 2"],
    length: Float[Tensor, "b 2"],
    mirror: Bool[Tensor, " b"],
    size: int,
) -> Float[Tensor, "b c s s"]:
    """Crops [start, start + length) (rows, columns; in pixels) enlarged to ``size`` px and scaled to [0, 1].

    Equals torchvision's resized_crop where no length exceeds size.
    """
    at = torch.arange(size, device=pixels.device, dtype=torch.float32)
    y, x = (
        _centers(start[:, axis], length[:, axis], size, at, mirror if axis else None).mul_(2 / source).sub_(1)
        for axis, source in enumerate(pixels.shape[2:])
    )
    # x + iy lies in memory as the pair (x, y) that grid_sample reads; one sum fills the grid, thrice as fast as two copies.
    none = torch.zeros_like(x)
    grid = torch.view_as_real(torch.complex(x, none)[:, None] + torch.complex(none, y)[:, :, None])
    # The coordinates stay half a pixel inside the crop, so no padding is ever seen; "border" guards rounding.
    return functional.grid_sample(pixels.float().mul_(1 / 255), grid, padding_mode="border", align_corners=False)


def _centers(start: Tensor, length: Tensor, target: int, at: Tensor, mirror: Tensor | None) -> Tensor:
    """Where each output pixel's middle lies in the input [b target]; held half a pixel inside the crop, whose edge
    pixels are repeated where the crop is enlarged."""
    if mirror is not None:
        at = torch.where(mirror[:, None], target - 1 - at, at)
    center = start[:, None] + (length / target)[:, None] * (at + 0.5)
    inside = torch.minimum(length / 2, length.new_tensor(0.5))[:, None]
    return torch.minimum(torch.maximum(center, start[:, None] + inside), (start + length)[:, None] - inside)


def crop_bands(
    start: Float[Tensor, " b"],
    length: Float[Tensor, " b"],
    mirror: Bool[Tensor, " b"],
    *,
    longest: float,
    source: int,
    target: int,
    gain: float = 1.0,
) -> Bands:
    """The matrices that crop [start, start + length) of one axis and resize it to ``target`` px, antialiased.

    Where start and length are whole, this equals torchvision's resized_crop (bilinear, antialias=True). Where not (a
    squashed canvas), a pixel that a shrunk crop covers in part counts in part; an enlarged crop is as in ``enlarge``.

    Args:
        start, length: in input pixels, on the device.
        mirror: images whose output runs backwards.
        longest: the largest length, known on the host so that no device is waited for.
        source, target: input and output pixels.
        gain: the rows sum to this (1/255 turns bytes into [0, 1] at no cost).
    """
    device = start.device
    step = (length / target)[:, None]
    at = torch.arange(target, device=device, dtype=torch.float32)
    center = _centers(start, length, target, at, mirror)
    support = step.clamp(min=1.0)

    tiles = math.ceil(target / TILE)
    tile = math.ceil(target / tiles)
    widest = longest / target
    window = math.ceil(widest * (tile - 1) + 2 * max(widest, 1.0)) + 2
    if tiles == 1 or window > 0.75 * source:
        tiles, tile, window, first = 1, target, source, None
        taps = torch.arange(source, device=device, dtype=torch.float32)[None, None]
    else:
        center = torch.cat([center, center[:, -1:].expand(-1, tiles * tile - target)], dim=1)
        ends = center.view(-1, tiles, tile)[:, :, [0, -1]].amin(dim=2)
        first = (ends - support).floor().clamp_(0, source - window)
        taps = first[:, :, None] + torch.arange(window, device=device, dtype=torch.float32)
        first = first.long()
    low, high = start[:, None, None], (start + length)[:, None, None]
    covered = (torch.minimum(taps + 1, high) - torch.maximum(taps, low)).clamp_(0, 1)
    covered = torch.where((step > 1)[..., None], covered, 1.0)
    narrow = 1 / support[:, :, None]
    weights = ((taps + 0.5) * narrow)[..., None] - (center.view(-1, tiles, tile) * narrow)[:, :, None]
    weights.abs_().neg_().add_(1).clamp_(min=0).mul_(covered[..., None])
    weights.mul_(gain / weights.sum(dim=2, keepdim=True))
    return Bands(first, weights, target)


def blur_bands(sigma: Float[Tensor, " b"], *, kernel: int, size: int) -> Bands:
    """The matrices that blur one axis with a Gaussian cut off at ``kernel`` px, edges reflected (torchvision's padding)."""
    device, radius = sigma.device, kernel // 2
    assert radius < size, "a reflected edge must lie inside the image"
    reach = torch.arange(radius + 2, device=device, dtype=torch.float32)
    table = torch.exp(-0.5 * (reach / sigma[:, None]) ** 2)
    table = table / (2 * table[:, : radius + 1].sum(dim=1, keepdim=True) - 1)
    table[:, -1] = 0  # where every distance beyond the radius is looked up

    tiles = math.ceil(size / TILE)
    tile = math.ceil(size / tiles)
    window = tile + 2 * radius
    if tiles == 1 or window > 0.75 * size:
        tiles, tile, window = 1, size, size
    begin = (torch.arange(tiles, device=device) * tile - radius).clamp_(0, size - window)
    j = (begin[:, None] + torch.arange(window, device=device))[:, :, None]
    i = torch.arange(tiles * tile, device=device).clamp_(max=size - 1).view(tiles, 1, tile)
    weights = _look_up(table, (i - j).abs())
    weights += _look_up(table, torch.where(j > 0, i + j, radius + 1))
    weights += _look_up(table, torch.where(j < size - 1, 2 * (size - 1) - i - j, radius + 1))
    return Bands(None if tiles == 1 else begin.expand(len(sigma), -1), weights, size)


def _look_up(table: Tensor, distance: Tensor) -> Tensor:
    at = distance.clamp(max=table.shape[1] - 1)
    return table.index_select(1, at.flatten()).view(-1, *at.shape)


def resample(
    images: UInt8[Tensor, "b c h w"] | Float[Tensor, "b c h w"],
    rows: Bands,
    columns: Bands,
) -> Float[Tensor, "b c rows columns"]:
    """rows · image · columnsᵀ for each channel of each image. ``images`` is contiguous."""
    b, c, height, width = images.shape
    half = torch.empty(b * c, width, rows.target, device=images.device)
    _contract(images.view(b * c, height, width), rows, c, half)
    out = torch.empty(b, c, rows.target, columns.target, device=images.device)
    _contract(half, columns, c, out.view(b * c, rows.target, columns.target))
    return out


def _contract(x: Tensor, bands: Bands, channels: int, out: Tensor) -> None:
    """out[n] = x[n]ᵀ · bands: the axis that is summed over comes first and its result last, so that two calls do both
    axes, and that a window of it is whole rows in memory."""
    n, source, other = x.shape
    _, tiles, window, tile = bands.weights.shape
    weights = bands.weights.repeat_interleave(channels, dim=0)
    if bands.first is None:
        torch.bmm(x.float().transpose(1, 2), weights[:, 0], out=out)
        return
    flat = x.view(n * source, other)
    image = torch.arange(n, device=x.device)[:, None] * source
    rows = image[:, :, None] + bands.first.repeat_interleave(channels, dim=0)[:, :, None]
    rows = rows + torch.arange(window, device=x.device)
    for t in range(tiles):
        seen = flat.index_select(0, rows[:, t].flatten()).float().view(n, window, other)
        here = slice(t * tile, min((t + 1) * tile, bands.target))
        torch.bmm(seen.transpose(1, 2), weights[:, t, :, : here.stop - here.start], out=out[:, :, here])
