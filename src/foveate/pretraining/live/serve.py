"""The page's server for as long as a run trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foveate.core.console import say
from foveate.data.views import View
from foveate.pretraining.config import Pretrain
from foveate.pretraining.gallery import exhibits
from foveate.pretraining.material import Material
from foveate.web.server import Server


@contextmanager
def serving(folder: Path, settings: Pretrain, material: Material, views: Sequence[View]) -> Iterator[Server]:
    """Show a run while it trains; says the address.

    Args:
        folder: of the run. views: of the objective.

    Raises:
        FoveateError: the port is taken.
    """
    from foveate.pretraining.live.app import app

    def drawn(number: int) -> list[dict[str, Any]]:
        shown = exhibits(material, views, seed=settings.seed, again=number)
        return [{"title": each.title, "pictures": [picture.src for picture in each.pictures]} for each in shown]

    with Server(app(folder, settings, classes=len(material.classes), views=drawn), settings.port) as server:
        say(f"watch it at {server.url}")
        yield server
