"""What every aggregate shares: events, errors, identifiers."""
