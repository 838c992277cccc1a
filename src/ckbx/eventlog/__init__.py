"""The event log: facts that cannot be lost or altered. The only user of the recorders."""
