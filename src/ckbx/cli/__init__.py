"""The command line: every use case and every answer from a terminal."""
