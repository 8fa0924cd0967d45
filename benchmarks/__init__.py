"""One file per row of docs/benchmarks.md; each runs us and the named peer in turn, in one process tree."""
