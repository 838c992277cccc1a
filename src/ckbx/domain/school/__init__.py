"""学校与县: which schools and classes there are."""
