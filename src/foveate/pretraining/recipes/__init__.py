"""Recipes: named settings that are known to work, each with its command, hardware, time and the number to expect."""
