# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""What the worker does for a request."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import skies
from files import UnwritableError
from passes import render, visibility
from stage import Stage


def respond(request: dict, theatre: Stage, folder: Path) -> dict:
    """``render``: a shot into ``out`` (.npz). ``look``: a user's object or panorama, whether and how large it loads."""
    if request["do"] == "look" and request["asset"].lower().endswith((".hdr", ".exr")):
        width, height = skies.given(request["asset"]).size
        return {"ok": True, "width": width, "height": height}
    if request["do"] == "look":
        prop = theatre.prop(request["asset"])
        return {"ok": True, "triangles": len(prop.faces), "extent": float(1 / prop.fit[0, 0])}
    shot, out = request["shot"], Path(request["out"])
    truth = theatre.set(shot)
    found, rendered = render(theatre.scene, shot, theatre.names, folder)
    truth |= {"bounds": [], "visibility": [], "outline": []}
    for index, surface in enumerate(truth.pop("surface")):
        share, box = visibility(surface, found["coverage"][index], truth["camera"])
        truth["visibility"].append(share)
        truth["outline"].append(box)
    for index, (points, faces) in enumerate(zip(truth.pop("points"), truth.pop("faces"), strict=True)):
        truth["bounds"].append([points.min(0).tolist(), points.max(0).tolist()])
        if "mesh" in shot["passes"]:
            found[f"mesh{index}.vertices"], found[f"mesh{index}.faces"] = (
                points.astype(np.float32),
                faces.astype(np.int32),
            )
    found["truth"] = np.frombuffer(json.dumps(truth).encode(), np.uint8)
    part = out.with_name(f".{out.name}.tmp")
    try:
        with open(part, "wb") as stream:
            np.savez(stream, **found)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UnwritableError(out.parent, error.strerror or str(error)) from None
    return {"ok": True, "rendered": rendered}
