"""双线责任: who answers for a child, a class or a village on a given day."""
