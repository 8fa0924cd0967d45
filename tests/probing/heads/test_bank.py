"""The bank: each head as if it were trained alone, by torch's own SGD; and what only one head can read."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from foveate.core.seeds import torch_stream
from foveate.probing.heads.bank import Bank, batch_for


def features(seed: int = 0, rows: int = 50) -> tuple[dict[str, np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, rows)
    parts = {
        name: random.normal(2, 3, (rows, width)).astype(np.float32) for name, width in (("a", 4), ("b", 4), ("c", 7))
    }
    parts["a"][:, 0] += 3 * labels
    return parts, labels


INPUTS = {"a": ("a",), "b": ("b",), "ab": ("a", "b"), "cb": ("c", "b")}


def alone(x: np.ndarray, y: np.ndarray, rate: float, epochs: int, batch: int, seed: int) -> nn.Linear:
    """torch.optim.SGD with momentum on the same batches, in float64."""
    data = torch.from_numpy(x).double()
    data = (data - data.mean(0)) / data.std(0, correction=0)
    head = nn.Linear(x.shape[1], 3).double()
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.SGD(head.parameters(), lr=rate, momentum=0.9)
    steps = epochs * -(-len(y) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(epochs):
        for rows in torch.randperm(len(y), generator=torch_stream(seed, "heads", "order", epoch)).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(data[rows]), torch.from_numpy(y)[rows]).backward()
            optimizer.step()
            schedule.step()
    return head


def test_every_head_is_the_one_trained_alone() -> None:
    parts, labels = features()
    rates = (0.01, 0.3)
    bank = Bank(INPUTS, parts, labels, 3, rates, epochs=4, batch=16, seed=5)
    assert [group.inputs for group in bank.groups] == [["a", "b"], ["ab"], ["cb"]], "one product for each width"
    found = dict(bank.scores(parts))
    for name, used in INPUTS.items():
        x = np.concatenate([parts[part] for part in used], axis=1)
        scaled = torch.from_numpy(x).double()
        scaled = (scaled - scaled.mean(0)) / scaled.std(0, correction=0)
        for number, rate in enumerate(rates):
            expected = torch.log_softmax(alone(x, labels, rate, 4, 16, 5)(scaled), dim=1)
            torch.testing.assert_close(found[name][number].double(), expected, rtol=1e-3, atol=1e-4)


def test_a_head_that_diverges_spoils_no_other() -> None:
    parts, labels = features()
    wild = dict(Bank(INPUTS, parts, labels, 3, (0.1, 1e38), epochs=2, batch=16, seed=1).scores(parts))
    calm = dict(Bank(INPUTS, parts, labels, 3, (0.1,), epochs=2, batch=16, seed=1).scores(parts))
    assert not torch.isfinite(wild["a"][1]).all()
    for name in INPUTS:
        torch.testing.assert_close(wild[name][0], calm[name][0])


def test_the_same_seed_gives_the_same_heads() -> None:
    parts, labels = features()
    one, two, other = (
        dict(Bank(INPUTS, parts, labels, 3, (0.1,), epochs=1, batch=16, seed=seed).scores(parts)) for seed in (1, 1, 2)
    )
    assert torch.equal(one["ab"], two["ab"])
    assert not torch.equal(one["ab"], other["ab"])


@pytest.mark.parametrize(("rows", "batch"), [(20, 16), (400, 50), (100_000, 256)])
def test_few_rows_still_make_steps(rows: int, batch: int) -> None:
    assert batch_for(rows) == batch
