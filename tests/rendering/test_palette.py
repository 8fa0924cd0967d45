"""The user's own objects, worlds and materials: what their names are, and which files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.rendering.palette import read

TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 1\nf 1 2 3\n"


def objects(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TRIANGLE)
    return str(folder)


def test_names_are_the_files_and_two_of_one_name_have_their_folder_s(tmp_path: Path) -> None:
    palette = read(objects(tmp_path, "a/cup.obj", "b/cup.obj", "My Jug.obj"), (), None)
    assert sorted(palette.own_objects) == ["b-cup", "cup", "my_jug"]


@pytest.mark.parametrize(
    ("names", "words"), [(("a b.obj", "a!b.obj", "a_b.obj"), "is also that of"), (("none.obj",), "meaning of its own")]
)
def test_no_file_takes_another_s_name(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    with pytest.raises(FoveateError, match=words):
        read(objects(tmp_path, *names), (), None)


def test_two_panoramas_of_one_name_are_two_worlds(tmp_path: Path) -> None:
    files = [tmp_path / "a" / "sky.hdr", tmp_path / "b" / "sky.hdr"]
    for file in files:
        file.parent.mkdir()
        file.write_bytes(b"#?RADIANCE\n")
    assert list(read(None, tuple(map(str, files)), None).own_worlds) == ["sky", "b-sky"]


@pytest.mark.parametrize("name", ["noise.hdr", "noise.exr"])
def test_what_is_no_panorama_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(200)))
    with pytest.raises(FoveateError, match="holds no panorama"):
        read(None, (str(tmp_path / name),), None)


def test_what_is_no_texture_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "good.png")
    assert list(read(None, (), str(tmp_path)).own_materials) == ["good"]
    (tmp_path / "bad.png").write_bytes(bytes(500))
    with pytest.raises(FoveateError, match="bad.png is no picture"):
        read(None, (), str(tmp_path))
