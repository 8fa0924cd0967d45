"""Architectures build the same network again from their spelling."""

from __future__ import annotations

import json

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.architecture import Architecture
from foveate.encoders.load import load


@pytest.mark.parametrize("address", ["foveate:vit-mini", "random:test_vit", "random:mobilenetv2_100"])
def test_json_round_trip(address):
    original = load(address).architecture
    again = Architecture.from_json(json.loads(json.dumps(original.to_json())), file="encoder.json")
    assert again.spelling == original.spelling
    shapes = {key: value.shape for key, value in original.build().module.state_dict().items()}
    assert {key: value.shape for key, value in again.build().module.state_dict().items()} == shapes


@pytest.mark.parametrize(
    "record", [{}, {"architecture": "resnet9"}, {"architecture": "keras:resnet"}, {"architecture": None}]
)
def test_an_unknown_kind_names_the_file(record):
    with pytest.raises(FoveateError, match=r"here\.json"):
        Architecture.from_json(record, file="here.json")


def test_model_args_that_do_not_exist_are_refused():
    with pytest.raises(FoveateError, match="model_args"):
        Architecture(kind="timm", name="test_vit", args={"no_such_argument": 1}).build()
