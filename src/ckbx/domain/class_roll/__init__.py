"""点名: what a class handed in for each day of one term."""
