from __future__ import annotations

import importlib.metadata
import sys

import pytest

from foveate.core.errors import FoveateError
from foveate.core.registry import Registry


def test_targets_are_imported_only_when_asked_for() -> None:
    sys.modules.pop("this_module_would_fail", None)
    registry = Registry("thing", {"good": "json:loads", "absent": "this_module_would_fail:x"})
    assert registry.names() == ["good", "absent"] == list(registry)
    assert "good" in registry
    assert "bad" not in registry
    assert registry.load("good")("[1]") == [1]
    with pytest.raises(FoveateError, match="thing .absent. of another package"):
        registry.load("absent")


def test_a_wrong_name_is_told_the_nearest() -> None:
    with pytest.raises(FoveateError, match=r"unknown thing 'god'\. did you mean good\?"):
        Registry("thing", {"good": "json:loads"}).load("god")


def test_third_parties_join_by_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def entry_points(*, group: str) -> list[importlib.metadata.EntryPoint]:
        asked.append(group)
        return [
            importlib.metadata.EntryPoint("theirs", "json:dumps", group),
            importlib.metadata.EntryPoint("ours", "json:dumps", group),
        ]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    registry = Registry("data scheme", {"ours": "json:loads"})
    assert registry.own == ("ours",)
    assert asked == [], "the names of the house are told without a look at what is installed"
    assert registry.names() == ["ours", "theirs"]
    assert registry.own == ("ours",)
    assert registry.load("theirs")([1]) == "[1]"
    assert registry.load("ours")("[1]") == [1], "a third party must not take a name of ours"
    assert asked == ["foveate.data_scheme"], "asked once"
