"""缺勤规则: what a child's marks mean, as a pure function of the class's days."""
