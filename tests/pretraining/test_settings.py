from __future__ import annotations

import re
from pathlib import Path

import pytest

from foveate import cli
from foveate.core.errors import FoveateError
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import OBJECTIVES, RECIPES
from foveate.pretraining.settings import batch_for, resolve, warmup_steps

PAGE = Path(__file__).parents[2] / "docs/pretrain.md"


def test_flags_go_before_the_recipe_and_the_recipe_before_advice() -> None:
    recipe = RECIPES.load("laptop-32")()
    plain = resolve(Pretrain(data="builtin:digits", recipe="laptop-32"))
    assert (plain.epochs, plain.batch, plain.lr, plain.set) == (recipe.epochs, recipe.batch, recipe.lr, recipe.set)
    mine = resolve(Pretrain(data="builtin:digits", recipe="laptop-32", epochs=2, set=("temperature=0.5",)))
    assert mine.epochs == 2
    assert mine.batch == recipe.batch
    assert [s for s in mine.set if s.startswith("temperature")] == ["temperature=0.5"]
    other = resolve(Pretrain(data="builtin:digits", recipe="laptop-32", objective="vicreg"))
    assert other.set == ()  # the recipe's knobs are another objective's


@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_everything_is_decided(name: str) -> None:
    settings = resolve(Pretrain(data="builtin:digits", objective=name))
    advice = OBJECTIVES.load(name).advice
    assert {key: getattr(settings, key) for key in advice} == dict(advice)
    open_fields = {key for key, value in vars(settings).items() if value is None}
    free = {"out", "recipe", "test", "batch", "micro_batch", "warmup", "clip", "image_size", "canvas"}
    free |= {"dedup", "subset", "subset_by", "subset_encoder", "class_skew", "progressive"}
    assert open_fields == free | {"weight_decay_end", "layer_decay", "lr_end", "minutes"}


def test_an_encoder_that_is_given_goes_without_the_advised_one_s_arguments() -> None:
    assert resolve(Pretrain(data="", objective="mae")).encoder_set == ("global_pool=avg",)
    assert resolve(Pretrain(data="", objective="mae", encoder="random:vit_tiny_patch16_224")).encoder_set == ()
    mine = resolve(Pretrain(data="", objective="mae", encoder_set=("global_pool=token", "drop_path_rate=0.1")))
    assert mine.encoder_set == ("global_pool=token", "drop_path_rate=0.1")


@pytest.mark.parametrize("name", RECIPES.own)
def test_recipes_are_whole_and_documented(name: str) -> None:
    make = RECIPES.load(name)
    assert resolve(Pretrain(data="builtin:digits", recipe=name)).objective == make().objective
    missing = [word for word in ("Command:", "Hardware:", "Time:", "Expect:") if word not in make.__doc__]
    assert not missing, f"add to the docstring of recipe {name}: {missing}"
    assert f"`{name}`" in PAGE.read_text("utf-8"), f"add {name} to the recipes of docs/{PAGE.name}"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"objective": "simcrl"}, "simclr"),
        ({"recipe": "laptop32"}, "laptop-32"),
        ({"epochs": 0}, "at least 1"),
        ({"batch": 1}, "at least 2"),
        ({"lr": 0.0}, "above 0"),
        ({"lr": float("nan")}, "above 0"),
        ({"clip": -1.0}, "above 0"),
        ({"warmup": -1.0}, "at least 0"),
        ({"image_size": 1}, "at least 4"),
        ({"weight_decay_end": -1.0}, "at least 0"),
        ({"layer_decay": 0.0}, "0.75"),
        ({"layer_decay": 1.5}, "0.75"),
        ({"lr_end": 2.0}, "0.01"),
    ],
)
def test_what_cannot_be_is_said(flags: dict, words: str) -> None:
    with pytest.raises(FoveateError) as caught:
        resolve(Pretrain(data="builtin:digits", **flags))
    assert words in caught.value.remedy


def test_batches_fit_the_data() -> None:
    free, asked = Pretrain(data=""), Pretrain(data="", batch=100)
    assert batch_for(free, 50_000) == 512
    assert batch_for(free, 1_295) == 64
    assert batch_for(free, 40) == 32
    assert batch_for(free, 3) == 2
    assert batch_for(asked, 1_000) == 100
    assert batch_for(asked, 31, processes=2) == 30
    for images, processes in ((1, 1), (3, 2), (0, 1)):
        with pytest.raises(FoveateError, match="cannot fill a batch"):
            batch_for(free, images, processes)


def test_warmup_is_a_tenth_at_most_ten_epochs_and_never_the_whole_run() -> None:
    assert warmup_steps(Pretrain(data="", epochs=50), 20) == 100
    assert warmup_steps(Pretrain(data="", epochs=1000), 20) == 200
    assert warmup_steps(Pretrain(data="", epochs=2, warmup=5.0), 20) == 40
    assert warmup_steps(Pretrain(data="", epochs=6, warmup=0.5), 97) == 48


def test_the_help_of_the_flag_names_every_objective(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["pretrain", "--help"])
    said = " ".join(re.sub(r"[│╭╮╰╯─]", " ", capsys.readouterr().out).split())
    assert f"What is minimised: {', '.join(OBJECTIVES.own)}, or another package's." in said


def test_minutes_take_the_place_of_epochs() -> None:
    assert resolve(Pretrain(data="", minutes=3.0)).epochs is None
    assert resolve(Pretrain(data="", minutes=3.0, recipe="laptop-32")).epochs is None
    with pytest.raises(FoveateError, match="both"):
        resolve(Pretrain(data="", minutes=3.0, epochs=2))
    with pytest.raises(FoveateError, match="minutes"):
        resolve(Pretrain(data="", minutes=0.0))
