"""LiDAR: how many directions tell images apart more than an image's own views differ."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.measures.arrays import as_matrix
from foveate.measures.spectrum import effective_rank


def lidar(X: Float[Tensor, "n q d"], *, delta: float = 1e-4) -> float:
    """LiDAR (Thilak et al. 2023): the effective rank of linear discriminant analysis whose classes are images.

    exp of the entropy of the eigenvalues' shares of Σw^-½ Σb Σw^-½, where Σb is the covariance of the images' means and
    Σw that of views about their image's mean, plus δ·I. From 1 to min(n - 1, d); 0 where all images' means are the same.
    The paper takes n = 1,000 images and q = 50 views.

    The eigenvalues are those of B Σw⁻¹ Bᵀ or of L⁻¹ Σb L⁻ᵀ (Σw = L Lᵀ, B the n centred means), whichever is smaller, so that
    no root of Σw is taken; features wider than n·q are first turned into the space that they span.

    Args:
        X: embeddings of q views of each of n images. delta: δ, in the square of the features' units.

    Raises:
        FoveateError: a feature is not finite.
    """
    n, q, d = X.shape
    assert n > 1, "LiDAR compares images: at least two"
    assert q > 1, "LiDAR needs several views of an image"
    assert delta > 0, "delta is above 0"
    x = as_matrix(X.reshape(n * q, d)).double()
    if n * q < d:
        x = torch.linalg.qr(x.T, mode="r").R.T  # lengths and angles stay, and δ·I is δ·I there too
    views = x.view(n, q, -1)
    means = views.mean(dim=1)
    within = (views - means[:, None]).flatten(0, 1)
    between = means - means.mean(dim=0)
    scatter = within.T @ within / (n * q)
    scatter.diagonal().add_(delta)
    root = torch.linalg.cholesky(scatter)
    white = torch.linalg.solve_triangular(root, between.T, upper=False)  # [d n]
    gram = white.T @ white if n < white.shape[0] else white @ white.T
    return effective_rank(torch.linalg.eigvalsh(gram).clamp_min(0))
