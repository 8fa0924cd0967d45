"""Presets hold what their papers and the small-image recipes say."""

from __future__ import annotations

from foveate.data.views import View, crop_gray_views, eval_view, multicrop_views, simclr_views, vicreg_views


def test_small_images_are_not_blurred_and_keep_a_fifth():
    for size in (32, 64):
        for view in (*simclr_views(size), *vicreg_views(size), *crop_gray_views(size)):
            assert view.blur == 0
            assert view.scale == (0.2, 1.0)
    assert simclr_views(224)[0].scale == (0.08, 1.0)
    assert simclr_views(224)[0].blur == 0.5
    assert simclr_views(224)[0].kernel == 23


def test_simclr_strength_scales_the_jitter():
    assert simclr_views(32)[0].jitter == (0.4, 0.4, 0.4, 0.1)
    assert simclr_views(224)[0].jitter == (0.8, 0.8, 0.8, 0.2)
    assert simclr_views(32, 2.0)[0].jitter == (1.6, 1.6, 1.6, 0.4)
    assert simclr_views(32)[0] == simclr_views(32)[1]


def test_vicreg_is_asymmetric_in_blur_and_solarise_alone():
    first, second = vicreg_views(224)
    assert (first.blur, first.solarize, second.blur, second.solarize) == (1.0, 0.0, 0.1, 0.2)
    assert first.jitter == second.jitter == (0.4, 0.4, 0.2, 0.1)
    assert first.scale == second.scale


def test_crop_gray_touches_no_other_colour():
    view, _ = crop_gray_views(32)
    assert (view.jitter_p, view.blur, view.solarize, view.grayscale) == (0, 0, 0, 0.2)


def test_multicrop_cuts_the_scale_in_two():
    views = multicrop_views(224)
    assert [v.size for v in views] == [224, 224] + [96] * 6
    assert views[0].scale == (0.14, 1.0)
    assert views[2].scale == (0.05, 0.14)
    assert [v.size for v in multicrop_views(32, count=2)] == [32, 32, 16, 16]


def test_the_evaluation_view_draws_nothing():
    assert eval_view(32) == View(size=32, scale=None, flip=0, jitter_p=0, grayscale=0)
