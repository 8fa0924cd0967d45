from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.address import Address, Rows, parse
from foveate.core.errors import FoveateError
from foveate.core.registry import Registry
from foveate.data.registry import SCHEMES as DATA

ENCODERS = Registry("encoder scheme", dict.fromkeys(["timm", "hf-hub", "local-dir", "run", "random"], "json:loads"))


@pytest.mark.parametrize(
    ("text", "registry", "expected"),
    [
        ("folder:photos", DATA, Address("folder", "photos")),
        ("  folder:my photos  ", DATA, Address("folder", "my photos")),
        ("parquet:rows.parquet[0:500]", DATA, Address("parquet", "rows.parquet", Rows(0, 500))),
        ("folder:x[:500]", DATA, Address("folder", "x", Rows(None, 500))),
        ("folder:x[500:]", DATA, Address("folder", "x", Rows(500, None))),
        ("folder:x[ 3 : 7 ]", DATA, Address("folder", "x", Rows(3, 7))),
        ("folder:x[:]", DATA, Address("folder", "x", Rows())),
        ("wds:shards-{000..009}.tar", DATA, Address("wds", "shards-{000..009}.tar")),
        ("wds:shard-[0-9].tar[0:9]", DATA, Address("wds", "shard-[0-9].tar", Rows(0, 9))),
        ("builtin:digits@train[0:9]", DATA, Address("builtin", "digits@train", Rows(0, 9))),
        ("folder:C:/photos", DATA, Address("folder", "C:/photos")),
        ("timm:resnet18.a1_in1k", ENCODERS, Address("timm", "resnet18.a1_in1k")),
        ("hf-hub:org/name", ENCODERS, Address("hf-hub", "org/name")),
        ("random:foveate:resnet9", ENCODERS, Address("random", "foveate:resnet9")),
        ("local-dir:odd[name]", ENCODERS, Address("local-dir", "odd[name]")),
    ],
)
def test_parse(text: str, registry: Registry, expected: Address) -> None:
    assert parse(text, registry) == expected


@settings(deadline=None)
@given(
    st.sampled_from(DATA.names()),
    st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), blacklist_characters="[]"), min_size=1),
    st.none() | st.tuples(st.integers(0, 99), st.integers(100, 200)).map(lambda ends: Rows(*ends)),
)
def test_print_and_parse_are_inverse(scheme: str, rest: str, rows: Rows | None) -> None:
    address = Address(scheme, rest, rows)
    assert parse(str(address), DATA) == address


@pytest.mark.parametrize(
    ("text", "registry", "what", "remedy"),
    [
        ("", DATA, "empty data scheme address", "write SCHEME:NAME, e.g. folder:…"),
        ("foldr:x", DATA, "unknown data scheme 'foldr:'", "did you mean folder?"),
        ("folder:", DATA, "nothing stands after 'folder:'", "folder:NAME_OR_PATH"),
        ("folder: ", DATA, "nothing stands after", "folder:NAME_OR_PATH"),
        ("folder:[0:3]", DATA, "nothing stands after", "folder:NAME_OR_PATH"),
        ("folder:x[5]", DATA, "cannot read the slice '[5]'", "[a:b]"),
        ("folder:x[5:3]", DATA, "cannot read the slice", "[a:b]"),
        ("folder:x[3:3]", DATA, "cannot read the slice", "[a:b]"),
        ("folder:x[-3:]", DATA, "cannot read the slice", "[a:b]"),
        ("folder:x[0:1:2]", DATA, "cannot read the slice", "[a:b]"),
        ("folder:x[a:b]", DATA, "cannot read the slice", "[a:b]"),
        ("folder:x[]", DATA, "cannot read the slice", "[a:b]"),
        ("photos", DATA, "has no scheme", "folder:photos"),
        ("rows.parquet", DATA, "has no scheme", "did you mean parquet:rows.parquet?"),
        ("a-000.tar", DATA, "has no scheme", "did you mean wds:a-000.tar?"),
        ("instances.json", DATA, "has no scheme", "did you mean coco:instances.json?"),
        ("resnet18", ENCODERS, "has no scheme", "timm:resnet18"),
        ("weights.pth", ENCODERS, "has no scheme", "foveate convert weights.pth"),
        ("tim:resnet18", ENCODERS, "unknown encoder scheme 'tim:'", "did you mean timm?"),
        ("~nobody-of-that-name/x", DATA, "has no scheme", "folder:"),
        ("x" * 5000, DATA, "has no scheme", "folder:"),
        ("folder:" + "x" * 5000 + "[a]", DATA, "cannot read the slice", "[a:b]"),
    ],
)
def test_wrong_addresses(text: str, registry: Registry, what: str, remedy: str) -> None:
    with pytest.raises(FoveateError) as caught:
        parse(text, registry)
    assert what in caught.value.what
    assert remedy in caught.value.remedy


def test_a_bare_path_is_told_its_scheme(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "config.json").write_text("{}")
    for text, registry, remedy in (
        (str(tmp_path), DATA, f"did you mean folder:{tmp_path}?"),
        (str(tmp_path), ENCODERS, f"did you mean local-dir:{tmp_path}?"),
        (str(run), ENCODERS, f"did you mean run:{run}?"),
    ):
        with pytest.raises(FoveateError) as caught:
            parse(text, registry)
        assert caught.value.remedy == remedy


def test_a_path_that_exists_keeps_its_brackets(tmp_path: Path) -> None:
    (tmp_path / "photos[1]").mkdir()
    address = parse(f"folder:{tmp_path}/photos[1]", DATA)
    assert address == Address("folder", f"{tmp_path}/photos[1]")
    assert parse(f"folder:{tmp_path}/photos[1][0:5]", DATA).rows == Rows(0, 5)


def test_split_at(tmp_path: Path) -> None:
    assert Address("hf", "org/name@test").split_at() == ("org/name", "test")
    assert Address("hf", "org/name").split_at() == ("org/name", None)
    assert Address("run", "runs/a@3/model").split_at() == ("runs/a@3/model", None)
    assert Address("hf", "@test").split_at() == ("@test", None)
    (tmp_path / "odd@name").mkdir()
    assert Address("run", f"{tmp_path}/odd@name").split_at() == (f"{tmp_path}/odd@name", None)
    assert Address("run", f"{tmp_path}/odd@name@4").split_at() == (f"{tmp_path}/odd@name", "4")
    with pytest.raises(FoveateError, match="nothing stands after '@'"):
        Address("hf", "org/name@").split_at()


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("local-dir:/a/b/mobilenet", "local-dir:mobilenet"),
        ("folder:photos/@train[0:5]", "folder:@train[0:5]"),
        ("folder:a/clothing@train", "folder:clothing@train"),
        ("timm:resnet50.a1_in1k", "timm:resnet50.a1_in1k"),
        ("run:runs/mine/", "run:mine"),
        ("plain", "plain"),
    ],
)
def test_brief_keeps_the_last_part_of_a_path(address: str, short: str) -> None:
    from foveate.core.address import brief

    assert brief(address) == short
