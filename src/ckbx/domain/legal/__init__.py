"""依法控辍四步: the papers of one case, how each was served, and what may follow."""
