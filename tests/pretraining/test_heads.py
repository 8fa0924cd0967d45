"""Projectors as knobs write them, and what objectives make of them."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from foveate.core.errors import FoveateError
from foveate.pretraining.heads import projector
from tests.pretraining.objectives.conftest import build


def kinds(head: nn.Module | None) -> list[str]:
    assert head is not None
    return [type(m).__name__ for m in head.modules() if not list(m.children())]


@pytest.mark.parametrize(("norm", "name"), [("batch", ["BatchNorm1d"]), ("layer", ["LayerNorm"]), ("none", [])])
def test_the_norm_stands_between_layers(norm: Any, name: list[str]) -> None:
    assert kinds(projector(6, (8, 4), norm=norm)) == ["Linear", *name, "ReLU", "Linear"]
    assert kinds(projector(6, (8, 4), norm=norm, last_norm=True)) == ["Linear", *name, "ReLU", "Linear", *name]


def test_no_widths_are_no_head() -> None:
    assert projector(6, ()) is None


@pytest.mark.parametrize("name", ["projector", "predictor"])
def test_a_layer_of_no_width_is_refused_by_its_knob(name: str) -> None:
    with pytest.raises(FoveateError, match=f"{name}=8,0"):
        projector(6, (8, 0), name=name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("simclr", ["Linear", "BatchNorm1d", "ReLU", "Linear"]),
        ("simsiam", ["Linear", "BatchNorm1d", "ReLU", "Linear", "BatchNorm1d"]),  # Chen and He 2021: on the output too
        # Caron et al. 2021: GELU; batch norm is our default for convolutional networks
        ("dino", ["Linear", "BatchNorm1d", "GELU", "Linear", "BatchNorm1d", "GELU", "Linear"]),
    ],
)
def test_the_published_heads(name: str, expected: list[str]) -> None:
    assert kinds(build(name, {}).projector) == expected


def test_simsiam_s_predictor_is_a_bottleneck() -> None:
    """A quarter of the embedding's width, as 512 of 2,048 in Chen and He 2021."""
    objective: Any = build("simsiam", {})
    assert objective.predictor.widths == (512, 128, 512)


def test_the_knobs_reach_projector_and_predictor() -> None:
    objective: Any = build("byol", {"projector": (16, 8), "predictor": (), "projector_norm": "layer"})
    assert kinds(objective.projector) == ["Linear", "LayerNorm", "ReLU", "Linear"]
    assert kinds(objective.predictor) == ["Linear"]
    assert objective.predictor.widths == (8, 8)
    bare: Any = build("byol", {"projector": (16, 8), "projector_bias": False})
    assert bare.projector.steps[-1][0].bias is None
    headless: Any = build("byol", {"projector": ()})
    assert headless.projector is None
    assert headless.parts().projector is None
    assert headless.predictor.widths == (headless.encoder.width, 512, headless.encoder.width)
