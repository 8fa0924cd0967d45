"""A view that cannot be is refused when it is made, in a sentence."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.data.views import View


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("size", 0, "0 pixels"),
        ("flip", 1.5, "flip"),
        ("jitter_p", -0.1, "jitter_p"),
        ("grayscale", 2.0, "grayscale"),
        ("blur", 7.0, "blur"),
        ("solarize", -1.0, "solarize"),
        ("solarize_threshold", 128.0, "solarize_threshold"),
        ("scale", (0.0, 1.0), "scale"),
        ("scale", (0.9, 0.2), "scale"),
        ("scale", (0.2, 1.2), "scale"),
        ("ratio", (2.0, 1.0), "ratio"),
        ("jitter", (0.4, 0.4, 0.4), "jitter"),
        ("jitter", (0.4, -0.4, 0.4, 0.1), "jitter"),
        ("jitter", (0.4, 0.4, 0.4, 0.6), "hue"),
        ("blur_sigma", (0.0, 2.0), "blur_sigma"),
        ("corner", "bottom", "corner"),
    ],
)
def test_impossible_views_are_refused(field: str, value: Any, named: str):
    with pytest.raises(FoveateError, match=named):
        View(**{"size": 32, field: value})


@pytest.mark.parametrize("extra", [{"blur_kernel": 4}, {"blur_kernel": 65}])
def test_a_kernel_must_have_a_middle_and_fit(extra: dict[str, int]):
    View(size=32, **extra)  # not used, not judged
    with pytest.raises(FoveateError, match="kernel"):
        View(size=32, blur=0.5, **extra)


def test_the_kernel_is_a_tenth_of_the_size():
    assert [View(size=s).kernel for s in (8, 32, 96, 224)] == [3, 3, 9, 23]


def test_the_room_is_light_until_it_is_used():
    code = (
        "import sys, foveate.data.views as v; v.simclr_views(32); v.corner_box((9, 9), 'lower-left', .3)\n"
        "assert not {'torch', 'numpy', 'PIL', 'torchvision'} & set(sys.modules), 'heavy'\n"
        "v.draw; assert callable(v.draw) and callable(v.apply) and callable(v.augment)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
