"""Pictures that were collected on the page, as the design that renders them: TOML for ``foveate render FILE``."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from foveate.core.errors import FoveateError
from foveate.core.files import explained
from foveate.rendering.config import Render
from foveate.rendering.designs import plan, read
from foveate.rendering.factors import DEFAULTS, NOTHING, Value, placed
from foveate.rendering.palette import Palette

Layout = Literal["rows", "full", "one-factor"]
_ALWAYS = ("world", "scene", "object", "asset")  # told even where they are the default; what is told is not drawn anew


class Drafts:
    """Designs of one session.

    Args:
        config: whose pixels, samples and files of the user's they share. out: the folder they are saved in, made with the first one.
    """

    def __init__(self, palette: Palette, config: Render, out: Path) -> None:
        self._palette, self._config, self._out = palette, config, out
        self.saved: list[Path] = []

    def text(self, rows: Sequence[Mapping[str, Value]], layout: Layout) -> str:
        """The file. ``rows`` renders these pictures, ``full`` every combination of their values, ``one-factor`` one change at a time."""
        head = [
            "# Chosen by hand in foveate render --serve.",
            f"size = {self._config.size or 224}",
            f"samples = {self._config.samples or 16}",
        ]
        if layout == "rows":
            blocks = [
                f"[[block]]\nfixed = {{ {', '.join(f'{k} = {_value(v)}' for k, v in _told(row).items())} }}"
                for row in rows
            ]
            return "\n\n".join(["\n".join(head), *blocks]) + "\n"
        levels = {name: list(dict.fromkeys(row[name] for row in rows)) for name in DEFAULTS}
        varied = {name: values for name, values in levels.items() if len(values) > 1}
        fixed = {name: value for row in rows for name, value in _told(row).items() if name not in varied}
        head.append(f'scheme = "{layout}"')
        return "\n\n".join(["\n".join(head), _table("factors", varied), _table("fixed", fixed)]) + "\n"

    def look(self, rows: Sequence[Mapping[str, Value]], layout: Layout) -> dict[str, Any]:
        """``{toml, pictures}``, checked by the reader that ``foveate render`` reads it with.

        Raises:
            FoveateError: no rows, or a design that does not hold.
        """
        if not rows:
            raise FoveateError("the design is empty.", "add a picture to it")
        text = self.text([placed({**DEFAULTS, **row}) for row in rows], layout)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "design.toml"
            file.write_text(text, encoding="utf-8")
            return {"toml": text, "pictures": len(plan(read(str(file), self._palette), self._config.seed))}

    def save(self, rows: Sequence[Mapping[str, Value]], layout: Layout) -> dict[str, Any]:
        """As ``look``, with ``path`` of the file and the ``command`` that renders it. No file is written over.

        Raises:
            FoveateError: as ``look``; a folder that cannot be written.
        """
        seen = self.look(rows, layout)
        with explained(self._out / "design.toml"):
            self._out.mkdir(parents=True, exist_ok=True)
            path = self._write(seen["toml"])
        self.saved.append(path)
        return {**seen, "path": str(path), "command": shlex.join(["foveate", "render", str(path), *self._flags()])}

    def _write(self, text: str) -> Path:
        number = 1
        while True:
            path = self._out / ("design.toml" if number == 1 else f"design-{number}.toml")
            try:
                with open(path, "x", encoding="utf-8") as stream:
                    stream.write(text)
                return path
            except FileExistsError:
                number += 1

    def _flags(self) -> list[str]:
        own = {"--objects": self._config.objects, "--materials": self._config.materials}
        flags = [word for flag, value in own.items() if value for word in (flag, value)]
        return [*flags, *(["--world", *self._config.world] if self._config.world else [])]


def _told(row: Mapping[str, Value]) -> dict[str, Value]:
    """What a picture's design must say: where it differs from the defaults, and which individuals are in it."""
    always = (*_ALWAYS, *(("asset2",) if row["object2"] != NOTHING else ()))
    return {name: row[name] for name in DEFAULTS if name in always or row[name] != DEFAULTS[name]}


def _table(name: str, entries: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in entries.items())])


def _value(value: Any) -> str:
    return json.dumps(value)  # names, numbers and lists of them are written alike in JSON and TOML
