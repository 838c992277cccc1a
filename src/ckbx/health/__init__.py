"""Is everything well? What the health addresses, the metrics and ``doctor`` look at."""
