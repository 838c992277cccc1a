"""Running the system: which backups were made of the store."""
