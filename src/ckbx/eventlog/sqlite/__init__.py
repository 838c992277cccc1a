"""The event log of a county in one SQLite file."""
