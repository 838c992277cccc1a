"""The ways out: each hands one message to one receiver, and says in its words why not."""
