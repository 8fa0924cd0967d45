"""One server on the loopback interface for every page that has a program behind it."""
