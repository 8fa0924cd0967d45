from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from datasets import Image

from foveate.cli import main
from foveate.core import cache
from foveate.core.errors import FoveateError
from foveate.data.load import load
from foveate.features.config import Embed
from foveate.features.verb import run
from foveate.reporting.record import Report

ENCODER, DATA = "random:foveate:resnet9", "builtin:digits[0:96]"


def embed(tmp_path: Path, out: str, **changes: object) -> Report:
    return run(Embed(**{"encoder": ENCODER, "data": DATA, "out": str(tmp_path / out), **changes}))  # type: ignore[arg-type]


def test_the_report_says_what_was_done(tmp_path: Path) -> None:
    first = embed(tmp_path, "one", taps=("pooled", "stages.1"))
    assert "96 images" in first.answer
    assert "0 reused" in first.answer
    assert first.metrics["features.std@pooled"].value is not None
    assert (tmp_path / "one" / "report.html").exists()
    record = json.loads((tmp_path / "one" / "report.json").read_text())
    (table,) = (block for block in record["sections"][0]["blocks"] if block["kind"] == "table")
    assert [row[0] for row in table["rows"]] == ["pooled", "stages.1:mean"]
    second = embed(tmp_path, "two", taps=("pooled", "stages.1"))
    assert "0 computed, 96 reused" in second.answer
    assert second.metrics == first.metrics


def test_spread_is_that_of_the_features(tmp_path: Path) -> None:
    report = embed(tmp_path, "one", export=str(tmp_path / "f.npz"))
    x = np.load(tmp_path / "f.npz")["pooled"].astype(np.float64)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True) * np.sqrt(x.shape[1])
    metric = report.metrics["features.std@pooled"]
    assert metric.value == pytest.approx(unit.std(axis=0).mean(), rel=1e-5)
    assert metric.low is not None
    assert metric.low < metric.value < metric.high  # type: ignore[operator]


def test_all_formats_of_the_same_rows_share_their_features(tmp_path: Path) -> None:
    rows = load(DATA)
    encoded = rows.cast_column("image", Image(decode=False))
    folder, shard = tmp_path / "photos", tmp_path / "rows.tar"
    with tarfile.open(shard, "w") as tar:
        for number, item in enumerate(encoded):
            path = folder / str(item["label"]) / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item["image"]["bytes"])
            for suffix, data in (("png", item["image"]["bytes"]), ("cls", str(item["label"]).encode())):
                member = tarfile.TarInfo(f"{number:04d}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    rows.to_parquet(tmp_path / "rows.parquet")
    rows.save_to_disk(tmp_path / "saved")
    first = embed(tmp_path, "builtin", export=str(tmp_path / "builtin.npz"))
    addresses = [f"folder:{folder}", f"parquet:{tmp_path}/rows.parquet", f"hf:{tmp_path}/saved", f"wds:{shard}"]
    for number, (data, stream) in enumerate([*((address, False) for address in addresses), (addresses[-1], True)]):
        file = tmp_path / f"{number}.npz"
        report = embed(tmp_path, f"run{number}", data=data, stream=stream, export=str(file))
        assert "0 computed, 96 reused" in report.answer, data
        assert sorted(map(bytes, np.load(file)["pooled"])) == sorted(
            map(bytes, np.load(tmp_path / "builtin.npz")["pooled"])
        )
        value = report.metrics["features.std@pooled"].value
        assert value == pytest.approx(first.metrics["features.std@pooled"].value, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"taps": ("stages.99",)}, "no tap"),
        ({"taps": ("pooled:mean",)}, "no readout"),
        ({"export": "features.csv"}, "no format"),
        ({"max_unreadable": 1.5}, "max-unreadable"),
        ({"threads": 0}, "threads"),
        ({"device": "gpu"}, "device"),
        ({"engine": "torchrun"}, "torchrun"),
        ({"data": "builtin:digitz"}, "digitz"),
        ({"stream": True}, "stream"),
    ],
)
def test_mistakes_are_told_and_nothing_is_computed(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(FoveateError, match=said):
        embed(tmp_path, "out", **changes)
    assert not (cache.root() / "features").exists()


def test_a_missing_engine_names_the_install_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(FoveateError, match=r"pip install 'foveate\[ray\]'"):
        embed(tmp_path, "out", engine="ray")


def test_json_goes_to_stdout_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", ENCODER, DATA, "--json", "--out", str(tmp_path / "run")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["verb"] == "embed"
    assert record == json.loads((tmp_path / "run" / "report.json").read_text())


@pytest.mark.real
def test_real_photos_read_from_the_store_the_second_time(real_data: Path, tmp_path: Path) -> None:
    encoder = f"local-dir:{real_data}/encoders/mobilenetv2_100.coral_in1k"
    data = f"folder:{real_data}/clothing10/test[0:64]"
    one = embed(tmp_path, "one", encoder=encoder, data=data, export=str(tmp_path / "1.npz"))
    two = embed(tmp_path, "two", encoder=encoder, data=data, export=str(tmp_path / "2.npz"))
    assert "64 computed" in one.answer
    assert "0 computed" in two.answer
    a, b = np.load(tmp_path / "1.npz"), np.load(tmp_path / "2.npz")
    assert all(np.array_equal(a[name], b[name]) for name in a.files)
