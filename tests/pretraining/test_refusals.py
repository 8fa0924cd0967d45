"""What cannot be trained is refused in one line with its remedy, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import foveate
from foveate.core.errors import FoveateError
from foveate.pretraining import verb
from tests.pretraining.objectives.conftest import of_patches

VIT = "foveate:vit-mini"
CASES: list[tuple[dict[str, Any], str, str]] = [
    # objective × encoder
    *[({"objective": name, "encoder": "foveate:resnet9"}, "patches", "vit-mini") for name in of_patches()],
    ({"objective": "mae", "encoder": "random:swin_tiny_patch4_window7_224", "image_size": 224}, "patches", "vit-mini"),
    ({"objective": "simclr", "freeze_patches": True}, "no patch projection", "vit-mini"),
    # sizes
    ({"objective": "mae", "image_size": 30}, "30×30", "multiple"),
    ({"objective": "mae", "image_size": 4}, "single patch", "larger images"),
    ({"objective": "dino", "encoder": VIT, "set": ("crops=2", "crop_size=6")}, "6 px", "multiple of its patch"),
    ({"objective": "byol", "encoder": VIT, "set": ("crops=2", "crop_size=2")}, "2 px", "multiple of its patch"),
    (
        {"objective": "swav", "encoder": "random:vit_tiny_patch16_224", "set": ("crops=2", "crop_size=96")},
        "96 px",
        "dynamic_img_size=true",
    ),
    *[
        ({"objective": name, "image_size": 32, "set": ("crops=2", "crop_size=64")}, "64 px", "crop_size=16")
        for name in ("simclr", "dino", "swav")
    ],
    ({"objective": "ijepa", "image_size": 8}, "leaves no", "targets=2"),
    # knobs
    ({"objective": "simclr", "set": ("projector=0,8",)}, "no width", "at least 1"),
    *[
        (
            {"objective": name, "set": ("projector=1000000,1000000",)},
            "projector=1000000,1000000 takes",
            "projector=512",
        )
        for name in ("simclr", "byol", "dino", "swav")
    ],
    ({"objective": "byol", "set": ("predictor=2000000000",)}, "predictor=2000000000,128 takes", "predictor=512"),
    ({"objective": "byol", "set": ("predictor=0",)}, "predictor", "at least 1"),
    ({"objective": "simclr", "set": ("temperature=0",)}, "temperature", "0.1"),
    ({"objective": "simclr", "set": ("direct=64",)}, "direct", "projector="),
    ({"objective": "simclr", "set": ("direct=9999", "projector=")}, "256 features", "at most 256"),
    ({"objective": "simclr", "set": ("crops=-1",)}, "crops", "crops=0"),
    ({"objective": "simclr", "set": ("views=photo",)}, "views=photo", "simclr"),
    ({"objective": "simclr", "set": ("temprature=0.1",)}, "temprature", "temperature"),
    ({"objective": "dcl", "set": ("sigma=0",)}, "sigma", "0.5"),
    ({"objective": "moco", "set": ("queue=-1",)}, "queue", "queue=0"),
    ({"objective": "nnclr", "set": ("queue=0",)}, "no neighbour", "8192"),
    ({"objective": "meanshift", "set": ("neighbours=500",)}, "the queue holds", "fewer neighbours"),
    ({"objective": "byol", "set": ("momentum=2",)}, "momentum", "0.99"),
    ({"objective": "byol", "set": ("predictor_rate=0",)}, "predictor_rate", "10"),
    ({"objective": "byol", "set": ("teacher=half",)}, "teacher=half", "all"),
    ({"objective": "dino", "set": ("teacher_temperature=0",)}, "teacher_temperature", "0.04"),
    ({"objective": "dino", "set": ("prototypes=1",)}, "prototypes", "1024"),
    ({"objective": "dino", "set": ("center_momentum=1",)}, "center_momentum", "0.9"),
    ({"objective": "ibot", "set": ("mask=0.5,0.1",)}, "mask", "low <= high"),
    ({"objective": "ibot", "set": ("masked=0",)}, "masked", "0.5"),
    ({"objective": "msn", "set": ("mask=1",)}, "mask", "0.15"),
    ({"objective": "msn", "set": ("prior=-1",)}, "prior", "at least 0"),
    ({"objective": "barlow", "set": ("redundancy=-1",)}, "redundancy", "0.0051"),
    ({"objective": "wmse", "batch": 16}, "whitening", "projector"),
    ({"objective": "swav", "set": ("sharpness=0",)}, "sharpness", "0.05"),
    ({"objective": "lejepa", "set": ("gaussian=2",)}, "gaussian", "0.05"),
    ({"objective": "lejepa", "set": ("slices=0",)}, "slices", "256"),
    ({"objective": "mae", "set": ("mask=1.0",)}, "mask", "0.6"),
    ({"objective": "mae", "set": ("mask_kind=squares",)}, "squares", "random"),
    ({"objective": "mae", "set": ("decoder_width=90",)}, "decoder|predictor", "width"),
    ({"objective": "beit", "set": ("vocabulary=100000",)}, "vocabulary", "at most"),
    ({"objective": "ijepa", "set": ("target_scale=0.5,0.1",)}, "target_scale", "low <= high"),
    ({"objective": "data2vec", "set": ("masks=0",)}, "masks", "at least 1"),
    ({"objective": "rotation", "set": ("least=0",)}, "least", "0.5"),
    ({"objective": "autoencoder", "set": ("noise=-1",)}, "noise", "0.5"),
    ({"objective": "supervised", "set": ("smoothing=1",)}, "smoothing", "0.1"),
    ({"objective": "simclr", "set": ("temperature=inf",)}, "temperature=inf", "0.5"),
    ({"objective": "vicreg", "set": ("variance=nan",)}, "variance=nan", "0.5"),
    ({"objective": "msn", "set": ("prior=1e999",)}, "prior=1e999", "0.5"),
    ({"objective": "simclr", "set": ("jitter=-1",)}, "jitter", "at least 0"),
    ({"objective": "simclr", "set": ("crops=1", "crop_size=0")}, "crop_size", "e.g. 16"),
    ({"objective": "moco", "set": ("momentum_end=1.5",)}, "momentum_end", "momentum_end=1"),
    ({"objective": "meanshift", "set": ("neighbours=0",)}, "neighbours", "at least 1"),
    *[
        ({"objective": name, "set": ("predictor=64",)}, "no knob 'predictor'", "projector")
        for name in ("dino", "ibot", "msn")
    ],
    ({"objective": "dino", "set": ("frozen=-1",)}, "frozen", "0.02"),
    ({"objective": "swav", "set": ("frozen=2",)}, "frozen", "0.02"),
    ({"objective": "swav", "set": ("rounds=0",)}, "rounds", "at least 1"),
    ({"objective": "ibot", "set": ("patch_weight=-1",)}, "patch_weight", "patch_weight=1"),
    ({"objective": "msn", "set": ("sharpness=0",)}, "sharpness", "0.25"),
    ({"objective": "wmse", "set": ("slice=20",)}, "whitening", "at most 10"),
    ({"objective": "wmse", "set": ("cuts=0",)}, "cuts", "cuts=1"),
    ({"objective": "mae", "set": ("mask_unit=0",)}, "mask_unit", "2"),
    ({"objective": "mae", "set": ("decoder_heads=0",)}, "decoder_heads", "at least 1"),
    ({"objective": "beit", "set": ("code_momentum=1",)}, "code_momentum", "0.99"),
    ({"objective": "ijepa", "set": ("least=0",)}, "least", "at least 1"),
    ({"objective": "data2vec", "set": ("mask_kind=squares",)}, "squares", "inverse"),
    # views that grow, blocks that run again
    ({"objective": "simclr", "progressive": 0.0}, "progressive", "0.5"),
    ({"objective": "simclr", "progressive": 1.5}, "progressive", "0.5"),
    *[
        ({"objective": name, "progressive": 0.5}, "fixed size", "simclr")
        for name in ("mae", "ibot", "msn", "autoencoder")
    ],
    (
        {"objective": "simclr", "encoder": "random:vit_tiny_patch16_224", "progressive": 0.5},
        "112 px",
        "dynamic_img_size=true",
    ),
    # which images
    ({"objective": "simclr", "class_skew": 0.5}, "class-skew", "at least 1"),
    ({"objective": "simclr", "dedup": 0.0}, "dedup", "e.g. 5"),
    ({"objective": "simclr", "subset": 1}, "subset", "at least 2"),
    ({"objective": "simclr", "subset": 5000}, "there are", "fewer"),
    ({"objective": "simclr", "subset_by": "balanced"}, "without --subset", "--subset 1000"),
    ({"objective": "simclr", "subset_encoder": "pixels"}, "without --subset", "--subset 1000"),
    ({"objective": "simclr", "subset": 40, "subset_encoder": "pixels"}, "curated", "--subset-by curated"),
    (
        {"objective": "simclr", "subset": 40, "subset_by": "curated", "subset_encoder": "foveate:resnet8"},
        "resnet8",
        "resnet9",
    ),
    # the encoder's arguments and the schedule
    ({"objective": "simclr", "encoder_set": ("drop_path_rate",)}, "no value", "NAME|drop_path_rate=VALUE"),
    ({"objective": "simclr", "encoder_set": ("wings=2",)}, "wings", "residual nets take"),
    ({"objective": "simclr", "layer_decay": 0.0}, "layer-decay", "0.75"),
    ({"objective": "simclr", "epochs": 1, "minutes": 1.0}, "both", "one of them"),
]


@pytest.mark.parametrize(("settings", "what", "remedy"), CASES, ids=[str(i) for i in range(len(CASES))])
def test_it_is_refused(settings: dict[str, Any], what: str, remedy: str, tmp_path: Path) -> None:
    config = {"epochs": None if "minutes" in settings else 1, "device": "cpu", **settings}
    with pytest.raises(FoveateError, match=what) as caught:
        foveate.pretrain("builtin:digits[0:80]", out=str(tmp_path / "run"), **config)
    assert any(word in caught.value.remedy for word in remedy.split("|"))
    assert "\n" not in f"{caught.value.what}{caught.value.remedy}"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("objective", ["simclr", "byol", "mae"])
def test_one_image_is_not_a_batch(objective: str, tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="at least 2|cannot fill"):
        foveate.pretrain("builtin:digits[0:80]", objective=objective, batch=1, out=str(tmp_path / "run"))


def test_a_queue_longer_than_the_data_is_as_long_as_the_data(tmp_path: Path) -> None:
    report = foveate.pretrain(
        "builtin:digits[0:80]", objective="moco", epochs=1, set=("queue=99999",), out=str(tmp_path / "run")
    )
    assert report.metrics


def test_memory_that_runs_out_on_the_way_names_what_was_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ... (Cannot allocate memory)")

    monkeypatch.setattr(verb, "build", short)
    with pytest.raises(FoveateError, match="not enough memory") as caught:
        foveate.pretrain("builtin:digits[0:80]", set=("projector=64,90000", "jitter=1"), out=str(tmp_path / "run"))
    assert "narrower layers than projector=64,90000, a smaller --micro-batch" in caught.value.remedy
