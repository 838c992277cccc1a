"""个案: the list of them, one with its next step, the forms of the steps, files and papers."""
