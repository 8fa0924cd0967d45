from __future__ import annotations

from typing import Any

import pytest
import torch


def test_it_is_squared_distance_of_pixels(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("autoencoder").eval()
    batch = make_batch(objective)
    with torch.no_grad():
        painted = objective.decoder(objective.encoder.pooled(batch.views[0]))
    expected = ((painted - batch.views[0]).double() ** 2).mean()
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(float(expected), rel=1e-5)


def test_noise_goes_in_and_is_not_asked_for(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("autoencoder", noise=0.5).eval()
    batch = make_batch(objective)
    noise = 0.5 * batch.draw("noise", 3, 16, 16, normal=True)
    with torch.no_grad():
        painted = objective.decoder(objective.encoder.pooled(batch.views[0] + noise))
    torch.testing.assert_close(objective.loss(batch).loss.detach(), (painted - batch.views[0]).square().mean())


def test_it_can_learn_a_picture(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("autoencoder").train()
    batch = make_batch(objective)
    batch.views[0] = batch.views[0][:, :, :4, :4].repeat_interleave(4, 2).repeat_interleave(4, 3)
    optimizer = torch.optim.Adam(objective.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = objective.loss(batch).loss
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
