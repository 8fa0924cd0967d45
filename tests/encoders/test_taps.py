"""The tap grammar, and hooks that leave nothing behind."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn

from foveate.core.errors import FoveateError
from foveate.encoders import taps
from foveate.encoders.anatomy import Place
from foveate.encoders.load import load

_VIT = {
    "stem": Place(module="0", before=True, prefix=1, cls=True),
    **{f"blocks.{i}": Place(module=str(i), prefix=1, cls=True) for i in range(12)},
}
_CNN = {"stem": Place(module="0", before=True)} | {
    f"stages.{i}.blocks.{j}": Place(module=str(i)) for i in range(4) for j in range(2)
}


def _parse(text, places=_VIT, outputs=("pooled",)):
    return str(taps.parse(text, places, outputs, encoder="timm:some"))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("blocks.5", "blocks.5:cls"),
        ("blocks.5:mean", "blocks.5:mean"),
        (" blocks.5:tokens ", "blocks.5:tokens"),
        ("blocks.-1", "blocks.11:cls"),
        ("blocks.-12:mean", "blocks.0:mean"),
        ("pooled", "pooled"),
        ("stem", "stem:cls"),
    ],
)
def test_canonical_spelling(text, canonical):
    assert _parse(text) == canonical
    assert _parse(canonical) == canonical


def test_maps_are_averaged_by_default():
    assert _parse("stages.-1.blocks.-1", _CNN) == "stages.3.blocks.1:mean"


@pytest.mark.parametrize(
    ("text", "places", "said"),
    [
        ("block.5", _VIT, "blocks.5"),
        ("blocks.12", _VIT, "blocks.1"),
        ("blocks.-13", _VIT, "no tap"),
        ("stages.2", _VIT, "no tap"),
        ("blocks.5:mena", _VIT, "mean"),
        ("pooled:mean", _VIT, "readout"),
        ("logits", _VIT, "classifier"),
        ("projector", _VIT, "projector"),
        ("projector.0", _VIT, "projector"),
        ("stages.2.blocks.1:cls", _CNN, ":mean"),
        ("stages.2.blocks.9", _CNN, "stages.2.blocks.1"),
        ("", _VIT, "no tap"),
        (":mean", _VIT, "no tap"),
    ],
)
def test_wrong_taps_name_the_nearest(text, places, said):
    with pytest.raises(FoveateError) as caught:
        _parse(text, places)
    assert said in str(caught.value)


def test_readouts_of_tokens():
    value = torch.randn(2, 6, 3)
    place = Place(module="", prefix=2, cls=True)
    assert torch.equal(taps.reduce(value, place, "cls"), value[:, 0])
    assert torch.equal(taps.reduce(value, place, "tokens"), value[:, 2:])
    assert torch.allclose(taps.reduce(value, place, "mean"), value[:, 2:].mean(1))
    swapped = Place(module="", prefix=2, cls=True, sequence_first=True)
    assert torch.equal(taps.reduce(value.transpose(0, 1), swapped, "tokens"), value[:, 2:])


def test_cells_of_a_map_are_row_major():
    value = torch.arange(2 * 3 * 2 * 4).reshape(2, 3, 2, 4).float()
    tokens = taps.reduce(value, Place(module=""), "tokens")
    assert tokens.shape == (2, 8, 3)
    assert torch.equal(tokens[0, 5], value[0, :, 1, 1])
    last = value.permute(0, 2, 3, 1)
    assert torch.equal(taps.reduce(last, Place(module="", channels_last=True), "tokens"), tokens)
    assert torch.equal(taps.reduce(last, Place(module="", channels=3), "tokens"), tokens)
    assert torch.equal(taps.reduce(value, Place(module="", channels=3), "tokens"), tokens)


@pytest.mark.parametrize("readout", ["cls", "mean", "tokens"])
def test_what_is_read_holds_no_map_alive(readout):
    value = torch.randn(2, 50, 3)
    read = taps.reduce(value, Place(module="", prefix=1, cls=True), readout)
    assert read.untyped_storage().data_ptr() != value.untyped_storage().data_ptr()
    assert read.untyped_storage().nbytes() == read.numel() * 4


def test_half_precision_is_averaged_in_float32():
    value = torch.full((1, 4096, 1), 1.0).to(torch.bfloat16)
    value[0, 0] = 1.5
    assert taps.reduce(value, Place(module=""), "mean").item() == pytest.approx(1 + 0.5 / 4096, abs=1e-7)


class _InPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x):
        return torch.relu_(self.norm(x))


def test_a_later_operation_in_place_is_not_seen():
    network = _InPlace().eval()
    x = -torch.ones(2, 3)
    with taps.reading(network, {"norm": (Place(module="norm"), "mean")}, stop=False) as found, torch.no_grad():
        network(x)
    assert torch.allclose(found["norm"], x, atol=1e-4)


@pytest.mark.parametrize("stop", [True, False])
def test_hooks_are_gone_after_success_stop_and_failure(stop):
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    wanted = {"a": (Place(module="0"), "mean"), "b": (Place(module="1", before=True), "mean")}
    reached = False
    try:
        with taps.reading(network, wanted, stop=stop):
            network(torch.ones(1, 3))
            reached = True
    except taps.Enough:
        assert stop
    assert reached is not stop
    with pytest.raises(RuntimeError), taps.reading(network, wanted, stop=False):
        network(torch.ones(1, 7))
    with pytest.raises(AttributeError), taps.reading(network, {**wanted, "c": (Place(module="9"), "mean")}, stop=False):
        pass
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_an_encoder_keeps_no_activations(noise):
    encoder = load("foveate:resnet9")
    maps = []
    handle = encoder.module.stages[1].register_forward_hook(lambda _m, _i, output: maps.append(weakref.ref(output)))
    features = encoder(noise(), ["stages.1:mean", "stages.1:tokens"])
    handle.remove()
    gc.collect()
    assert maps
    assert all(reference() is None for reference in maps)
    assert not features["stages.1:mean"].requires_grad
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in encoder.module.modules())


def test_nothing_runs_behind_the_last_tap(noise):
    encoder = load("foveate:resnet9")
    ran = []
    encoder.module.stages[3].register_forward_hook(lambda *_: ran.append(3))
    encoder(noise(), ["stages.1", "stages.0"])
    assert not ran
    encoder(noise(), ["stages.1", "pooled"])
    assert ran == [3]
