"""县季度复核: a sample that anybody can draw again, and what the re-check of each item found."""
