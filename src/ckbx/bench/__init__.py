"""Measurements, each against the limit of the same machine in the same run."""
