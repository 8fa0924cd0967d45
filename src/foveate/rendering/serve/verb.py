"""``foveate render --serve``: the environment, the desk before it and the server before that, until Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path

from foveate.core.console import say
from foveate.rendering.config import Render
from foveate.rendering.environment import Environment
from foveate.rendering.serve.desk import Desk
from foveate.rendering.serve.draft import Drafts
from foveate.reporting.record import Report
from foveate.web.server import Server, needed

EXTRA = "render"


def serve(config: Render) -> Report:
    """Show the page until Ctrl-C; what was shown and saved, as a report that nobody has to keep.

    Raises:
        FoveateError: no FastAPI, no Blender, a file or a port that does not hold; all before the address is shown.
    """
    needed(EXTRA)
    from foveate.rendering.serve.app import app

    out = Path(config.out).expanduser() if config.out else Path("runs") / time.strftime("render-%Y%m%d-%H%M%S")
    with Environment(
        pixels=config.size or 224,
        samples=config.samples or 16,
        objects=config.objects,
        worlds=config.world,
        materials=config.materials,
        blender_python=config.blender_python,
        device=config.device,
        seed=config.seed,
    ) as environment:
        drafts = Drafts(environment.palette, config, out)
        with Desk(environment) as desk:
            server = Server(app(environment, desk, drafts), config.port)
            say(f"open {server.url}\nCtrl-C ends it.")
            server.run()
    return _report(config, desk, drafts)


def _report(config: Render, desk: Desk, drafts: Drafts) -> Report:
    report = Report("render", "an interactive session")
    report.config = config
    saved = ", ".join(map(str, drafts.saved))
    report.answer = f"{desk.shown:,} pictures were shown. " + (f"Saved: {saved}." if saved else "No design was saved.")
    return report
