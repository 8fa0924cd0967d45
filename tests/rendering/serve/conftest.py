"""An environment without Blender, its server, and a headless browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foveate.rendering import environment as environments
from foveate.rendering.config import Render
from foveate.rendering.environment import Environment
from foveate.rendering.serve.app import app
from foveate.rendering.serve.desk import Desk
from foveate.rendering.serve.draft import Drafts
from foveate.web.server import Server
from tests.browser import Browser, find
from tests.rendering.acting import Actor


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for the objects that all of this room's tests look at: each is built once."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch, built: Path, tmp_path: Path) -> Iterator[Environment]:
    """An environment of 64 px whose ``studio`` is an ``Actor``. An object and a world of the user's stand first in its lists: nobody
    opens their files, so that moving a list to its first entry builds nothing."""
    monkeypatch.setenv("FOVEATE_CACHE", str(built))
    monkeypatch.setattr(environments, "Studio", Actor)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cube.glb").touch()
    (tmp_path / "own" / "sky.hdr").write_bytes(b"#?RADIANCE\n")
    own = {"objects": str(tmp_path / "own"), "worlds": (str(tmp_path / "own" / "sky.hdr"),)}
    with Environment(world="plain", pixels=64, samples=8, **own) as environment:
        yield environment


@pytest.fixture
def desk(acted: Environment) -> Iterator[Desk]:
    with Desk(acted) as desk:
        yield desk
        acted.studio.gate.set()


@pytest.fixture
def served(acted: Environment, desk: Desk, tmp_path: Path) -> Iterator[Server]:
    """The page's server; designs go to ``tmp_path/out``."""
    drafts = Drafts(acted.palette, Render(size=64, samples=8), tmp_path / "out")
    with Server(app(acted, desk, drafts)) as server:
        yield server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, headless, or a skip that says what is missing."""
    binary = find()
    if not binary:
        pytest.skip("no chromium on this machine: apt-get install chromium, or set FOVEATE_CHROMIUM")
    opened = Browser(binary, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()
