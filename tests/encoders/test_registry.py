"""The lists are light, and everything in them is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from foveate.encoders.registry import ARCHITECTURES, SCHEMES, SMALL


@pytest.mark.parametrize("registry", [SCHEMES, ARCHITECTURES, SMALL], ids=lambda registry: registry.kind)
def test_every_target_exists(registry):
    for name in registry.names():
        assert callable(registry.load(name)), name


def test_the_lists_and_the_flags_import_nothing_heavy():
    code = "import sys, foveate.encoders.registry, foveate.encoders.convert_config; print({'torch', 'timm', 'numpy', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_scheme_of_ones_own_needs_one_entry(monkeypatch, noise):
    from foveate.encoders.load import load
    from foveate.encoders.random import load as untrained

    monkeypatch.setitem(SCHEMES._targets, "mine", f"{__name__}:unused")
    monkeypatch.setattr(SCHEMES, "load", lambda _: lambda rest, options: untrained(f"foveate:{rest}", options))
    assert load("mine:resnet9")(noise())["pooled"].shape == (2, 256)
