"""Data addresses to tables with the agreed columns, and batches of views on the device."""
