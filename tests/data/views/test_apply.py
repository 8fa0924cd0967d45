"""Whole views against the same steps of torchvision, image by image under the drawn parameters, and in moments."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from foveate.core.errors import FoveateError
from foveate.data.views import (
    Parameters,
    View,
    apply,
    augment,
    augment_views,
    draw,
    eval_view,
    multicrop_views,
    simclr_views,
    vicreg_views,
)

ADJUST = (
    functional.adjust_brightness,
    functional.adjust_contrast,
    functional.adjust_saturation,
    functional.adjust_hue,
)
EVERYTHING = View(size=24, blur=0.5, solarize=0.3, rotation=True, jitter=(0.8, 0.8, 0.8, 0.5))
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def photos(n: int, h: int, w: int | None = None, seed: int = 0) -> torch.Tensor:
    """Smooth colours with some noise: pixels whose neighbours resemble them, as photographs' do."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(n, 3, 5, 5, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, (h, w or h), mode="bilinear")
    return (smooth * 0.8 + 0.2 * torch.rand(n, 3, h, w or h, generator=generator)).mul(255).byte()


def whole(pixels: torch.Tensor) -> torch.Tensor:
    return torch.tensor([pixels.shape[2:]]).expand(len(pixels), 2)


def oracle(image: torch.Tensor, p: Parameters, i: int, view: View) -> torch.Tensor:
    """torchvision's operators, in our order."""
    x = functional.resized_crop(image.float() / 255, *p.box[i].tolist(), [view.size] * 2, antialias=True)
    if p.flip[i]:
        x = functional.horizontal_flip(x)
    if p.jitter[i]:
        for op in p.order[i].tolist():
            x = ADJUST[op](x, float(p.factors[i, op]))
    if p.gray[i]:
        x = functional.rgb_to_grayscale(x, 3)
    if p.sigma[i] > 0:
        x = functional.gaussian_blur(x, [view.kernel] * 2, [float(p.sigma[i])] * 2)
    if p.solarize[i]:
        x = functional.solarize(x, view.solarize_threshold)
    return functional.normalize(torch.rot90(x, int(p.rotation[i]), (1, 2)), MEAN, STD)


@pytest.mark.parametrize(
    ("canvas", "view"),
    [
        ((24, 24), EVERYTHING),
        ((48, 36), EVERYTHING),
        ((20, 24), EVERYTHING),
        ((150, 150), replace(EVERYTHING, size=140)),
        ((24, 24), replace(EVERYTHING, jitter=(0.8, 0.8, 0.8, 0.0))),
        ((24, 24), replace(EVERYTHING, jitter=(0.0, 0.8, 0.0, 0.1), blur=1.0, grayscale=1.0, solarize=1.0)),
        ((40, 40), replace(EVERYTHING, corner="lower-right", jitter_p=0.0)),
    ],
)
def test_every_step_together_equals_torchvision(canvas: tuple[int, int], view: View):
    pixels = photos(60 if max(canvas) < 100 else 8, *canvas)
    p = draw(view, whole(pixels), torch.Generator().manual_seed(1))
    ours = apply(pixels, p, view, mean=MEAN, std=STD)
    theirs = torch.stack([oracle(image, p, i, view) for i, image in enumerate(pixels)])
    # A value within float rounding of the solarise threshold may fall on either side of it.
    apart = (ours - theirs).abs() > 2e-4
    assert apart.float().mean() <= (1e-5 if view.solarize else 0)


def test_against_pil_only_the_rounding_to_bytes_is_left():
    """What users have today works on bytes: PIL cuts off fractions after each of up to five steps (half a level each on
    average, one at most), and later steps with factors up to 1.4 enlarge what was cut."""
    view = View(size=24, jitter=(0.4, 0.4, 0.4, 0.0), grayscale=0.2)
    pixels = photos(40, 32)
    p = draw(view, whole(pixels), torch.Generator().manual_seed(2))
    ours = apply(pixels, p, view)
    total = 0.0
    for i in range(len(pixels)):
        image = functional.resized_crop(functional.to_pil_image(pixels[i]), *p.box[i].tolist(), [24, 24])
        image = functional.horizontal_flip(image) if p.flip[i] else image
        for op in p.order[i].tolist() if p.jitter[i] else []:
            image = ADJUST[op](image, float(p.factors[i, op])) if op != 3 else image
        image = functional.rgb_to_grayscale(image, 3) if p.gray[i] else image
        apart = (ours[i] * 255 - functional.pil_to_tensor(image)).abs()
        assert apart.max() <= 6
        assert apart.mean() <= 5 * 0.5 * 1.4
        total += float(apart.mean()) / len(pixels)
    assert total < 5 * 0.5 / 2 * 1.4


def test_moments_are_torchvisions():
    """Mean, spread and sharpness over many independent draws, where the crop shrinks and where it enlarges."""
    n = 1500
    for canvas, size in ((24, 16), (48, 12)):
        pixels = photos(1, canvas).expand(n, -1, -1, -1)
        view = View(size=size, scale=(0.2, 1.0))
        ours = augment(pixels, None, view, torch.Generator().manual_seed(3))
        torch.manual_seed(4)
        peer = v2.Compose(
            [
                v2.RandomResizedCrop(size, scale=(0.2, 1.0), antialias=True),
                v2.RandomHorizontalFlip(),
                v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
                v2.RandomGrayscale(0.2),
            ]
        )
        first = pixels[0].float() / 255
        theirs = torch.stack([peer(first) for _ in range(n)])
        for what in (
            lambda x: x.mean((1, 2, 3)),
            lambda x: x.std((1, 2, 3)),
            lambda x: x.diff(dim=3).abs().mean((1, 2, 3)),
            lambda x: x[:, 0].mean((1, 2)) - x[:, 2].mean((1, 2)),
            lambda x: (x.amax(1) - x.amin(1)).mean((1, 2)),
            lambda x: x[:, :, 0, 0].mean(1),
        ):
            a, b = what(ours), what(theirs)
            assert (a.mean() - b.mean()).abs() < 4 * ((a.var() + b.var()) / n).sqrt()
            assert 0.85 < a.std() / b.std() < 1.18


def test_a_squashed_canvas_gives_nearly_the_crop_of_the_original():
    original = photos(16, 90, 150)
    canvas = functional.resize(original, [96, 96], antialias=True)
    view = View(size=32, jitter_p=0, grayscale=0, scale=(0.3, 1.0))
    p = draw(view, whole(original), torch.Generator().manual_seed(5))
    difference = (apply(canvas, p, view) - apply(original, p, view)).abs()
    assert difference.mean() < 0.02
    wrong = apply(canvas, draw(view, whole(canvas), torch.Generator().manual_seed(5)), view)
    assert (wrong - apply(original, p, view)).abs().mean() > 2 * difference.mean()


def test_results_do_not_depend_on_what_else_is_in_the_batch(monkeypatch: pytest.MonkeyPatch):
    pixels = photos(30, 32)
    p = draw(EVERYTHING, whole(pixels), torch.Generator().manual_seed(6))
    together = apply(pixels, p, EVERYTHING)
    rows = torch.tensor([3, 29, 11])
    torch.testing.assert_close(apply(pixels[rows], p[rows], EVERYTHING), together[rows], atol=1e-5, rtol=0)
    monkeypatch.setitem(sys.modules[apply.__module__]._BLOCK, "cpu", 1)
    torch.testing.assert_close(apply(pixels, p, EVERYTHING), together, atol=1e-5, rtol=0)


def test_the_rotation_label_is_the_number_of_quarter_turns():
    view = View(size=16, scale=None, flip=0, jitter_p=0, grayscale=0, rotation=True)
    pixels = photos(40, 16)
    p = draw(view, whole(pixels), torch.Generator().manual_seed(7))
    assert set(p.rotation.tolist()) == {0, 1, 2, 3}
    for image, view_of_it, turns in zip(pixels, apply(pixels, p, view), p.rotation.tolist(), strict=True):
        torch.testing.assert_close(view_of_it, torch.rot90(image / 255, turns, (1, 2)), atol=1e-5, rtol=0)


def test_the_evaluation_view_is_the_image_itself():
    pixels = photos(5, 32)
    seen = augment(pixels, None, eval_view(32), torch.Generator(), mean=MEAN, std=STD)
    torch.testing.assert_close(seen, functional.normalize(pixels / 255, MEAN, STD), atol=5e-5, rtol=0)


def test_views_of_one_batch_are_independent_and_repeatable():
    pixels = photos(12, 32)
    one, two = augment_views(pixels, None, simclr_views(32), torch.Generator().manual_seed(8))
    again, _ = augment_views(pixels, None, simclr_views(32), torch.Generator().manual_seed(8))
    assert torch.equal(one, again)
    assert not torch.equal(one, two)
    sides = [v.shape for v in augment_views(pixels, None, multicrop_views(32, count=3), torch.Generator())]
    assert sides == [(12, 3, 32, 32)] * 2 + [(12, 3, 16, 16)] * 3


def test_asymmetric_views_solarise_the_second_alone():
    pixels = torch.full((400, 3, 8, 8), 250, dtype=torch.uint8)
    views = [replace(v, jitter_p=0.0) for v in vicreg_views(8)]
    first, second = augment_views(pixels, None, views, torch.Generator().manual_seed(9))
    assert (first > 0.9).all()
    assert 0.12 < (second < 0.1).all(dim=(1, 2, 3)).float().mean() < 0.28


def test_pixels_are_left_as_they_were_and_values_stay_in_range():
    pixels = photos(20, 32)
    before = pixels.clone()
    out = augment(pixels, None, EVERYTHING, torch.Generator().manual_seed(10))
    assert torch.equal(pixels, before)
    assert out.dtype == torch.float32
    assert out.min() >= -1e-5
    assert out.max() <= 1 + 1e-5
    assert out.isfinite().all()


def test_odd_batches():
    assert augment(photos(1, 8)[:0], None, EVERYTHING, torch.Generator()).shape == (0, 3, 24, 24)
    assert augment(photos(1, 1), None, EVERYTHING, torch.Generator()).isfinite().all()
    strided = photos(8, 64)[:, :, ::2, ::2]
    assert torch.equal(
        augment(strided, None, EVERYTHING, torch.Generator().manual_seed(1)),
        augment(strided.contiguous(), None, EVERYTHING, torch.Generator().manual_seed(1)),
    )


def test_parameters_for_another_batch_are_refused():
    pixels = photos(4, 24)
    with pytest.raises(FoveateError, match="3 images, not for 4"):
        apply(pixels, draw(EVERYTHING, whole(pixels)[:3], torch.Generator()), EVERYTHING)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_makes_the_same_views():
    pixels = photos(64, 48)
    for view in (EVERYTHING, replace(EVERYTHING, size=64)):
        ours = augment(pixels.cuda(), None, view, torch.Generator().manual_seed(11)).cpu()
        same = augment(pixels, None, view, torch.Generator().manual_seed(11))
        assert ((ours - same).abs() > 1e-3).float().mean() < 1e-4
