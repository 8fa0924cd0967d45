"""``foveate doctor``: facts about this machine as plain tables, each trouble with what mends it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from foveate.core import cache
from foveate.core.cores import usable_cores
from foveate.core.doctor_config import Doctor
from foveate.core.run import Run, as_plain, command_line, environment

_FOR_DEVELOPMENT = {"test", "dev"}
_LOW_DISK, _LOW_MEMORY = 2e9, 4e9

Row = list[Any]


@dataclass
class Checkup:
    """What was found.

    Attributes:
        machine: (what, value). devices: (device, name, memory in GB or None).
        packages: (part, package, version or None, command that installs it).
        cache: (part, what it holds, MB, files). troubles: (what, remedy).
    """

    machine: list[Row] = field(default_factory=list)
    devices: list[Row] = field(default_factory=list)
    packages: list[Row] = field(default_factory=list)
    cache: list[Row] = field(default_factory=list)
    encoders: list[Row] = field(default_factory=list)
    troubles: list[Row] = field(default_factory=list)
    removed: str = ""
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """All of it in one sentence."""
        count = len(self.troubles)
        found = "nothing is missing" if not count else "1 thing to mend" if count == 1 else f"{count} things to mend"
        return f"{self.removed} {found.capitalize()}.".strip()

    def tables(self) -> list[tuple[str, list[str], list[Row]]]:
        """(title, columns, rows) of everything that is shown."""
        shown = [
            ("Machine", ["what", "value"], self.machine),
            ("Devices", ["device", "name", "GB"], self.devices),
            ("Packages", ["part", "package", "version", "install"], self.packages),
            ("Cache", ["part", "holds", "MB", "files"], self.cache),
            ("Stored features", ["encoder", "taps", "MB"], self.encoders),
            ("To mend", ["what", "remedy"], self.troubles),
        ]
        return [table for table in shown if table[2]]

    def summary(self) -> str:
        """For people: one block of lines a table."""
        lines = []
        for title, _, rows in self.tables():
            texts = [[_text(cell) for cell in row] for row in rows]
            widths = [max(len(row[i]) for row in texts) for i in range(len(texts[0]))]
            lines += [title, *("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in texts)]
        lines.append(f"To empty the cache: foveate doctor --clear-cache [{' | '.join(cache.CLEARS)}]")
        return "\n".join([*lines, self.answer])

    def to_json(self) -> dict[str, Any]:
        """The same as a report, so that what reads reports reads this."""
        plain = {"kind": None, "digits": 1, "note": ""}
        sections = [
            {
                "title": title,
                "lead": self.answer if title == "Machine" else "",
                "id": title.lower().replace(" ", "-"),
                "blocks": [
                    {
                        "kind": "table",
                        "columns": [plain | {"name": name, "kind": _kind(name)} for name in columns],
                        "rows": rows,
                        "caption": "",
                        "id": title.lower().replace(" ", "-"),
                    }
                ],
            }
            for title, columns, rows in self.tables()
        ]
        return {
            "schema": "foveate.report/1",
            "verb": "doctor",
            "title": "This machine",
            "answer": self.answer,
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "command": command_line("doctor", self.config),
            "config": self.config,
            "environment": environment(),
            "inputs": {},
            "metrics": {},
            "findings": [],
            "skipped": [],
            "sections": sections,
        }


def run(config: Doctor) -> Checkup:
    """Look at the machine; with ``clear_cache``, empty the named parts of the cache first. Trouble is told, never raised.

    With ``out`` the facts are also written there, as ``report.json``.
    """
    found = Checkup(config=as_plain(config))
    if config.clear_cache is not None:
        found.removed = cache.clear(config.clear_cache or ("all",))
    _machine(found)
    _packages(found)
    _devices(found)
    _cache(found)
    if config.out:
        from foveate.core.files import write_json

        with Run(config.out, "doctor", config, resume=config.resume) as run:
            write_json(run.folder / "report.json", found.to_json())
    return found


def _machine(found: Checkup) -> None:
    total, free = memory()
    found.machine += [
        ["system", platform.platform()],
        ["python", f"{platform.python_version()} ({sys.executable})"],
        ["processors", str(usable_cores())],
    ]
    if total:
        found.machine.append(["memory", f"{total / 1e9:.1f} GB, {free / 1e9:.1f} GB free"])
        if total < _LOW_MEMORY:
            found.troubles.append([f"only {total / 1e9:.1f} GB of memory", "use --batch-size 8 and small encoders"])
    disk = shutil.disk_usage(Path.cwd()).free
    found.machine.append(["disk, here", f"{disk / 1e9:.1f} GB free"])
    if disk < _LOW_DISK:
        found.troubles.append([f"only {disk / 1e9:.1f} GB free on this disk", "free some, or run from another folder"])
    real = os.environ.get("FOVEATE_REAL_DATA")
    if real and not Path(real).is_dir():
        found.troubles.append([f"FOVEATE_REAL_DATA is {real}, which is no folder", "correct it, or unset it"])
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found.troubles.append([f"Python {platform.python_version()} is not tested", "use Python 3.11, 3.12 or 3.13"])


def memory() -> tuple[int, int]:
    """Bytes of memory in all, and free; zeros where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        facts = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if len(line.split()) > 1}
        return facts["MemTotal"], facts["MemAvailable"]
    except (OSError, KeyError, ValueError):
        pass
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return 0, 0


def _packages(found: Checkup) -> None:
    """Every requirement that foveate's own metadata names, and each extra's install command."""
    try:
        needed = metadata.requires("foveate") or []
    except metadata.PackageNotFoundError:
        found.troubles.append(["foveate itself is not installed", "run: pip install foveate"])
        return
    for requirement in needed:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement)
        if name is None or (extra and extra[1] in _FOR_DEVELOPMENT):
            continue
        part = extra[1] if extra else "base"
        command = f"pip install 'foveate[{part}]'" if extra else "pip install --force-reinstall foveate"
        try:
            version: str | None = metadata.version(name[0])
        except metadata.PackageNotFoundError:
            version = None
        found.packages.append([part, name[0], version or "missing", "" if version else command])
        if version is None and not extra:
            found.troubles.append([f"the package {name[0]} is missing", command])
    found.packages.sort(key=lambda row: row[0] != "base")


def _devices(found: Checkup) -> None:
    try:
        import torch

        found.devices.append(["cpu", f"{torch.get_num_threads()} threads", None])
        for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
            facts = torch.cuda.get_device_properties(index)
            found.devices.append([f"cuda:{index}", facts.name, round(facts.total_memory / 1e9, 1)])
        if torch.backends.mps.is_available():
            found.devices.append(["mps", "Apple GPU", None])
    except Exception as error:  # a broken installation fails in ways of its own, and this is where they are told
        found.troubles.append(
            [f"torch cannot be used: {_short(error)}", "pip install --force-reinstall torch torchvision"]
        )
        return
    try:
        import torchvision  # noqa: F401
    except Exception as error:  # e.g. an operator that the other version registers
        found.troubles.append(
            [f"torchvision does not fit torch: {_short(error)}", "pip install --force-reinstall torch torchvision"]
        )


def _cache(found: Checkup) -> None:
    root = cache.root()
    by = "FOVEATE_CACHE" if os.environ.get("FOVEATE_CACHE") else "set FOVEATE_CACHE to have it elsewhere"
    found.machine.append(["cache", f"{root} ({by})"])
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
        found.machine.append(["disk, cache", f"{shutil.disk_usage(root).free / 1e9:.1f} GB free"])
    except OSError as error:
        found.troubles.append(
            [f"the cache {root} cannot be written: {error.strerror}", "export FOVEATE_CACHE=/a/folder/of/yours"]
        )
        return
    for name, holds in cache.PARTS.items():
        files, size = cache.size(root / name)
        found.cache.append([name, holds, round(size / 1e6, 1), files])
    rest = [
        cache.size(entry) if entry.is_dir() else (1, entry.stat().st_size)
        for entry in root.iterdir()
        if entry.name not in cache.PARTS
    ]
    if rest:
        found.cache.append(
            ["other", "not foveate's; never removed", round(sum(s for _, s in rest) / 1e6, 1), sum(f for f, _ in rest)]
        )
    found.encoders = cache.encoders()


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _text(cell: Any) -> str:
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int | float) else str(cell)


def _kind(column: str) -> str:
    return (
        "number" if column in {"MB", "GB", "files", "taps"} else "code" if column in {"install", "remedy"} else "text"
    )
