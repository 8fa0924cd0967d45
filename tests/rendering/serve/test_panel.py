"""The controls: every factor once, each reaching no further than the factor does."""

from __future__ import annotations

from foveate.rendering.environment import Environment
from foveate.rendering.factors import FACTORS
from foveate.rendering.serve import panel


def test_every_factor_has_one_control_that_fits_it(acted: Environment) -> None:
    groups = panel.groups(acted.spaces, acted.factors)
    controls = [control for group in groups for control in group["controls"]]
    assert sorted(control["name"] for control in controls) == sorted(FACTORS)
    for control in controls:
        assert control["help"]
        assert control["default"] == acted.factors[control["name"]]
        if "choices" in control:
            assert control["default"] in control["choices"]
            continue
        assert control["least"] <= control["low"] <= control["default"] <= control["high"] <= control["most"]
        steps = (control["high"] - control["low"]) / control["step"]
        assert 10 <= steps <= 400, f"{control['name']}: a slider of {steps} steps"
        assert not control["whole"] or control["step"] == 1


def test_labels_of_a_group_tell_its_controls_apart(acted: Environment) -> None:
    for group in panel.groups(acted.spaces, acted.factors):
        labels = [control["label"] for control in group["controls"]]
        assert len(set(labels)) == len(labels), group["title"]
