"""Addresses: ``scheme:rest`` names any data set, encoder or model; ``[a:b]`` takes a slice of its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from foveate.core.errors import FoveateError, nearest
from foveate.core.registry import Registry

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9_+.-]*):(.*)$", re.DOTALL)
_SLICE = re.compile(r"^(.*)\[([^\[\]]*)\]$", re.DOTALL)


@dataclass(frozen=True)
class Rows:
    """A half-open range of rows of one fixed shuffle; either end may be open."""

    start: int | None = None
    stop: int | None = None

    def __str__(self) -> str:
        return f"[{'' if self.start is None else self.start}:{'' if self.stop is None else self.stop}]"


@dataclass(frozen=True)
class Address:
    """A parsed address.

    Attributes:
        scheme: who understands the rest, e.g. ``folder`` or ``timm``.
        rest: the upstream's own spelling, untouched.
        rows: the slice, or None. Only data has one.
    """

    scheme: str
    rest: str
    rows: Rows | None = None

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}{self.rows or ''}"

    def split_at(self) -> tuple[str, str | None]:
        """``NAME@SPLIT`` → ``(NAME, SPLIT)``. A path that exists with its ``@`` keeps it."""
        head, at, tail = self.rest.rpartition("@")
        if not at or not head or "/" in tail or _exists(self.rest):
            return self.rest, None
        if not tail.strip():
            raise FoveateError(f"nothing stands after '@' in '{self}'.", f"leave the @ out, or write {head}@NAME")
        return head, tail


def parse(text: str, schemes: Registry) -> Address:
    """Read an address of one kind.

    Args:
        text: e.g. ``folder:photos``, ``parquet:rows.parquet[0:500]``, ``timm:resnet18.a1_in1k``.
        schemes: the registry of the kind that is wanted (data or encoders).

    Raises:
        FoveateError: no scheme, an unknown one (the nearest is named), nothing after it, or a slice that cannot be read.
    """
    text = str(text).strip()
    example = f"{schemes.names()[0]}:…"
    if not text:
        raise FoveateError(f"an empty {schemes.kind} address.", f"write SCHEME:NAME, e.g. {example}")
    rows = None
    if schemes.kind == "data scheme" and (match := _SLICE.match(text)) and not _exists(text.partition(":")[2]):
        text, rows = match[1], _rows(match[2], text)
    match = _SCHEME.match(text)
    if not match:
        raise FoveateError(f"'{text}' is not an address: it has no scheme.", _guess(text, schemes))
    scheme, rest = match[1], match[2]
    if scheme not in schemes:
        raise FoveateError(f"unknown {schemes.kind} '{scheme}:' in '{text}'.", nearest(scheme, schemes.names()))
    if not rest.strip():
        raise FoveateError(f"nothing stands after '{scheme}:'.", f"write {scheme}:NAME_OR_PATH")
    return Address(scheme, rest, rows)


def brief(text: str) -> str:
    """An address for a title or a line of the console: of a path only the last part, ``local-dir:/a/b/c`` → ``local-dir:c``."""
    scheme, colon, rest = str(text).partition(":")
    if not colon or "/" not in rest.rstrip("/"):
        return str(text)
    return f"{scheme}:{rest.rstrip('/').rpartition('/')[2]}"


def _rows(inside: str, text: str) -> Rows:
    wrong = FoveateError(
        f"cannot read the slice '[{inside}]' of '{text}'.",
        "write [a:b] with whole numbers 0 ≤ a < b; either end may be left open",
    )
    start, colon, stop = inside.partition(":")
    if not colon:
        raise wrong
    try:
        rows = Rows(int(start) if start.strip() else None, int(stop) if stop.strip() else None)
    except ValueError:
        raise wrong from None
    if (rows.start or 0) < 0 or (rows.stop is not None and rows.stop <= (rows.start or 0)):
        raise wrong
    return rows


def _exists(path: str) -> bool:
    """Whether something stands at a path; a text that cannot be a path (too long, an unknown ~user) stands nowhere."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _guess(text: str, schemes: Registry) -> str:
    """The remedy for a bare path or name: the address that was probably meant."""
    path = Path(text).expanduser() if _exists(text) else Path(text[:200])
    if schemes.kind == "data scheme":
        if path.is_dir():
            return f"did you mean folder:{text}?"
        if scheme := next((name for name in schemes if path.suffix in schemes.load(name).suffixes), None):
            return f"did you mean {scheme}:{text}?"
        return f"write SCHEME:PATH, e.g. folder:{text}; schemes: {', '.join(schemes.names())}."
    if path.is_dir():
        ours = (path / "config.json").exists() and (path / "checkpoints").exists()
        return f"did you mean {'run' if ours else 'local-dir'}:{text}?"
    if path.suffix in {".pth", ".pt", ".bin", ".ckpt"}:
        return f"turn it into safetensors first: foveate convert {text}"
    return f"write SCHEME:NAME, e.g. timm:{text}; schemes: {', '.join(schemes.names())}."
