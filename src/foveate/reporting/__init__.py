"""A record of what was measured, and the one-file page made from it."""
