"""Which Python Blender is set up on, and what is said where it cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.rendering import install


@pytest.fixture(autouse=True)
def _no_bpy_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)


def test_the_user_s_own_goes_first() -> None:
    assert install.interpreter(sys.executable) == Path(sys.executable)


def test_one_that_stands_in_the_cache_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path))
    python = tmp_path / "blender" / f"bpy-{install.PAIRS[1][0]}" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert install.interpreter(None) == python


def test_without_a_fitting_python_the_versions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_pythons", lambda version: iter(()))
    with pytest.raises(FoveateError, match=r"fit Python 3\.13 or 3\.11 alone.*--blender-python"):
        install.interpreter(None)


def test_a_wheel_that_cannot_be_had_is_told_in_the_installer_s_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_pythons", lambda version: iter([sys.executable]))
    monkeypatch.setattr(install, "PAIRS", (("99.9", "3.13", ()),))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(FoveateError, match=r"bpy 99\.9 on Python 3\.13"):
        install.interpreter(None)
    assert not list(install.folder_of("blender").iterdir()), "nothing half-made is left"


def test_without_uv_the_standard_library_s_venv_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def record(command: list[str]) -> None:
        ran.append(command)
        if command[1:3] == ["-m", "venv"]:
            python = Path(command[3]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch()

    monkeypatch.setattr(install, "_run", record)
    monkeypatch.setattr(install, "_uv", lambda: None)
    monkeypatch.setattr(install, "_pythons", lambda version: iter([sys.executable]))
    found = install.interpreter(None)
    assert found.exists()
    assert [command[1:3] for command in ran[:2]] == [["-m", "venv"], ["-m", "pip"]]
    assert "bpy==5.2.3" in ran[1]


def test_a_shim_of_a_version_that_is_not_chosen_is_not_taken(tmp_path: Path) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert not install._is(str(shim), "3.13")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_pythons", lambda version: iter([sys.executable]))

    def full(command: list[str]) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(install, "_run", full)
    with pytest.raises(FoveateError, match="disk is full"):
        install.interpreter(None)
