"""The encoder's contract: shapes, gradients, modes, identity."""

from __future__ import annotations

import shutil
import time

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.encoders.registry import SMALL

_NAMES = ["foveate:resnet9", "foveate:vit-mini", "random:test_resnet"]


@pytest.mark.parametrize("name", _NAMES)
def test_results_are_keyed_as_asked(name, noise):
    encoder = load(name, image_size=32)
    first = encoder.taps()[0]
    read = encoder(noise(3), [first, f"{first}:mean", encoder.check(first), "pooled"])
    assert list(read) == list(dict.fromkeys([first, f"{first}:mean", encoder.check(first), "pooled"]))
    assert torch.equal(read[first], read[encoder.check(first)])
    assert read["pooled"].shape == (3, encoder.width)
    assert all(value.dtype == torch.float32 and value.is_inference() for value in read.values())


@pytest.mark.parametrize("name", _NAMES)
def test_every_listed_tap_can_be_read(name, noise):
    encoder = load(name, image_size=32)
    read = encoder(noise(2), encoder.taps())
    assert list(read) == encoder.taps()
    assert all(value.shape[0] == 2 and torch.isfinite(value).all() for value in read.values())


@pytest.mark.parametrize("name", _NAMES)
def test_batches_do_not_matter(name, noise):
    encoder = load(name, image_size=32)
    images = noise(5)
    taps = ["pooled", encoder.taps()[0]]
    whole = encoder(images, taps)
    for tap in taps:
        parts = torch.cat([encoder(part, [tap])[tap] for part in images.split(2)])
        assert torch.allclose(whole[tap], parts, atol=1e-5)


@pytest.mark.parametrize("name", _NAMES)
def test_pooled_is_differentiable_and_equal(name, noise):
    encoder = load(name, image_size=32)
    pooled = encoder.pooled(noise())
    assert torch.allclose(pooled, encoder(noise(), ["pooled"])["pooled"], atol=1e-6)
    pooled.square().sum().backward()
    missing = [
        key for key, p in encoder.module.named_parameters() if p.grad is None and "fc" not in key and "head" not in key
    ]
    assert not missing


def test_reading_does_not_touch_a_network_in_training(noise):
    encoder = load("foveate:resnet9")
    encoder.module.train()
    encoder.module.stages[0].eval()  # as a frozen part would be
    modes = [module.training for module in encoder.module.modules()]
    before = {key: value.clone() for key, value in encoder.module.state_dict().items()}
    encoder(noise(), ["pooled", "stages.1"])
    assert [module.training for module in encoder.module.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in encoder.module.state_dict().items())
    with pytest.raises(RuntimeError):
        encoder(noise()[:, :2], ["pooled"])
    assert [module.training for module in encoder.module.modules()] == modes


@pytest.mark.parametrize("name", [name for name in SMALL.names() if name not in ("vit-small", "resnet18")])
def test_bf16_and_channels_last_work(name, noise):
    size = 64 if name.endswith("patch8") else 32
    encoder = load(f"foveate:{name}")
    exact = encoder(noise(2, size), ["pooled"])["pooled"]
    encoder.module.to(memory_format=torch.channels_last)
    images = noise(2, size).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        loose = encoder(images, ["pooled"])["pooled"]
        encoder.pooled(images).float().sum().backward()
    assert loose.dtype == torch.float32
    assert (loose - exact).norm() < 0.05 * exact.norm()


def test_a_seed_is_its_weights():
    first, again, other = (load("random:test_vit", seed=seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert load("foveate:resnet9").fingerprint == load("random:foveate:resnet9").fingerprint


def test_loading_leaves_the_global_random_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    load("foveate:resnet9")
    assert torch.equal(torch.rand(3), expected)


def test_untrained_twin(timm_folder, noise):
    encoder = load(f"local-dir:{timm_folder('test_vit', num_classes=5)}")
    twin = encoder.untrained(3)
    assert twin.preprocess == encoder.preprocess
    assert twin.taps() == encoder.taps()
    assert twin.fingerprint == encoder.untrained(3).fingerprint != encoder.untrained(4).fingerprint
    shapes = {key: value.shape for key, value in encoder.module.state_dict().items()}
    assert {key: value.shape for key, value in twin.module.state_dict().items()} == shapes
    side = encoder.preprocess.size[0]
    assert not torch.allclose(twin(noise(2, side))["pooled"], encoder(noise(2, side))["pooled"])


def test_fingerprint_is_of_content(timm_folder, tmp_path):
    folder = timm_folder("test_resnet")
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    encoder, twin = load(f"local-dir:{folder}"), load(f"local-dir:{copy}")
    assert encoder.fingerprint == twin.fingerprint
    assert len(encoder.fingerprint) == 32
    assert encoder.fingerprint == encoder.to("cpu").fingerprint
    with torch.no_grad():
        encoder.module.conv1[0].weight[0, 0, 0, 0] += 1e-3
    assert encoder.fingerprint != twin.fingerprint


def test_fingerprint_does_not_see_the_memory_format():
    encoder = load("foveate:resnet9")
    before = encoder.fingerprint
    encoder.module.to(memory_format=torch.channels_last)
    assert encoder.fingerprint == before


def test_equal_weights_of_other_networks_differ():
    # the same tensors, used differently: only the architecture's spelling tells
    plain, same = load("random:test_vit"), load("random:test_vit2")
    assert plain.architecture.spelling != same.architecture.spelling
    assert plain.fingerprint != same.fingerprint


def test_fingerprint_is_quick():
    encoder = load("foveate:vit-small")  # 21 million weights
    began = time.process_time()
    first = encoder.fingerprint
    assert time.process_time() - began < 2
    began = time.process_time()
    assert encoder.fingerprint == first
    assert time.process_time() - began < 0.1


def test_describe_is_json():
    import json

    described = json.loads(json.dumps(load("foveate:vit-mini").describe()))
    assert described["width"] == 128
    assert described["grid"] == [8, 8]
    assert described["parameters"] > 1_000_000


def test_a_tap_that_is_never_reached_is_an_error_of_words(noise):
    encoder = load("foveate:resnet9")
    encoder.module.spare = torch.nn.Conv2d(3, 3, 1)
    from foveate.encoders.anatomy import Place

    encoder.anatomy.places["stages.9"] = Place(module="spare")
    with pytest.raises(FoveateError, match=r"stages\.9"):
        encoder(noise(), ["stages.9", "pooled"])
