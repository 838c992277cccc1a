"""Signing in: passwords, one-time codes, the second factor, sessions, the log of sign-ins.

What an account may do is said by facts (:mod:`ckbx.domain.account` and the posts of the
responsibility chain); here is only what proves that somebody is who the account says.
"""

from ckbx.access.entry import Entry, Factor
from ckbx.access.gate import Gate
from ckbx.access.schema import check_tables, create_sqlite_tables, postgres_ddl, postgres_grants
from ckbx.access.sessions import SessionRow, Sessions
from ckbx.access.sign_ins import Outcome, SignIn
from ckbx.access.tokens import TokenRow, Tokens

__all__ = [
    "Entry",
    "Factor",
    "Gate",
    "Outcome",
    "SessionRow",
    "Sessions",
    "SignIn",
    "TokenRow",
    "Tokens",
    "check_tables",
    "create_sqlite_tables",
    "postgres_ddl",
    "postgres_grants",
]
