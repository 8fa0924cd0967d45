from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError, missing_extra, nearest


def test_an_error_says_what_and_the_remedy() -> None:
    error = FoveateError("the folder x\nis   empty.", "put images\t in it")
    assert (error.what, error.remedy) == ("the folder x is empty.", "put images in it")
    assert str(error) == "the folder x is empty. put images in it"
    assert error.exit_code == 2


@settings(deadline=None)
@given(st.text(), st.text())
def test_each_part_is_one_line(what: str, remedy: str) -> None:
    error = FoveateError(what, remedy)
    assert len(error.what.splitlines()) <= 1
    assert len(error.remedy.splitlines()) <= 1


def test_errors_cross_process_borders() -> None:
    error = pickle.loads(pickle.dumps(FoveateError("what.", "remedy")))
    assert (error.what, error.remedy) == ("what.", "remedy")


def test_a_missing_extra_gives_the_command() -> None:
    error = missing_extra("open_clip", "clip")
    assert "open_clip" in error.what
    assert "pip install 'foveate[clip]'" in error.remedy


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("foldr", ["folder", "parquet", "hf"], "did you mean folder?"),
        ("RESNET9", ["resnet9", "vit-tiny"], "did you mean resnet9?"),
        ("resnet9", ["ResNet9"], "did you mean ResNet9?"),
        ("vit", ["a-very-long-name-of-a-vit-model", "resnet"], "did you mean a-very-long-name-of-a-vit-model?"),
        ("zzz", ["b", "a"], "known: a, b."),
        ("", ["b", "a"], "known: a, b."),
    ],
)
def test_nearest(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint


def test_nearest_does_not_list_hundreds() -> None:
    hint = nearest("zzz", [f"m{i:03}" for i in range(500)])
    assert "(500 in all)" in hint
    assert len(hint) < 150
