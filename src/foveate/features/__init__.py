"""Embed once, store, read many times."""
