"""What is decided on one child outside a case: transfers, leaves, placements, endings."""
