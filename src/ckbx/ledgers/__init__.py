"""Ledgers as people take them away: columns, headings, 口径, and every form of output."""
