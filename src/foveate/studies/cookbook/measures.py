"""One training, and all that claims read of it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from foveate.core.run import read_log
from foveate.core.seeds import numpy_stream
from foveate.data.load import load
from foveate.encoders.load import load as load_encoder
from foveate.features.embed import embed
from foveate.measures.neighbours import nearest, vote
from foveate.measures.ridge import fit as fit_ridge
from foveate.studies.cookbook.conditions import CONDITIONS
from foveate.studies.cookbook.worlds import VIEWS, train_and_test
from foveate.studies.study import Values

K = 20


def trained(world: str, name: str, seed: int, options: Mapping[str, Any]) -> Values:
    """Train under a condition and read the run.

    Returns:
        knn, ridge: accuracy on test rows. untrained: kNN of the untrained twin. gain: knn less it. shuffled: kNN on shuffled
        labels, less chance. rankme: of the backbone. spread: mean distance of embeddings from their centre over their norm;
        untrained_spread: before training. held_out, offline, online: kNN, ridge and online probe on rows of the training
        set that are not trained on.
    """
    from foveate.pretraining import verb as pretraining
    from foveate.pretraining.config import Pretrain

    condition = CONDITIONS[name]
    data, test = train_and_test(world, options)
    with tempfile.TemporaryDirectory() as folder:
        settings = dict(condition.settings)
        settings["set"] = (*VIEWS.get(world, ()), *settings.pop("set"))
        base = Pretrain(
            data=data, batch=options.get("batch", 128), image_size=32, warmup=0.5, seed=seed, out=f"{folder}/run",
            epochs=max(1, round(options["epochs"] * condition.passes)),
        )  # fmt: skip
        pretraining.train(dataclasses.replace(base, **settings), tested=False)
        return _read(Path(folder) / "run", data, test, seed)


def _read(run: Path, data: str, test: str, seed: int) -> dict[str, float]:
    epochs = [line for line in read_log(run) if line["event"] == "epoch"]
    first, last = epochs[0], epochs[-1]
    place = "_projector" if "spread_projector" in last else ""
    encoder, rows = load_encoder(f"run:{run}"), (load(data), load(test))
    read = _accuracies(encoder, rows, seed)
    untrained = _accuracies(encoder.untrained(seed), rows, seed)["knn"]
    return read | {
        "untrained": untrained,
        "gain": read["knn"] - untrained,
        "rankme": float(last["rankme"]),
        "spread": float(last[f"spread{place}"]),
        "untrained_spread": float(first[f"spread{place}"]),
        "held_out": float(last["knn"]),
        "offline": float(last["linear"]),
        "online": float(last["probe"]),
    }


def _accuracies(encoder: Any, rows: tuple[Any, Any], seed: int) -> dict[str, float]:
    """kNN and ridge on test rows, and kNN with the training labels shuffled, less chance."""
    (X, y), (Z, truth) = (_tensors(encoder, each) for each in rows)
    classes = int(max(y.max(), truth.max())) + 1
    similarity, index = nearest(Z, X, min(K, len(X)))
    mixed = y[torch.from_numpy(numpy_stream(seed, "shuffled").permutation(len(y)))]

    def right(labels: Tensor) -> float:
        return float((vote(labels[index], similarity, classes).argmax(1) == truth).float().mean())

    shares = [torch.bincount(each, minlength=classes).double() / len(each) for each in (y, truth)]
    ridge = torch.as_tensor(fit_ridge(X, y, classes).predict(Z))
    return {
        "knn": right(y),
        "ridge": float((ridge == truth).float().mean()),
        "shuffled": right(mixed) - float(shares[0] @ shares[1]),
    }


def _tensors(encoder: Any, dataset: Any) -> tuple[Tensor, Tensor]:
    features = embed(encoder, dataset, ("pooled",))
    return features.tensor("pooled").float(), torch.as_tensor(features.labels)
