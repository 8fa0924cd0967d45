"""The MLP probe: one hidden layer, stopped where held-out training rows say; what it reads beyond the linear probe is not linear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive, torch_stream
from foveate.encoders.heads import MLP
from foveate.measures.scaling import Standardisation
from foveate.probing.readouts import Answers, Rows, TapFeatures
from foveate.probing.rows import hold_out

RATE, WEIGHT_DECAY, BATCH = 1e-3, 1e-4, 128
MOST, PATIENCE = 200, 20
"""Epochs at most, and epochs without a better one after which it stops."""
_ROWS = 16384


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """An MLP probe.

    Attributes:
        answers: on the test rows. hidden: units of its one hidden layer.
        best: the epoch that was best on the held-out training rows, from 1; the probe is trained anew for so many on all.
        curve: accuracy there, epoch by epoch, as far as it went; on the rows it was fitted on: training.
    """

    answers: Answers
    hidden: int
    best: int
    curve: tuple[float, ...]
    training: tuple[float, ...]


def mlp(features: TapFeatures, rows: Rows, *, hidden: int, device: torch.device | str = "cpu") -> Fitted:
    """Train with AdamW on four fifths of the training rows, find the best epoch on the rest, train anew on all for as long.

    Raises:
        FoveateError: no training row can be held out.
    """
    fit, held = hold_out(rows.train, seed=rows.seed)
    if not len(held):
        raise FoveateError(
            "no training row can be spared to stop the MLP probe on.",
            "give at least 3 training images of a class, or --mlp 0",
        )
    part = TapFeatures(train=features.train[fit], test=features.train[held])
    curve: list[float] = []
    training: list[float] = []
    best, best_key = 0, (-1.0, 0.0)
    truth, own = torch.from_numpy(rows.train[held]), torch.from_numpy(rows.train[fit])
    for epoch, (scale, model) in enumerate(_epochs(part.train, rows.train[fit], rows, hidden, device), 1):
        scores = _scores(model, scale, part.test, device)
        curve.append(float((scores.argmax(1) == truth).float().mean()))
        training.append(float((_scores(model, scale, part.train, device).argmax(1) == own).float().mean()))
        # Of equal accuracies the one with the lower cross-entropy, and of these the first.
        key = (curve[-1], -float(F.cross_entropy(scores, truth)))
        if key > best_key:
            best, best_key = epoch, key
        if epoch - best >= PATIENCE or epoch == MOST:
            break
    for epoch, (scale, model) in enumerate(_epochs(features.train, rows.train, rows, hidden, device), 1):
        if epoch == best:
            probability = torch.softmax(_scores(model, scale, features.test, device), 1).numpy()
            break
    predicted = probability.argmax(1)
    answers = Answers(
        predicted=predicted,
        confidence=probability.max(1),
        right=predicted == rows.test,
        setting=f"{hidden} hidden, {best} epochs",
    )
    return Fitted(answers=answers, hidden=hidden, best=best, curve=tuple(curve), training=tuple(training))


def _epochs(
    x: Float[np.ndarray, "n d"], y: np.ndarray, rows: Rows, hidden: int, device: torch.device | str
) -> Iterator[tuple[Standardisation, nn.Module]]:
    """The model after each epoch, without end; it is the same object, trained further."""
    scale = Standardisation.of(torch.from_numpy(x))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(rows.seed, "probe", "mlp", "weights"))
        model = MLP([x.shape[1], hidden, rows.classes], norm=None).to(device)
    labels = torch.from_numpy(y)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    epoch = 0
    while True:
        order = torch.randperm(len(x), generator=torch_stream(rows.seed, "probe", "mlp", "order", epoch))
        for chosen in order.split(min(BATCH, max(16, len(x) // 8))):
            batch = scale(torch.from_numpy(x[chosen.numpy()]).to(device))
            optimizer.zero_grad()
            F.cross_entropy(model(batch), labels[chosen].to(device)).backward()
            optimizer.step()
        epoch += 1
        yield scale, model


def _scores(
    model: nn.Module, scale: Standardisation, x: np.ndarray, device: torch.device | str
) -> Float[Tensor, "n c"]:
    with torch.inference_mode():
        blocks = [model(scale(torch.from_numpy(x[at : at + _ROWS]).to(device))).cpu() for at in range(0, len(x), _ROWS)]
    return torch.cat(blocks)
