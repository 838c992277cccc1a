"""个案 (一生一案): one-to-one work on one episode, from suspicion to 销号."""
