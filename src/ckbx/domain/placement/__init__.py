"""一人一案: what the expert committee found of a disabled child, and how it is placed."""
