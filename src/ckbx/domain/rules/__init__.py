"""规则包: the numbers of a county's rules, versioned, with effective dates."""
