"""Who gets the renderer when: requests are answered in their order, and only the newest of those that wait is rendered.

A page moves a slider faster than pictures come. Each of its requests carries a number and all factors, and gets exactly one last answer:
``full``, ``error``, or ``superseded`` where a newer one was waiting when its turn came. Last answers come in the order of the numbers.
Before ``full`` comes a quick ``preview``; ``full`` is left out (``superseded``) where a newer request came during the preview. A request
that is being rendered is never broken off: Blender's own time limits hold for it.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from foveate.core.errors import FoveateError
from foveate.rendering.factors import Value
from foveate.rendering.serve import wire
from foveate.web.server import broken

if TYPE_CHECKING:
    from typing import Self

    from foveate.rendering.environment import Observation

Tell = Callable[[dict[str, Any]], None]
"""Takes a message to one page; must be safe to call from any thread, and quick."""


class Renderer(Protocol):
    """What the desk needs of an ``Environment``."""

    pixels: int
    samples: int

    @property
    def lost(self) -> int: ...

    def checked(self, factors: dict[str, Any]) -> dict[str, Value]: ...

    def take(
        self, factors: dict[str, Value], *, pixels: int | None = None, samples: int | None = None
    ) -> Observation: ...


class Desk:
    """One renderer for any number of pages, which take turns.

    Attributes:
        shown: full pictures that were answered.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._wake = threading.Condition()
        self._waiting: dict[Tell, list[tuple[int, dict[str, Any]]]] = {}  # in the order of the pages' turns
        self._pages: dict[Tell, int] = {}  # → the newest number
        self._state, self._warm, self._closed = "idle", False, False
        self.shown = 0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def join(self, tell: Tell) -> None:
        """A page that wants to be told of the worker, and may ask."""
        with self._wake:
            self._pages[tell] = 0
        tell(self._worker())

    def leave(self, tell: Tell) -> None:
        """A page that is gone: what it waits for is dropped."""
        with self._wake:
            self._pages.pop(tell, None)
            self._waiting.pop(tell, None)

    def ask(self, tell: Tell, n: int, factors: dict[str, Any]) -> None:
        """Ask for a picture. ``n`` must be above every number that the page has used; one that is not is superseded already."""
        with self._wake:
            if n > self._pages[tell]:
                self._pages[tell] = n
                self._waiting.setdefault(tell, []).append((n, factors))
                self._wake.notify()
                return
        tell({"n": n, "kind": "superseded"})

    def close(self) -> None:
        """Take no more; wait a moment for the picture that is being rendered."""
        with self._wake:
            self._closed = True
            self._waiting.clear()
            self._wake.notify()
        self._thread.join(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                tell = next(iter(self._waiting))
                *old, (n, factors) = self._waiting.pop(tell)
            for stale, _ in old:
                tell({"n": stale, "kind": "superseded"})
            try:
                self._render(tell, n, factors)
            except FoveateError as error:
                tell({"n": n, "kind": "error", "what": error.what, "remedy": error.remedy})
            except Exception as error:
                if self._closed:
                    return  # the renderer has been closed under our hands
                traceback.print_exception(error)
                tell({"n": n, "kind": "error", **broken(error)})
            self._is("idle")

    def _render(self, tell: Tell, n: int, factors: dict[str, Any]) -> None:
        known = self._renderer.checked(factors)
        self._is("rendering" if self._warm else "starting")
        draft = {"pixels": max(16, self._renderer.pixels // 2), "samples": max(1, self._renderer.samples // 4)}
        preview = self._renderer.take(known, **draft)
        self._warm = True
        tell({"n": n, "kind": "preview", **wire.message(preview)})
        self._is("rendering")
        if self._newer(tell, n):
            tell({"n": n, "kind": "superseded"})
            return
        full = self._renderer.take(known)
        self.shown += 1
        tell({"n": n, "kind": "full", **wire.message(full)})

    def _newer(self, tell: Tell, n: int) -> bool:
        with self._wake:
            return self._closed or self._pages.get(tell, n + 1) > n

    def _is(self, state: str) -> None:
        self._state = state
        with self._wake:
            pages = list(self._pages)
        for tell in pages:
            tell(self._worker())

    def _worker(self) -> dict[str, Any]:
        return {"kind": "worker", "state": self._state, "lost": self._renderer.lost}
