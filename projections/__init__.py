"""Answers: one file, one question; deleted and recomputed with the same rows."""
