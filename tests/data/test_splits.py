from __future__ import annotations

import pytest

from foveate.core.address import Address
from foveate.core.errors import FoveateError
from foveate.data.splits import canonical, choose

HERE = Address("hf", "org/name")


def test_spellings() -> None:
    assert [canonical(name) for name in ("Train", "val", "dev", "testing", "members-a")] == [
        "train", "validation", "validation", "test", "members-a",
    ]  # fmt: skip


def test_what_is_meant_when_nothing_is_said() -> None:
    assert choose(None, [], HERE) is None
    assert choose(None, ["test", "train"], HERE) == "train"
    assert choose(None, ["test"], HERE) == "test"
    with pytest.raises(FoveateError) as caught:
        choose(None, ["test", "validation"], HERE)
    assert caught.value.remedy == "say which one, e.g. hf:org/name@test"


def test_a_split_by_any_spelling_and_a_wrong_one() -> None:
    assert choose("val", ["train", "validation"], HERE) == "validation"
    with pytest.raises(FoveateError, match="has no split 'trian'"):
        choose("trian", ["train"], HERE)
    with pytest.raises(FoveateError, match="has no splits"):
        choose("train", [], HERE)
