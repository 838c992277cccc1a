"""``/api/v1``: the same questions and steps as the pages, in JSON, for programs."""
