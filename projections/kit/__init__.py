"""What every projection is made with: tables, folds, live and rebuilt rows, questions."""
