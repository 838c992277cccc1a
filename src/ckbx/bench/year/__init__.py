"""A whole school year of made-up schools under a virtual clock, with what must be told when."""
