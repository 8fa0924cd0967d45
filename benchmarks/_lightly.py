"""The peer of ``objective_step`` and ``laptop_hour``: lightly's own parts in a plain PyTorch loop, one objective of each family.

fp32, SGD or AdamW, lightly's transforms on PIL images in a DataLoader of two workers: what its examples show. The network and the
widths of the heads are ours, so that both sides do the same work. lightly is no dependency of foveate: ``pip install lightly``; 1.6.0 is what docs/benchmarks.md was measured with.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from lightly import loss as losses
from lightly import transforms
from lightly.models import modules, utils
from PIL import Image
from torch import Tensor, nn

from foveate.encoders.load import load

WORKERS, AHEAD = 2, 2  # of the loader: PyTorch's default is to prepare two batches a worker


class Peer(nn.Module, ABC):
    """A network with its loss: ``forward(views)``; ``views`` makes an image's; ``after_step`` moves what follows."""

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__()
        self.size = size
        self.body = load(encoder, args={"global_pool": "avg"} if "vit" in encoder else {})

    @abstractmethod
    def views(self) -> Callable[[Image.Image], list[Tensor]]:
        """What a loader does to each image."""

    def optimizer(self, *, rate: float = 0.06, decay: float = 5e-4) -> torch.optim.Optimizer:
        """SGD with the rate of lightly's CIFAR-10 benchmark for a batch of 128."""
        trained = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.SGD(trained, lr=rate, momentum=0.9, weight_decay=decay)

    def after_step(self, share: float) -> None:
        """``share`` of the run is over."""


class Compared(Peer):
    """Two views and a head; a subclass sets ``head``, ``criterion`` and ``transform``."""

    head: nn.Module
    criterion: nn.Module
    transform: type

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__(encoder, size)
        self.backbone = self.body.module

    def views(self) -> Callable[[Image.Image], list[Tensor]]:
        made: Callable[[Image.Image], list[Tensor]] = self.transform(self.size, gaussian_blur=0.0)
        return made

    def forward(self, views: list[Tensor]) -> Tensor:
        a, b = (self.head(self.backbone(x)) for x in views)
        loss: Tensor = self.criterion(a, b)
        return loss


class SimCLR(Compared):
    """NT-Xent on a two-layer head."""

    transform = transforms.SimCLRTransform

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__(encoder, size)
        self.head = modules.heads.SimCLRProjectionHead(self.body.width, 512, 128)
        self.criterion = losses.NTXentLoss()


class VICReg(Compared):
    """Three layers of 1,024."""

    transform = transforms.VICRegTransform

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__(encoder, size)
        self.head = modules.heads.BarlowTwinsProjectionHead(self.body.width, 1024, 1024)
        self.criterion = losses.VICRegLoss()


class BYOL(Peer):
    """Student with predictor, teacher by moving average, both ways."""

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__(encoder, size)
        self.student = nn.Sequential(self.body.module, modules.heads.BYOLProjectionHead(self.body.width, 512, 128))
        self.predictor = modules.heads.BYOLPredictionHead(128, 512, 128)
        self.teacher = copy.deepcopy(self.student)
        utils.deactivate_requires_grad(self.teacher)
        self.criterion = losses.NegativeCosineSimilarity()

    def views(self) -> Callable[[Image.Image], list[Tensor]]:
        first = transforms.BYOLView1Transform(input_size=self.size, gaussian_blur=0.0)
        second = transforms.BYOLView2Transform(input_size=self.size, gaussian_blur=0.0)
        made: Callable[[Image.Image], list[Tensor]] = transforms.BYOLTransform(first, second)
        return made

    def forward(self, views: list[Tensor]) -> Tensor:
        with torch.no_grad():
            targets = [self.teacher(x) for x in views]
        guesses = [self.predictor(self.student(x)) for x in views]
        loss: Tensor = (self.criterion(guesses[0], targets[1]) + self.criterion(guesses[1], targets[0])) / 2
        return loss

    def after_step(self, share: float) -> None:
        utils.update_momentum(self.student, self.teacher, m=1 - 0.004 * (1 + math.cos(math.pi * share)) / 2)


class MAE(Peer):
    """A quarter of the patches is encoded; a decoder of two blocks, 96 wide, paints the others."""

    def __init__(self, encoder: str, size: int) -> None:
        super().__init__(encoder, size)
        self.backbone = modules.MaskedVisionTransformerTIMM(vit=self.body.module)
        embed = self.body.module.patch_embed
        self.patch = embed.patch_size[0]
        self.decoder = modules.MAEDecoderTIMM(
            embed.num_patches, self.patch, embed_dim=self.body.width, decoder_embed_dim=96, decoder_depth=2,
            decoder_num_heads=4,
        )  # fmt: skip

    def views(self) -> Callable[[Image.Image], list[Tensor]]:
        made: Callable[[Image.Image], list[Tensor]] = transforms.MAETransform(self.size)
        return made

    def optimizer(self, *, rate: float = 1.5e-4, decay: float = 0.05) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=decay, betas=(0.9, 0.95))

    def forward(self, views: list[Tensor]) -> Tensor:
        images = views[0]
        count = (len(images), self.backbone.sequence_length)
        shown, hidden = utils.random_token_mask(size=count, mask_ratio=0.75, device=images.device)
        seen = self.decoder.embed(self.backbone.encode(images=images, idx_keep=shown))
        canvas = utils.repeat_token(self.decoder.mask_token, count)
        painted = self.decoder.decode(utils.set_at_index(canvas, shown, seen.type_as(canvas)))
        guess = self.decoder.predict(utils.get_at_index(painted, hidden))
        wanted = utils.get_at_index(utils.patchify(images, self.patch), hidden - 1)
        return nn.functional.mse_loss(guess, wanted)


class Views(torch.utils.data.Dataset[Any]):
    """PIL images in memory, already decoded, and what makes views of them.

    Args:
        images: uint8 [n 3 h w].
    """

    def __init__(self, images: Tensor, transform: Callable[[Image.Image], list[Tensor]]) -> None:
        self.images = [Image.fromarray(np.ascontiguousarray(x.permute(1, 2, 0).numpy())) for x in images]
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> list[Tensor]:
        return list(self.transform(self.images[i]))


def loader(peer: Peer, images: Tensor, batch: int) -> Any:
    """A shuffling DataLoader of two workers, whole batches only."""
    return torch.utils.data.DataLoader(
        Views(images, peer.views()), batch, shuffle=True, num_workers=WORKERS, prefetch_factor=AHEAD, drop_last=True,
        persistent_workers=True,
    )  # fmt: skip


def forever(batches: Any) -> Iterator[list[Tensor]]:
    """Epoch after epoch."""
    while True:
        yield from batches
