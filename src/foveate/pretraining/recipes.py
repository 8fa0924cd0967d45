"""Recipes: named settings that are known to work, each with its command, hardware, time and the number to expect."""

from __future__ import annotations

from foveate.pretraining.config import Pretrain


def laptop_32() -> Pretrain:
    """SimCLR on small images (32 px, CIFAR class) on two CPU cores.

    Command: ``foveate pretrain folder:cifar10/train --test folder:cifar10/test --recipe laptop-32``
    """
    return Pretrain(
        data="",
        objective="simclr",
        encoder="foveate:resnet9",
        epochs=6,
        set=("temperature=0.2", "projector=512,128"),
        batch=512,
        lr=1.5e-3,
        lr_rule="sqrt",
        optimizer="adamw",
        weight_decay=1e-4,
        warmup=0.5,
        image_size=32,
    )
