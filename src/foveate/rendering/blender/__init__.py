"""What runs inside Blender, in a process of its own, and is never imported by the rest: only the files of this folder import ``bpy``.

Blender is GPL-3.0-or-later; these files, like all of foveate, are Apache-2.0, which the GPL version 3 is compatible with, so that the two may
run in one process. The rest of foveate talks to that process through a pipe, in JSON, and is no part of the combined work.
"""
