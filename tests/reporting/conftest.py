"""The example report and a headless browser for this room's tests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from foveate.reporting.record import Report


def _module(path: Path) -> ModuleType:
    """A helper beside the tests, whatever pytest's import mode and the working directory are."""
    spec = importlib.util.spec_from_file_location(f"foveate_tests_{path.stem}", path)
    assert spec
    assert spec.loader
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


_example = _module(Path(__file__).parent / "example.py")
_browser = _module(Path(__file__).parents[1] / "browser.py")


@pytest.fixture
def rich() -> Report:
    """A report with every kind of block."""
    return _example.rich()


@pytest.fixture
def small() -> Callable[..., Report]:
    """A maker of reports of a few metrics."""
    return _example.small


@pytest.fixture(scope="session")
def rich_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's page on disk. Read only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEATE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return _example.rich().write(tmp_path_factory.mktemp("rich"))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Chromium, headless and without a network, or a skip that says what is missing."""
    binary = _browser.find()
    if not binary:
        pytest.skip("no chromium on this machine: apt-get install chromium, or set FOVEATE_CHROMIUM")
    opened = _browser.Browser(binary, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()
