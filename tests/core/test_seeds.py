from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.seeds import derive, numpy_stream, torch_stream


def test_a_stream_is_the_same_everywhere() -> None:
    """The value is part of the contract: another machine, day or version of Python draws the same."""
    assert derive(0, "data") == 707194116983867142
    assert derive(7, "views", 3) == 4223240645540517472
    assert numpy_stream(1, "a").integers(10**9) == numpy_stream(1, "a").integers(10**9)
    assert torch.equal(torch.randn(3, generator=torch_stream(1, "a")), torch.randn(3, generator=torch_stream(1, "a")))


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.lists(st.text() | st.integers(), max_size=3))
def test_seeds_fit_every_generator(seed: int, names: list[str | int]) -> None:
    assert 0 <= derive(seed, *names) < 2**63
    torch_stream(seed, *names)


def test_names_and_seeds_all_differ() -> None:
    streams = [derive(s, *names) for s in range(50) for names in [(), ("a",), ("b",), ("a", "b"), ("a/b",), ("a", 1)]]
    assert len(set(streams)) == len(streams)


def test_streams_are_unrelated() -> None:
    draws = np.stack([numpy_stream(seed, "x").normal(size=2000) for seed in range(20)])
    correlation = np.corrcoef(draws) - np.eye(20)
    assert np.abs(correlation).max() < 0.1
