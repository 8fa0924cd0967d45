"""``--sweep``: runs over a grid of settings, halved rung by rung, chosen on held-out rows; test rows are never read."""
