"""What follows from a fact in the same append, decided on aggregates alone."""
