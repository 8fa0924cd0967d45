"""Published claims, re-run by one command each; and the demo."""
