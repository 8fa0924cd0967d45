"""The visible lists of the pretraining room. Imports nothing heavy."""

from __future__ import annotations

from foveate.core.registry import Registry

OBJECTIVES = Registry(
    "objective",
    {
        # deep metric learning: other images repel, or neighbours attract
        "simclr": "foveate.pretraining.objectives.simclr:SimCLR",
        "dcl": "foveate.pretraining.objectives.dcl:DCL",
        "moco": "foveate.pretraining.objectives.moco:MoCo",
        "nnclr": "foveate.pretraining.objectives.nnclr:NNCLR",
        "meanshift": "foveate.pretraining.objectives.meanshift:MeanShift",
        "supcon": "foveate.pretraining.objectives.supcon:SupCon",
        # self-distillation: a student predicts its slow copy, or itself
        "byol": "foveate.pretraining.objectives.byol:BYOL",
        "simsiam": "foveate.pretraining.objectives.simsiam:SimSiam",
        "dino": "foveate.pretraining.objectives.dino:DINO",
        "ibot": "foveate.pretraining.objectives.ibot:IBOT",
        "msn": "foveate.pretraining.objectives.msn:MSN",
        # canonical correlation: the batch's statistics keep embeddings apart
        "vicreg": "foveate.pretraining.objectives.vicreg:VICReg",
        "barlow": "foveate.pretraining.objectives.barlow:BarlowTwins",
        "wmse": "foveate.pretraining.objectives.wmse:WMSE",
        "swav": "foveate.pretraining.objectives.swav:SwAV",
        "lejepa": "foveate.pretraining.objectives.lejepa:LeJEPA",
        # masked: what is hidden is predicted, as words, pixels or tokens
        "beit": "foveate.pretraining.objectives.beit:BEiT",
        "mae": "foveate.pretraining.objectives.mae:MAE",
        "simmim": "foveate.pretraining.objectives.simmim:SimMIM",
        "ijepa": "foveate.pretraining.objectives.ijepa:IJEPA",
        "data2vec": "foveate.pretraining.objectives.data2vec:Data2Vec",
        # baselines
        "rotation": "foveate.pretraining.objectives.rotation:Rotation",
        "autoencoder": "foveate.pretraining.objectives.autoencoder:Autoencoder",
        "supervised": "foveate.pretraining.objectives.supervised:Supervised",
    },
)

RECIPES = Registry(
    "recipe",
    {
        "laptop-32": "foveate.pretraining.recipes.laptop:laptop_32",
        "laptop-64": "foveate.pretraining.recipes.laptop:laptop_64",
        "photos-small": "foveate.pretraining.recipes.laptop:photos_small",
        "mim-small": "foveate.pretraining.recipes.laptop:mim_small",
        "long-tail": "foveate.pretraining.recipes.laptop:long_tail",
        "from-pretrained": "foveate.pretraining.recipes.laptop:from_pretrained",
        "vit-s-imagenet": "foveate.pretraining.recipes.datacentre:vit_s_imagenet",
        "vit-b-imagenet": "foveate.pretraining.recipes.datacentre:vit_b_imagenet",
        "resnet50-imagenet": "foveate.pretraining.recipes.datacentre:resnet50_imagenet",
        "one-gpu-day": "foveate.pretraining.recipes.datacentre:one_gpu_day",
    },
)
