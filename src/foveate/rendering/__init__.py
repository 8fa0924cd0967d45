"""Render: pictures in which every factor is chosen, with their truth (PUG)."""
