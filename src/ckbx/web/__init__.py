"""Pages and the JSON interface: parse, one command or one query, answer."""
