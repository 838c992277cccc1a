"""督导: pages that only show, to whoever trusts nobody."""
