"""点名: the class teacher on a phone."""
