"""Blender for the worker: an interpreter that can import ``bpy``, found or set up once in the cache.

Each Blender wheel fits exactly one Python, and many machines cannot download an interpreter: so there are several pairs, and the
first whose interpreter is here is taken.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foveate.core.cache import folder_of
from foveate.core.console import say
from foveate.core.errors import FoveateError
from foveate.core.files import explain

PAIRS = (("5.2.3", "3.13", ("numpy>=2",)), ("5.0.1", "3.11", ("numpy<2",)))
"""(bpy, Python, what else it needs), best first. bpy 5.1 asks for a NumPy that its Python has no wheel of."""
NEEDS = ("OpenEXR>=3.3",)


def interpreter(given: str | None) -> Path:
    """A Python that can run the worker.

    Args:
        given: the user's own (``--blender-python``); it needs bpy, numpy and OpenEXR.

    Raises:
        FoveateError: it is not there; or no Python that a Blender wheel fits is, or the wheel cannot be had.
    """
    if given:
        path = shutil.which(os.path.expanduser(given))
        if path is None:
            raise FoveateError(
                f"--blender-python {given} is not there.", "give the path of a Python that can import bpy"
            )
        return Path(path).absolute()
    if all(importlib.util.find_spec(name) for name in ("bpy", "OpenEXR")):
        return Path(sys.executable)
    home = folder_of("blender")
    for bpy, _, _ in PAIRS:
        if (ready := _python_of(home / f"bpy-{bpy}")).exists():
            return ready
    trouble = []
    for bpy, version, more in PAIRS:
        for python in _pythons(version):
            try:
                return _set_up(home / f"bpy-{bpy}", python, (f"bpy=={bpy}", *more, *NEEDS))
            except FoveateError:
                raise
            except _SetUpError as error:
                trouble.append(f"bpy {bpy} on Python {version}: {error}")
                break
    if not trouble:
        versions = " or ".join(version for _, version, _ in PAIRS)
        raise FoveateError(
            f"rendering needs Blender, whose wheels fit Python {versions} alone, and this machine has neither.",
            "install one of them (uv python install 3.13), or give --blender-python PATH",
        )
    raise FoveateError(
        f"Blender could not be set up: {trouble[0]}",
        "check the package index and the platform, or give --blender-python PATH",
    )


class _SetUpError(Exception):
    """The environment could not be made; the installer's own last words."""


def _pythons(version: str) -> Iterator[str]:
    """Interpreters of one minor version: this one, on the path, as uv and pyenv know them."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        yield getattr(sys, "_base_executable", None) or sys.executable
    if (found := shutil.which(f"python{version}")) and _is(found, version):
        yield found
    if uv := _uv():
        asked = subprocess.run([uv, "python", "find", "--no-project", version], capture_output=True, text=True)
        if asked.returncode == 0 and asked.stdout.strip():
            yield asked.stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from (str(path) for path in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True))


def _is(python: str, version: str) -> bool:
    """Whether it runs and is of that version: pyenv leaves shims of versions that are not chosen."""
    asked = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
    )
    return asked.returncode == 0 and asked.stdout.strip() == version


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return shutil.which("uv") or (str(beside) if beside.exists() else None)


def _set_up(folder: Path, python: str, packages: tuple[str, ...]) -> Path:
    """An environment with these packages, made beside and renamed into place, so that half of one is never used."""
    say(f"setting up Blender ({packages[0]}, about 1 GB) in {folder}: once")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
            made = Path(scratch) / "environment"
            if uv := _uv():
                _run([uv, "venv", "--quiet", "--no-project", "--relocatable", "--python", python, str(made)])
                _run([uv, "pip", "install", "--quiet", "--python", str(_python_of(made)), *packages])
            else:
                _run([python, "-m", "venv", str(made)])
                _run([str(_python_of(made)), "-m", "pip", "install", "--quiet", *packages])
            _run([str(_python_of(made)), "-c", "import bpy, numpy, OpenEXR"])
            if not _python_of(folder).exists():  # another process may have been faster
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)
    except OSError as error:
        raise explain(error, folder) or FoveateError(
            f"{folder} cannot be written: {error.strerror}.", "set FOVEATE_CACHE"
        ) from None
    return _python_of(folder)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        words = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        full = next((line for line in words if "No space left" in line), None)
        if full:
            raise OSError(28, "No space left on device", command[-1])
        raise _SetUpError(" ".join(words[-2:])[-300:] or f"{Path(command[0]).name} ended with {done.returncode}")


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
