"""规则: the numbers in force, tried over the past and adopted."""
