from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import pytest

from foveate.core.errors import FoveateError
from foveate.data.views import View
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.pretraining.knobs import changed, documented, read
from foveate.pretraining.registry import OBJECTIVES


@dataclass(frozen=True, kw_only=True)
class Example:
    temperature: float = 0.2
    """Of the softmax."""
    projector: tuple[int, ...] = (512, 128)
    """Widths."""
    pair: tuple[float, float] = (0.0, 1.0)
    """Two."""
    jitter: float | None = None
    """Or none."""
    mode: Literal["a", "b"] = "a"
    """Which."""
    steps: int = 3
    """How many."""
    stop: bool = False
    """Whether."""


def test_values_are_read_as_declared() -> None:
    told = read(
        ["temperature=0.1", "projector=64, 32", "pair=(.5,2)", "jitter=none", "mode=b", "steps=4", "stop=yes"],
        Example,
        objective="example",
    )
    assert Example(**told.own) == Example(
        temperature=0.1, projector=(64, 32), pair=(0.5, 2.0), jitter=None, mode="b", steps=4, stop=True
    )
    assert read(["projector="], Example, objective="example").own == {"projector": ()}


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("temprature=1", "temperature"),
        ("temperature", "temperature=VALUE"),
        ("temperature=warm", "temperature=0.5"),
        ("temperature=nan", "temperature=0.5"),
        ("steps=1.5", "steps=128"),
        ("pair=1", "pair=0.5,0.5"),
        ("projector=a,b", "projector=128,128"),
        ("mode=c", "mode=a"),
        ("stop=maybe", "stop=true"),
        ("view.grayscal=1", "grayscale"),
        ("view3.jitter=1", "jitter=0.5,0.5,0.5,0.5"),
    ],
)
def test_what_does_not_fit_names_the_nearest(setting: str, remedy: str) -> None:
    with pytest.raises(FoveateError) as caught:
        read([setting], Example, objective="example")
    assert remedy in caught.value.remedy


def test_a_knob_of_another_objective_is_refused() -> None:
    with pytest.raises(FoveateError, match="vicreg has no knob 'temperature'"):
        read(["temperature=1"], OBJECTIVES.load("vicreg").Config, objective="vicreg")


def test_views_are_changed_one_or_all() -> None:
    told = read(["view.grayscale=0", "view2.blur=1", "view.scale=none"], Example, objective="example")
    first, second = changed((View(size=32), View(size=32)), told.views)
    assert (first.grayscale, second.grayscale) == (0, 0)
    assert (first.blur, second.blur) == (0, 1)
    assert first.scale is None
    with pytest.raises(FoveateError, match="no view3"):
        changed((first, second), [(3, "blur", 0.0)])
    with pytest.raises(FoveateError, match="outside"):
        changed((first,), [(None, "flip", 2.0)])


@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_every_knob_of_every_objective_is_documented(name: str) -> None:
    knobs = documented(OBJECTIVES.load(name).Config)
    assert knobs
    assert all(text.endswith(".") for _, _, text in knobs), knobs


def test_knobs_typed_into_an_interpreter_are_listed_without_words() -> None:
    typed = dataclasses.make_dataclass("Typed", [("width", int, 4)], frozen=True, kw_only=True)
    assert documented(typed) == [("width", "4", "")]


def test_help_lists_the_views_too(capsys: pytest.CaptureFixture[str]) -> None:
    report = verb.run(Pretrain(data="builtin:digits", objective="byol", set=("help",)))
    said = capsys.readouterr().err
    assert "momentum = " in said
    for field in dataclasses.fields(View):
        assert f"view.{field.name} = the objective's: " in said
    assert "view.flip = the objective's: Probability of mirroring left and right." in said
    assert "view2.FIELD" in said
    assert [section.title for section in report.sections] == ["Knobs", "Knobs of the views"]
