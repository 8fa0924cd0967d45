"""What was drawn, done to a whole batch on the device where its pixels are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.data.views.color import blends, jitter_, luma, solarized
from foveate.data.views.config import View
from foveate.data.views.draw import HUE, Parameters, draw
from foveate.data.views.resample import Bands, blur_bands, crop_bands, enlarge, resample

# Values in flight at once. On a CPU a block should stay in cache but not be so small that calls cost more than work;
# measured flat between this and twice as many. A GPU wants few and large kernels.
_BLOCK = {"cpu": 400_000, "cuda": 150_000_000}

_NO_HUE, _NO_JITTER = 4, 5  # beside the four steps at which an image may turn its hue

Change = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def apply(
    pixels: UInt8[Tensor, "b 3 h w"],
    parameters: Parameters,
    view: View,
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Float[Tensor, "b 3 s s"]:
    """Makes one view of each image, as drawn.

    The order is crop with resize and flip, jitter, grayscale, blur, solarise, rotation, normalisation. Every step
    equals torchvision.transforms.v2.functional on float images; nothing is rounded to bytes in between.

    Args:
        pixels: the decoded batch. Where `parameters.size` is another size than this canvas, the canvas is taken to be
            the whole image squashed to it, and the crop is mapped onto it.
        parameters: from ``draw(view, ...)``; on the CPU.
        view: for its size, blur kernel and threshold.
        mean, std: normalise with these, per channel in [0, 1]; None: leave the values in [0, 1].
    """
    b, channels, *canvas = pixels.shape
    if len(parameters) != b:
        raise FoveateError(f"parameters were drawn for {len(parameters)} images, not for {b}.", "draw for this batch")
    assert channels == 3, "views are made of RGB images"
    device = pixels.device
    out = torch.empty(b, 3, view.size, view.size, device=device)
    order = _sorting(parameters)
    place = order.to(device)
    batch = _Batch(parameters[order], view, (canvas[0], canvas[1]), device, mean, std)
    most = max(1, _BLOCK.get(device.type, _BLOCK["cuda"]) // (3 * max(*canvas, view.size) ** 2))
    # Small images are fastest put back into order all at once, large ones (whose copy is the cost) each to its place.
    large = 3 * view.size**2 > 50_000
    for rows in _blocks(batch.hue_step.tolist(), most):
        made = batch.make(rows, pixels.index_select(0, place[rows]))
        if large:
            out.index_copy_(0, place[rows], made)
        else:
            out[rows] = made
    return out if large else out.index_select(0, order.argsort().to(device))


def augment(
    pixels: UInt8[Tensor, "b 3 h w"],
    sizes: Int[Tensor, "b 2"] | None,
    view: View,
    generator: torch.Generator,
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Float[Tensor, "b 3 s s"]:
    """Draws one view of each image and makes it: ``apply(pixels, draw(view, sizes, generator), view, ...)``.

    Args:
        sizes: height and width of the original images where the canvas is squashed; None: the canvas is the image.
        generator: a CPU generator.
    """
    if sizes is None:
        sizes = torch.tensor([pixels.shape[2:]], dtype=torch.int64).expand(len(pixels), 2)
    return apply(pixels, draw(view, sizes, generator), view, mean=mean, std=std)


def augment_views(
    pixels: UInt8[Tensor, "b 3 h w"],
    sizes: Int[Tensor, "b 2"] | None,
    views: Sequence[View],
    generator: torch.Generator,
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> list[Float[Tensor, "b 3 s s"]]:
    """Several views of one decoded batch (two for SimCLR, eight for multi-crop), each of its own size."""
    return [augment(pixels, sizes, view, generator, mean=mean, std=std) for view in views]


class _Batch:
    """A batch's decisions as the operators want them: numbers on the device, and on the CPU what to run at all, so
    that nothing ever waits for the device."""

    def __init__(
        self,
        parameters: Parameters,
        view: View,
        canvas: tuple[int, int],
        device: torch.device,
        mean: Sequence[float] | None,
        std: Sequence[float] | None,
    ) -> None:
        self.view = view
        self.hue_step = _hue_step(parameters)
        self.host_steps = blends(parameters.factors, parameters.order)
        to_canvas = torch.tensor(canvas) / parameters.size
        self.start = (parameters.box[:, :2] * to_canvas).to(device)
        self.length = (parameters.box[:, 2:] * to_canvas).to(device)
        self.flip, self.sigma = parameters.flip.to(device), parameters.sigma.to(device)
        self.bands = self._bands(canvas, parameters.box[:, 2:] / parameters.size) if len(parameters) else None
        self.steps, self.turns = self.host_steps.to(device), parameters.factors[:, HUE].to(device)
        self.small_hue = bool((parameters.factors[:, HUE].abs() <= 1 / 6).all())
        self.normal = _normalisation(mean, std, device)
        some: list[tuple[Tensor, Change]] = [
            (parameters.gray, lambda x, _: luma(x).expand_as(x)),
            (parameters.sigma > 0, lambda x, which: _blurred(x, self.sigma[which], view.kernel)),
            (parameters.solarize, lambda x, _: solarized(x, view.solarize_threshold)),
            *((parameters.rotation == turns, partial(_turned, turns)) for turns in (1, 2, 3)),
        ]
        self.some = [(chosen, change) for chosen, change in some if chosen.any()]

    def make(self, rows: slice, pixels: Tensor) -> Tensor:
        """One block of images, which turn their hue at the same step or not at all."""
        x = self._crop(rows, pixels)
        step = int(self.hue_step[rows.start])
        if step != _NO_JITTER:
            present = self.host_steps[rows].any(dim=0).tolist()
            hue_step = step if step != _NO_HUE else None
            jitter_(x, self.steps[rows], present, self.turns[rows], hue_step, self.small_hue)
        for chosen, change in self.some:
            _change_some(x, chosen[rows], rows.start, change)
        return x if self.normal is None else x.mul_(self.normal[0]).add_(self.normal[1])

    def _crop(self, rows: slice, pixels: Tensor) -> Tensor:
        """Crop, resize, mirror and scale to [0, 1]."""
        start, length, flip = self.start[rows], self.length[rows], self.flip[rows]
        if self.bands is None:
            return enlarge(pixels, start, length, flip, self.view.size)
        down, across = self.bands
        return resample(pixels, down[rows], across[rows])

    def _bands(self, canvas: tuple[int, int], shares: Tensor) -> tuple[Bands, Bands] | None:
        """The matrices of all crops, which span ``shares`` of the sides; None where all are enlarged and need none."""
        (h, w), size = canvas, self.view.size
        if size >= max(h, w):
            return None
        tall, wide = shares.amax(dim=0).tolist()
        (top, left), (height, width), no = self.start.unbind(1), self.length.unbind(1), torch.zeros_like(self.flip)
        return (
            crop_bands(top, height, no, longest=tall * h, source=h, target=size, gain=1 / 255),
            crop_bands(left, width, self.flip, longest=wide * w, source=w, target=size),
        )


def _blurred(x: Tensor, sigma: Tensor, kernel: int) -> Tensor:
    bands = blur_bands(sigma, kernel=kernel, size=x.shape[-1])
    return resample(x, bands, bands)


def _turned(turns: int, x: Tensor, _: Tensor) -> Tensor:
    return x.rot90(turns, (2, 3))


def _change_some(x: Tensor, chosen: Tensor, offset: int, change: Change) -> None:
    """x[chosen] = change(x[chosen], chosen rows of the batch), and no work for the others. ``chosen`` is on the CPU."""
    rows = chosen.nonzero()[:, 0].to(x.device)
    if len(rows) == len(x):
        x.copy_(change(x, rows + offset))
    elif len(rows):
        x.index_copy_(0, rows, change(x[rows], rows + offset))


def _sorting(parameters: Parameters) -> Tensor:
    """An order that brings together images that turn their hue at the same step, and those that are not jittered.

    Within these, images with the same order of steps come together, so that small blocks have fewer kinds of step.
    """
    code = (parameters.order * torch.tensor([64, 16, 4, 1])).sum(dim=1) + 256 * _hue_step(parameters)
    return torch.where(parameters.jitter, code, 256 * _NO_JITTER).argsort(stable=True)


def _hue_step(parameters: Parameters) -> Tensor:
    """The step at which each image turns its hue, 0 … 3, or _NO_HUE or _NO_JITTER."""
    step = (parameters.order == HUE).int().argmax(dim=1)
    step = torch.where(parameters.jitter & (parameters.factors[:, HUE] == 0), _NO_HUE, step)
    return torch.where(parameters.jitter, step, _NO_JITTER)


def _blocks(kinds: list[int], most: int) -> Iterator[slice]:
    """Runs of images of one kind, cut evenly so that no block exceeds ``most``."""
    start = 0
    for _, run in groupby(kinds):
        stop = start + sum(1 for _ in run)
        even = math.ceil((stop - start) / math.ceil((stop - start) / most))
        yield from (slice(at, min(at + even, stop)) for at in range(start, stop, even))
        start = stop


def _normalisation(
    mean: Sequence[float] | None, std: Sequence[float] | None, device: torch.device
) -> tuple[Tensor, Tensor] | None:
    """Factor and summand of (x - mean) / std."""
    if mean is None and std is None:
        return None
    m = torch.tensor(mean if mean is not None else (0.0,) * 3, dtype=torch.float32, device=device).view(3, 1, 1)
    s = torch.tensor(std if std is not None else (1.0,) * 3, dtype=torch.float32, device=device).view(3, 1, 1)
    return 1 / s, -m / s
