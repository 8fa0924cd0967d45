# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""Bare ground, rock and water."""

from __future__ import annotations

from materials.nodes import Nodes


def stone(n: Nodes, base: object) -> None:
    big, small = n.noise(3, 8, 0.65), n.noise(30, 6)
    n.surface(Base_Color=n.shade(n.shade(base, big, 0.45, 1.2), small, 0.6, 1.15), Roughness=0.9)
    n.bump(n.noise(11, 10, 0.7), 0.7, 0.03)


def marble(n: Nodes, base: object) -> None:
    veins = n.ramp(n.waves(1.3, 9.0, place=n.stretched(1.0, 1.4, 0.8)), 0.0, 0.16, 1, 0)
    fine = n.ramp(n.waves(3.1, 14.0), 0.0, 0.08, 0.5, 0)
    tint = n.mix(fine, n.mix(veins, base, (0.18, 0.19, 0.22)), (0.45, 0.42, 0.38))
    n.surface(Base_Color=tint, Roughness=0.15, Coat_Weight=0.4, Subsurface_Weight=0.05)


def strata(n: Nodes, base: object) -> None:
    """Layered rock: bands along z, broken by cracks."""
    bands = n.noise(1.0, 6, 0.7, place=n.stretched(0.06, 0.06, 1.6))
    tint = n.shade(n.shade(base, n.ramp(bands, 0.3, 0.7), 0.55, 1.2), n.noise(2.5, 8, 0.7), 0.65, 1.15)
    n.surface(Base_Color=tint, Roughness=0.95)
    n.bump(n.mix(0.5, bands, n.noise(1.6, 8, 0.7)), 0.9, 0.25)


def sand(n: Nodes, base: object) -> None:
    ripples = n.waves(2.6, 3.5, place=n.stretched(1, 2.2, 1))
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(300, 2), 0.8, 1.1), ripples, 0.9), Roughness=0.95)
    n.bump(n.mix(0.25, ripples, n.noise(160, 4)), 0.5, 0.02)


def strand(n: Nodes, base: object) -> None:
    """A beach's sand: trodden, without ripples."""
    n.surface(
        Base_Color=n.shade(n.shade(base, n.noise(260, 2), 0.75, 1.15), n.noise(1.6, 5, 0.6), 0.85, 1.08), Roughness=0.95
    )
    n.bump(n.mix(0.35, n.noise(7, 5, 0.6), n.noise(90, 3)), 0.55, 0.03)


def soil(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(6, 8, 0.7), 0.5, 1.2), n.noise(70, 5), 0.6, 1.2), Roughness=0.95)
    n.bump(n.noise(30, 10, 0.7), 0.8, 0.03)


def snow(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.6, Subsurface_Weight=0.25, Subsurface_Radius=(0.1, 0.12, 0.15))
    n.bump(n.noise(14, 9, 0.6), 0.3, 0.03)


def asphalt(n: Nodes, base: object) -> None:
    grit = n.cells(140)
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(1.5, 6), 0.75), grit, 0.55, 1.5), Roughness=0.9)
    n.bump(grit, 0.5, 0.006)


def water(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.06, Coat_Weight=0.5)
    n.bump(n.noise(3.0, 5, place=n.stretched(1, 2.5, 1)), 0.35, 0.05)


def sea(n: Nodes, base: object) -> None:
    """Open water with a light breeze on it: facets that mirror the sky's blue from higher up."""
    n.surface(Base_Color=base, Roughness=0.12, Specular_IOR_Level=0.35)
    n.bump(n.mix(0.4, n.noise(0.9, 4, 0.6, place=n.stretched(1, 1.6, 1)), n.noise(5, 4, 0.6)), 0.9, 0.35)
