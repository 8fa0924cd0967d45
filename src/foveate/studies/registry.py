"""The visible list of studies: one file each."""

from __future__ import annotations

from foveate.core.registry import Registry

STUDIES = Registry(
    "study",
    {
        "cookbook": "foveate.studies.cookbook:STUDY",
        "estimators": "foveate.studies.estimators:STUDY",
        "pug": "foveate.studies.pug:STUDY",
    },
)
