"""Use cases and policies: load, decide, append. Reads no projection."""
