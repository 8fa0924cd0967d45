"""Recipes: named settings that are known to work, each with its command, hardware, time and the number to expect."""

from __future__ import annotations

from foveate.pretraining.config import Pretrain


def laptop_32() -> Pretrain:
    """SimCLR on small images (32 px, CIFAR class) on two CPU cores.

    Command: ``foveate pretrain folder:cifar10/train --test folder:cifar10/test --recipe laptop-32``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: six minutes for the 50,000 images at 880 to 1,070 images/s; ``--epochs 12`` takes twelve.
    Expect: kNN accuracy .566 [.556, .576] on the 10,000 test images, .612 [.602, .621] with ``--epochs 12``; .342 before
    training (one seed each; docs/log.md).
    """
    return Pretrain(
        data="",
        objective="simclr",
        encoder="foveate:resnet9",
        epochs=6,
        set=("temperature=0.1", "projector=512,128"),
        batch=128,
        lr=4e-3,
        lr_rule="sqrt",
        optimizer="adamw",
        weight_decay=1e-4,
        warmup=0.5,
        image_size=32,
    )
