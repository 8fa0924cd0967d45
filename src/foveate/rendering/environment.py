"""Pictures one after the other, each a step from the one before: PUG's interactive environment, for one's own code and for the page."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.errors import FoveateError
from foveate.rendering import palette as palettes
from foveate.rendering import truth
from foveate.rendering.client import Studio, WorkerFailed, WorkerLost
from foveate.rendering.designs import Design, Planned
from foveate.rendering.factors import DEFAULTS, FACTORS, NOTHING, Factor, Value, check, contradiction
from foveate.rendering.pictures import default_workers
from foveate.rendering.record import row
from foveate.rendering.scene import Array
from foveate.rendering.shots import cast, shot

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class Observation:
    """A picture with what is true of it.

    Attributes:
        image: (h, w, 3) uint8. mask: (h, w) uint8, instance numbers from 1, 0 background.
        depth: (h, w) float32 metres along the viewing axis, infinite at the sky.
        objects: per object that is seen ``{label, box [x0, y0, x1, y1] px, mask_id, caption, area, visibility, pose, …}``, as in the
            table of ``foveate render``. relations: ``{subject, predicate, object}`` between their mask_ids.
        caption: in a sentence. factors: all that it was rendered with. camera: intrinsics and extrinsics.
        seconds: that Blender took. fault: why ``foveate render`` would not keep it, or "".
    """

    image: Array
    mask: Array
    depth: Array
    objects: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    caption: str
    factors: dict[str, Value]
    camera: dict[str, Any]
    seconds: float
    fault: str = ""


class Environment:
    """A scene that is changed factor by factor; each change answers with a picture.

    ::

        with foveate.Environment(world="meadow", object="zebra") as environment:
            before = environment.render()
            after = environment.step(camera_yaw=90)

    Args:
        pixels: of a side. samples: light paths per pixel.
        objects, worlds, materials: your own files, as ``--objects``, ``--world`` and ``--materials`` of ``foveate render``.
        blender_python: that can import bpy; None for the one that foveate sets up. device: ``cpu``, ``auto`` for a GPU where there is one, ``cuda`` or ``mps``.
        seed: of what ``count`` adds at random, and of the renderer's noise.
        factors: what ``reset`` goes back to; others have foveate's defaults.

    Raises:
        FoveateError: a factor, value or file that does not hold; no Blender for this machine.
    """

    def __init__(
        self,
        *,
        pixels: int = 224,
        samples: int = 16,
        objects: str | None = None,
        worlds: tuple[str, ...] = (),
        materials: str | None = None,
        blender_python: str | None = None,
        device: str = "cpu",
        seed: int = 0,
        **factors: Value,
    ) -> None:
        for name, value, least, most in (("pixels", pixels, 16, 4096), ("samples", samples, 1, 65536)):
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise FoveateError(
                    f"{name} = {value!r} is out of reach.", f"give a whole number from {least:,} to {most:,}"
                )
        if isinstance(factors.get("size"), int) and factors["size"] > 3:  # type: ignore[operator]
            raise FoveateError(
                f"size = {factors['size']} is out of reach: it is the main object's.",
                "give the picture's side as pixels",
            )
        self.palette = palettes.read(objects, worlds, materials)
        self.pixels, self.samples, self.seed = pixels, samples, seed
        self._first = self._factors = self.checked({**DEFAULTS, **factors})
        self._busy = threading.Lock()  # one Blender answers one at a time, whoever asks
        threads = default_workers(10**6)  # one picture at a time: it has all cores
        self.studio = Studio(blender_python, threads=threads, device=device)
        self._folder = tempfile.TemporaryDirectory(prefix="foveate-environment-")

    @property
    def factors(self) -> dict[str, Value]:
        """All factors as they are now."""
        return dict(self._factors)

    @property
    def lost(self) -> int:
        """How often Blender ended or hung and was replaced."""
        return self.studio.lost

    @property
    def spaces(self) -> dict[str, Factor]:
        """What each factor may be: ``choices``, or ``low``, ``high`` and ``whole`` of a number."""
        return {name: replace(factor, choices=self._choices(factor)) for name, factor in FACTORS.items()}

    def reset(self, **factors: Value) -> Observation:
        """A picture of the factors that the environment was made with, but for the given ones.

        Raises:
            FoveateError: as ``step``.
        """
        return self._go({**self._first, **factors})

    def step(self, **factors: Value) -> Observation:
        """Change these factors and no others, and take a picture.

        Raises:
            FoveateError: no such factor or value, factors that contradict one another, or Blender cannot render it. The factors are
                then what they were.
        """
        return self._go({**self._factors, **factors})

    def render(self) -> Observation:
        """A picture of the factors as they are. It is not drawn again when it is no good: ``fault`` says so."""
        return self.take(self._factors)

    def checked(self, factors: dict[str, Any]) -> dict[str, Value]:
        """All factors as they are used.

        Raises:
            FoveateError: as ``step``.
        """
        known = {**DEFAULTS, **{name: check(name, value, self.palette) for name, value in factors.items()}}
        if why := contradiction(known):
            raise FoveateError(
                f"these factors contradict one another: {why}.", "change one of them, or several in one step"
            )
        return known

    def take(self, factors: dict[str, Value], *, pixels: int | None = None, samples: int | None = None) -> Observation:
        """A picture of any checked factors, in another size if given; the environment's own stay what they are.

        Raises:
            FoveateError: Blender ended twice on it, or cannot render it; or this environment has been closed.
        """
        if self.studio.closed:
            raise FoveateError("this environment has been closed.", "make another one")
        path = Path(self._folder.name) / "picture.npz"
        asked = shot(
            factors, self.seed, self.palette, px=pixels or self.pixels, samples=samples or self.samples, passes=[]
        )
        with self._busy:
            try:
                answer = self.studio.render(asked, path)
            except WorkerLost as error:
                raise FoveateError(
                    f"{error}, twice in a row.", "try it smaller, with fewer objects or in another world"
                ) from None
            except WorkerFailed as error:
                raise FoveateError(f"Blender cannot render this: {error}.", "change what was changed last") from None
            seen = truth.read(path)
        actors = cast(factors, self.seed, self.palette)
        told = row(Planned(0, factors, self.seed), factors, actors, seen, self.palette)
        return Observation(
            seen.image,
            seen.mask,
            seen.depth,
            told["objects"],
            told["relations"],
            told["caption"],
            dict(factors),
            told["camera"],
            float(answer["seconds"]),
            truth.fault(seen, Design.visible, factors) or "",
        )

    def close(self) -> None:
        """End Blender."""
        self.studio.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _go(self, factors: dict[str, Any]) -> Observation:
        observation = self.take(self.checked(factors))
        self._factors = observation.factors
        return observation

    def _choices(self, factor: Factor) -> tuple[str, ...] | None:
        if not isinstance(factor.choices, str):
            return factor.choices
        own = tuple(getattr(self.palette, factor.choices))
        return (*own, NOTHING) if factor.choices == "objects" else own
