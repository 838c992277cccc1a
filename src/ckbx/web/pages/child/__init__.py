"""一生一档 and the ways to it: one child, the search, the suspected."""
