"""The dataset card: a README that tells people what the pictures are, and ``datasets`` and hubs which files are which split."""

from __future__ import annotations

from pathlib import Path

from foveate.core.files import write_text
from foveate.rendering.config import Render
from foveate.rendering.designs import Design

COLUMNS = {
    "image": "the picture",
    "mask": "instance numbers, 0 is background; a pixel is an object's where it covers at least half of it",
    "depth": "float32 metres along the viewing axis, infinite for the sky; one sample per pixel, so that edges are hard",
    "objects": "label, box [x0, y0, x1, y1] px of what is seen, mask_id, caption, outline (of the whole, hidden or not), area and visibility "
    "(shares), asset, material, pose (4 × 4, from the object's unit frame into the world), bounds in the world",
    "relations": "subject and object (mask_id) with left, right, above, below, in front of, behind, as the camera sees them",
    "factors": "every factor that the picture was made with",
    "varied": "in one-factor designs, the factor that differs from the default",
    "label": "class of the largest object",
    "imagenet": "ImageNet-1k classes that name it",
    "caption, captions": "one short sentence; all true sentences",
    "stages": "captions of PUG: SPAR's stages, with a hard negative where there is one",
    "negatives": "false sentences, by what was changed: position, attribute, object",
    "camera": "intrinsics (3 × 3, px) and extrinsics (4 × 4, world to camera, x right, y down, z ahead)",
}


def write(folder: Path, design: Design, pictures: int, config: Render) -> None:
    """``README.md`` with the splits in its front matter, as hubs read it."""
    splits = sorted({path.name.partition("-")[0] for path in folder.glob("*.parquet")}, reverse=True)
    files = "".join(f"  - split: {split}\n    path: {split}-*.parquet\n" for split in splits)
    rows = "\n".join(f"| {name} | {what} |" for name, what in COLUMNS.items())
    write_text(
        folder / "README.md",
        f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n"
        f"# {design.name}\n\n{design.about or 'Rendered pictures'}: {pictures:,} planned, {design.size} px, {design.samples} samples, "
        f"seed {config.seed}. Made by `foveate render {config.design}`; the report beside this file tells what came of it.\n\n"
        f"| column | what it is |\n|---|---|\n{rows}\n",
    )
