"""Visible lists of lazy targets: a name points at ``module:attribute``, imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from foveate.core import console
from foveate.core.errors import FoveateError, nearest


class Registry:
    """Names of one kind and where they live.

    The targets are strings, so that a list costs nothing to read and may point into an upper room.
    Third parties add to it by an entry point in the group ``foveate.KIND`` (spaces as underscores).

    Args:
        kind: what a name stands for, in the singular: used in messages and for the entry-point group.
        targets: name → ``package.module:attribute``.
    """

    def __init__(self, kind: str, targets: Mapping[str, str]) -> None:
        self.kind = kind
        self._targets = dict(targets)
        self.own = tuple(targets)
        """The names of the house, without third parties': costs nothing, so that ``--help`` may list them."""
        self._joined = False

    def names(self) -> list[str]:
        """All names, in the order of the list, third parties' last."""
        self._join_entry_points()
        return list(self._targets)

    def __contains__(self, name: str) -> bool:
        self._join_entry_points()
        return name in self._targets

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def load(self, name: str) -> Any:
        """The object behind a name.

        Raises:
            FoveateError: no such name; the remedy names the nearest.
        """
        self._join_entry_points()
        if name not in self._targets:
            raise FoveateError(f"unknown {self.kind} '{name}'.", nearest(name, self._targets))
        try:
            return load_target(self._targets[name])
        except (ImportError, AttributeError) as error:
            if self._targets[name].startswith("foveate."):
                raise
            raise FoveateError(
                f"the {self.kind} '{name}' of another package, {self._targets[name]}, cannot be loaded: {error}.",
                "mend that package's entry point, or uninstall it",
            ) from error

    def _join_entry_points(self) -> None:
        if self._joined:
            return
        self._joined = True
        import importlib.metadata  # 30 ms, which ``--help`` does without

        for point in importlib.metadata.entry_points(group=f"foveate.{self.kind.replace(' ', '_')}"):
            if self._targets.setdefault(point.name, point.value) != point.value:
                console.warn(
                    f"the {self.kind} '{point.name}' of another package is not used: foveate has one of that name"
                )


def load_target(target: str) -> Any:
    """What a lazy target ``module:attribute`` points at."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)
