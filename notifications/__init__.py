"""Effects: telling people, at most once an event, kind, recipient and channel."""
