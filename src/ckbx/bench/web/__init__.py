"""The pages under load: the real server in a process of its own, asked over the loopback."""
