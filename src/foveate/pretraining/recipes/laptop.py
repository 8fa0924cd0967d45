"""Recipes for two CPU cores. What they reached stands in docs/log.md with its seeds."""

from __future__ import annotations

from dataclasses import replace

from foveate.pretraining.config import Pretrain


def laptop_32() -> Pretrain:
    """SimCLR on small images (32 px, CIFAR class) on two CPU cores.

    Command: ``foveate pretrain folder:cifar10/train --test folder:cifar10/test --recipe laptop-32``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: six minutes for the 50,000 images at 880 to 1,070 images/s; ``--epochs 12`` takes twelve, ``--minutes 60`` an hour.
    Expect: kNN accuracy .566 [.556, .576] on the 10,000 test images, .612 [.602, .621] with ``--epochs 12``, .689 [.680, .698]
    and linear .694 [.685, .703] in an hour; .342 before training (one seed each; docs/log.md).
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


def laptop_64() -> Pretrain:
    """SimCLR on images of about 64 px, or larger ones seen at 64 px, on two CPU cores.

    Command: ``foveate pretrain folder:clothing10/train --test folder:clothing10/test --recipe laptop-64``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: 220 CPU seconds for 768 photographs, at about 140 images a CPU second.
    Expect: on clothing10's photographs (768 are trained on, ten kinds of clothes) kNN .323 [.277, .372] and ridge .387 [.339,
    .438] on its 372 test images; .239 and .218 before training (one seed; docs/log.md).
    """
    return replace(laptop_32(), epochs=40, warmup=4.0, image_size=64)


def photos_small() -> Pretrain:
    """SimCLR from scratch on a few thousand photographs, seen at 64 px, on two CPU cores: laptop-64 with harder colours.

    At 128 px, with milder colours, the same 768 photographs read .315 by ridge in three times the time, and the monitors named a
    colour shortcut. So few photographs say little: trained weights read .68 by kNN and more (``from-pretrained``).

    Command: ``foveate pretrain folder:clothing10/train --test folder:clothing10/test --recipe photos-small``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: about 230 CPU seconds for 768 photographs.
    Expect: on clothing10 ridge .382 [.334, .432] and kNN .266 [.224, .313] on its 372 test images; .218 and .239 before training
    (one seed; docs/log.md).
    """
    colours = ("view.jitter=0.8,0.8,0.8,0.2", "view.grayscale=0.4", "view.solarize=0.2")
    return replace(laptop_64(), set=(*laptop_64().set, *colours))


def from_pretrained() -> Pretrain:
    """Go on from trained weights on images of one's own: low rates, lower ones in the blocks that are more general.

    Command: ``foveate pretrain folder:clothing10/train --test folder:clothing10/test --recipe from-pretrained --encoder
    timm:mobilenetv2_100.ra_in1k --image-size 128``
    Hardware: two CPU cores, or any GPU; 4 GB of memory.
    Time: 260 CPU seconds for EfficientNet-Lite0 and 768 photographs.
    Expect: no miracle on so few: EfficientNet-Lite0 on clothing10 read kNN .656 before and .622 after on 122 held-out images,
    ridge .711 and .711; .680 [.631, .725] and .742 on the 372 test images (one seed; docs/log.md).
    """
    return replace(
        laptop_32(), encoder="timm:resnet50.a1_in1k", epochs=5, batch=64, lr=2e-4, layer_decay=0.75, image_size=None
    )


def mim_small() -> Pretrain:
    """A masked objective on a small vision transformer and small images, on two CPU cores.

    Joint embedding learns more in the same time (docs/cookbook); this is for whoever wants a masked one.

    Command: ``foveate pretrain folder:cifar10/train --test folder:cifar10/test --recipe mim-small``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: about eight CPU minutes for 12 epochs of 10,000 images, at 226 images a CPU second.
    Expect: on CIFAR-10's train[0:10000] with ``--epochs 12`` kNN .343 [.330, .356] and ridge .456 [.442, .470] on 5,000 test images;
    .269 and .386 before training (one seed; docs/log.md).
    """
    return Pretrain(
        data="",
        objective="mae",
        encoder="foveate:vit-mini",
        encoder_set=("global_pool=avg",),
        epochs=40,
        set=("mask=0.75",),
        batch=128,
        lr=1e-3,
        lr_rule="sqrt",
        optimizer="adamw",
        weight_decay=5e-2,
        image_size=32,
    )


def long_tail() -> Pretrain:
    """SimCLR for classes of very unequal size, on two CPU cores: it has no prototypes that would have to share them evenly.

    A prior that follows the classes (``--objective msn --set prior=0.25``, Assran et al. 2023) is the textbook's answer, and
    learns much slower in short runs. With labels, ``--class-skew 1`` draws the classes evenly.

    Command: ``foveate pretrain folder:skewed --test folder:cifar10/test --recipe long-tail``
    Hardware: two CPU cores with bfloat16 (AVX-512), 2 GB of memory.
    Time: one CPU minute for 2,600 images of 32 px.
    Expect: on 2,605 images of CIFAR-10, 900 of the first class to 20 of the last, kNN .263 [.244, .283] on 2,000 balanced test
    images; SwAV .226, untrained .190 (one seed; docs/cookbook/skewed.md).
    """
    return replace(laptop_32(), epochs=12)
