"""The one loop that any objective runs in."""
