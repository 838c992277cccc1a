"""Papers: ledgers and letters as pdf and docx, with the fonts they need."""
