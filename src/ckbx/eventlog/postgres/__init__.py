"""The event log of a county in a PostgreSQL database."""
