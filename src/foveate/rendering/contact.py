"""The contact sheet: a few dozen pictures of a run on one page, refreshed while it works."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from foveate.rendering.pictures import Taken

COLUMNS, ROWS, SIDE = 8, 6, 128
EVERY = 10.0  # seconds between two refreshments


class Contact:
    """A sheet of the first pictures that are done, later of an even part of them.

    Args:
        path: a .jpg, replaced whole each time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tiles: list[tuple[int, Image.Image]] = []
        self._seen, self._drawn = 0, 0.0

    def add(self, taken: Taken) -> None:
        """A picture that is done. A sheet that cannot be written is no reason to stop."""
        if taken.path is None:
            return
        self._seen += 1
        with np.load(taken.path) as file:
            picture = Image.open(io.BytesIO(file["png"].tobytes())).convert("RGB")
        tile = (taken.planned.index, picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        room = COLUMNS * ROWS
        if len(self._tiles) < room:
            self._tiles.append(tile)
        else:  # reservoir sampling (Vitter 1985), by a hash in place of chance
            place = (taken.planned.seed >> 8) % self._seen
            if place < room:
                self._tiles[place] = tile
        if time.monotonic() - self._drawn > EVERY:
            self.draw()

    def draw(self) -> None:
        """Write the sheet."""
        self._drawn = time.monotonic()
        tiles = sorted(self._tiles, key=lambda one: one[0])
        if not tiles:
            return
        rows = -(-len(tiles) // COLUMNS)
        sheet = Image.new("RGB", (min(len(tiles), COLUMNS) * SIDE, rows * SIDE), "white")
        for place, (_, tile) in enumerate(tiles):
            sheet.paste(tile, (place % COLUMNS * SIDE, place // COLUMNS * SIDE))
        part = self.path.with_name(f".{self.path.name}.tmp")
        with suppress(OSError):
            sheet.save(part, "JPEG", quality=88)
            part.replace(self.path)
