"""预警与待办: one stream an alert, so that the log itself refuses to raise it twice."""
