from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objective import Progress
from foveate.pretraining.objectives.beit import Vocabulary

SMALL = {"vocabulary": 32}
BASE = {"mask_kind": "squares"}  # mask_unit is their side


def test_it_is_cross_entropy_at_hidden_patches(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("beit").eval()
    batch = make_batch(objective)
    output = objective.loss(batch)
    hidden = objective.config.draw((4, 4), batch)
    words = objective.vocabulary.words.double().numpy()
    pixels = objective.patches.pixels(batch.views[0]).double().numpy()
    with torch.no_grad():
        seen = objective.patches(objective.backbone, batch.views[0], hide=hidden, token=objective.mask_token).patches
        logits = objective.head(seen).double().numpy()
    losses = []
    for i in range(8):
        each = []
        for n in np.flatnonzero(hidden[i].numpy()):
            word = int(np.argmin(((words - pixels[i, n]) ** 2).sum(1)))
            each.append(np.log(np.exp(logits[i, n]).sum()) - logits[i, n, word])
        losses.append(np.mean(each))
    assert float(output.loss.detach()) == pytest.approx(np.mean(losses), rel=1e-5)


def test_the_vocabulary_finds_planted_kinds() -> None:
    """Four clusters of vectors, however the first batch is drawn: after some steps a word stands at each."""
    stream = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.0, 0], [10, 0], [0, 10], [10, 10]])
    vocabulary = Vocabulary(8, 2, momentum=0.9)
    for _ in range(60):
        which = torch.randint(4, (16, 8), generator=stream)
        vocabulary(centres[which] + 0.3 * torch.randn(16, 8, 2, generator=stream), stream)
        vocabulary.update()
    nearest = torch.cdist(centres, vocabulary.words).min(1).values
    assert float(nearest.max()) < 0.5


def test_words_are_moving_averages_of_their_members() -> None:
    vocabulary = Vocabulary(2, 1, momentum=0.5)
    stream = torch.Generator().manual_seed(0)
    x = torch.tensor([[[0.0], [1.0]]])
    vocabulary(x, stream)
    order = vocabulary.words[:, 0].tolist()
    assert sorted(order) == [0.0, 1.0]
    vocabulary(torch.tensor([[[0.2], [0.3], [1.4]]]), stream)
    vocabulary.update()
    # counts ½·1 + ½·{2, 1}; sums ½·{0, 1} + ½·{.5, 1.4}
    expected = {0.0: 0.25 / 1.5, 1.0: 1.2 / 1.0}
    assert vocabulary.words[:, 0].tolist() == pytest.approx([expected[each] for each in order])


def test_a_word_that_nothing_uses_is_replaced() -> None:
    vocabulary = Vocabulary(2, 1, momentum=0.1)
    stream = torch.Generator().manual_seed(0)
    vocabulary(torch.tensor([[[0.0], [50.0]]]), stream)
    for _ in range(8):
        vocabulary(torch.tensor([[[0.0], [0.1], [1.0], [1.1]]]), stream)
        vocabulary.update()
    assert float(vocabulary.words.max()) < 2


def test_more_words_than_patches_are_refused(build_objective: Any) -> None:
    with pytest.raises(FoveateError, match="vocabulary"):
        build_objective("beit", vocabulary=1000)


def test_it_moves_after_a_step(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("beit")
    objective.loss(make_batch(objective))
    before = objective.vocabulary.words.clone()
    objective.after_step(Progress(1, 10))
    assert not torch.equal(before, objective.vocabulary.words)
