"""校历: which local days are school days, for whom, and what is not known yet."""
