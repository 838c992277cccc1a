"""One module a subject: its query, its page."""
