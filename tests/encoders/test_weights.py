"""Reading and fitting safetensors."""

from __future__ import annotations

import os

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from foveate.core.errors import FoveateError
from foveate.encoders import weights


def test_floating_tensors_are_read_as_float32(tmp_path):
    save_file({"a": torch.ones(2, dtype=torch.bfloat16), "n": torch.tensor(3)}, tmp_path / "x.safetensors")
    state = weights.read(tmp_path / "x.safetensors")
    assert (state["a"].dtype, state["n"].dtype) == (torch.float32, torch.int64)


def test_counters_of_batch_norm_may_be_absent(tmp_path):
    network, other = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.constant_(other.weight, 7.0)
    state = {key: value for key, value in other.state_dict().items() if "tracked" not in key}
    weights.fill(network, state, file=tmp_path)
    assert network.weight.tolist() == [7.0, 7.0]
    del state["running_mean"]
    with pytest.raises(FoveateError, match="running_mean"):
        weights.fill(network, state, file=tmp_path)


def test_a_large_finite_weight_is_no_error(tmp_path):
    network = nn.Linear(2, 2)
    nn.init.constant_(network.weight, 3e38)  # the sum overflows, the weights do not
    weights.finite(network, file=tmp_path)
    network.weight.data[0, 0] = float("nan")
    with pytest.raises(FoveateError, match="weight"):
        weights.finite(network, file=tmp_path)


def test_which_file_of_several(tmp_path):
    for name in ("a", "b"):
        save_file({"x": torch.ones(1)}, tmp_path / f"{name}.safetensors")
    with pytest.raises(FoveateError, match=r"model\.safetensors"):
        weights.only_safetensors(tmp_path)
    save_file({"x": torch.ones(1)}, tmp_path / "model.safetensors")
    assert weights.only_safetensors(tmp_path).name == "model.safetensors"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    file = tmp_path / "model.safetensors"
    save_file({"x": torch.ones(1)}, file)
    file.chmod(0)
    with pytest.raises(FoveateError, match="cannot be read"):
        weights.check(file)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"weight": torch.ones(2, 2)}, "lacks the key 'bias'"),
        ({"weight": torch.ones(2, 3), "bias": torch.ones(2)}, r"'weight' as \[2, 3\], not \[2, 2\]"),
        ({"weight": torch.ones(2, 2), "bias": torch.ones(2), "z": torch.ones(1)}, "key 'z'"),
    ],
)
def test_the_first_misfit_is_named(tmp_path, state, said):
    with pytest.raises(FoveateError, match=said):
        weights.fill(nn.Linear(2, 2), state, file=tmp_path / "f")
    with pytest.raises(RuntimeError) as caught:
        nn.Linear(2, 2).load_state_dict(state)
    assert said.split("'")[1] in weights.explain_misfit(caught.value, file=tmp_path / "f").what
