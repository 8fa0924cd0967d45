"""What every room stands on: addresses, errors, runs, statistics, findings. Imports no other room."""
