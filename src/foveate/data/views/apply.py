"""What was drawn, done to a whole batch on the device where its pixels are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.data.views.color import jitter_, luma, solarized
from foveate.data.views.config import View
from foveate.data.views.draw import HUE, Parameters, draw
from foveate.data.views.resample import blur_bands, crop_bands, enlarge, resample

# Values in flight at once. On a CPU a block and its temporaries should stay in the second-level cache; measured flat
# between half and twice this. A GPU wants few and large kernels.
_BLOCK = {"cpu": 400_000, "cuda": 150_000_000}


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
    order = _sorting(parameters, view)
    if order is not None:
        parameters = parameters[order]
        pixels = pixels.index_select(0, order.to(device))
    here = parameters.to(device)
    normal = _normalisation(mean, std, device)
    out = torch.empty(b, 3, view.size, view.size, device=device)
    for rows in _blocks(parameters, view, max(canvas), _BLOCK.get(device.type, _BLOCK["cuda"])):
        _apply_block(pixels[rows].contiguous(), parameters[rows], here[rows], view, normal, out[rows])
    return out if order is None else out.index_select(0, order.argsort().to(device))


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


def _apply_block(
    pixels: Tensor, host: Parameters, here: Parameters, view: View, normal: tuple[Tensor, Tensor] | None, out: Tensor
) -> None:
    """One block of images that turn their hue at the same step, or not at all. ``host`` and ``here`` are the same
    decisions on the CPU and on the device: what to run is decided without waiting for the device."""
    x = _crop(pixels, host, here, view)
    if host.jitter[0]:
        jitter_(x, here.factors, here.order, host.order, tuple(strength > 0 for strength in view.jitter))
    _on_some(x, host.gray, lambda x, _: luma(x).expand_as(x))
    _on_some(x, host.sigma > 0, lambda x, which: _blurred(x, here.sigma[which], view.kernel))
    _on_some(x, host.solarize, lambda x, _: solarized(x, view.solarize_threshold))
    if view.rotation:
        for turns in (1, 2, 3):
            _on_some(x, host.rotation == turns, lambda x, _, turns=turns: x.rot90(turns, (2, 3)))
    if normal is None:
        out.copy_(x)
    else:
        torch.add(x.mul_(normal[0]), normal[1], out=out)


def _crop(pixels: Tensor, host: Parameters, here: Parameters, view: View) -> Tensor:
    """Crop, resize, mirror and scale to [0, 1]."""
    canvas = torch.tensor(pixels.shape[2:], dtype=torch.float32, device=pixels.device)
    start, length = here.box[:, :2] * canvas / here.size, here.box[:, 2:] * canvas / here.size
    h, w = pixels.shape[2:]
    if view.size >= max(h, w):
        return enlarge(pixels, start, length, here.flip, view.size)
    tall, wide = (host.box[:, 2:] / host.size).amax(dim=0).tolist()
    rows = crop_bands(start[:, 0], length[:, 0], None, longest=tall * h, source=h, target=view.size, gain=1 / 255)
    columns = crop_bands(start[:, 1], length[:, 1], here.flip, longest=wide * w, source=w, target=view.size)
    out = torch.empty(*pixels.shape[:2], view.size, view.size, device=pixels.device)
    resample(pixels, rows, columns, out)
    return out


def _blurred(x: Tensor, sigma: Tensor, kernel: int) -> Tensor:
    bands = blur_bands(sigma, kernel=kernel, size=x.shape[-1])
    out = torch.empty_like(x)
    resample(x, bands, bands, out)
    return out


def _on_some(x: Tensor, chosen: Tensor, change: Callable[[Tensor, Tensor | slice], Tensor]) -> None:
    """x[chosen] = change(x[chosen], chosen rows), and no work at all for the others. ``chosen`` is on the CPU."""
    count = int(chosen.sum())
    if count == len(chosen):
        x.copy_(change(x, slice(None)))
    elif count:
        rows = chosen.nonzero()[:, 0].to(x.device)
        x.index_copy_(0, rows, change(x[rows], rows))


def _sorting(parameters: Parameters, view: View) -> Tensor | None:
    """An order in which images come together that are jittered, and that turn their hue at the same step.

    Within these, images with the same order of steps come together, so that small blocks have fewer kinds of step.
    None: no sorting is needed.
    """
    if len(parameters) == 0 or not parameters.jitter.any():
        return None
    code = (parameters.order * torch.tensor([64, 16, 4, 1])).sum(dim=1) + 256 * _hue_step(parameters, view)
    return torch.where(parameters.jitter, code, -1).argsort(stable=True)


def _hue_step(parameters: Parameters, view: View) -> Tensor:
    step = (parameters.order == HUE).int().argmax(dim=1)
    return step if view.jitter[HUE] else torch.zeros_like(step)


def _blocks(parameters: Parameters, view: View, canvas: int, values: int) -> Iterator[slice]:
    """Runs of images with one hue step, cut so that a block stays small enough."""
    if len(parameters) == 0:
        return
    kind = torch.where(parameters.jitter, _hue_step(parameters, view), -1)
    stops = (kind.diff().nonzero()[:, 0] + 1).tolist() + [len(kind)]
    most = max(1, values // (3 * max(canvas, view.size) ** 2))
    start = 0
    for stop in stops:
        blocks = math.ceil((stop - start) / most)
        even = math.ceil((stop - start) / blocks)
        for at in range(start, stop, even):
            yield slice(at, min(at + even, stop))
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
