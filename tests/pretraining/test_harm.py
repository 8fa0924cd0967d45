"""What views change is listed with the knob that switches it off, and the knob does."""

from __future__ import annotations

import pytest

from foveate.data.views import View, eval_view, mim_view, simclr_views, vicreg_views
from foveate.pretraining.harm import harms, listed
from foveate.pretraining.joint import JointKnobs
from foveate.pretraining.knobs import changed, read


def test_mirroring_stands_first() -> None:
    assert [each.what for each in harms(simclr_views(32))] == ["mirrored", "recoloured", "cropped to as little as 20%"]
    assert [each.what for each in harms((mim_view(32),))] == ["mirrored", "cropped to as little as 20%"]
    assert {"inverted in part", "blurred"} <= {each.what for each in harms(vicreg_views(224))}


def test_brightness_alone_is_no_colour() -> None:
    assert listed([View(size=8, flip=0.0, grayscale=0.0, jitter=(0.4, 0.4, 0.0, 0.0), scale=(0.6, 1.0))]) == ""
    assert listed([eval_view(32)]) == ""


@pytest.mark.parametrize("views", [simclr_views(224), vicreg_views(224), (mim_view(32),)])
def test_each_knob_switches_off_what_it_is_named_for(views: tuple[View, ...]) -> None:
    for harm in harms(views):
        told = read(harm.knobs.split(), JointKnobs, objective="simclr")
        left = [each.what for each in harms(changed(views, told.views))]
        assert left == [each.what for each in harms(views) if each != harm]
