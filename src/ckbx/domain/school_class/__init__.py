"""班级: which children sit in a class, on any date."""
