"""Which tables hold what proves who signs in?

The same tables on SQLite and PostgreSQL; instants in microseconds, UTC. Nothing in them can be
used to sign in: passwords, codes and tokens are hashed, the second factor is sealed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

_Whole = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()

credentials = Table(
    "access_credentials",
    metadata,
    Column("account", Text, primary_key=True),
    Column("password_hash", Text),
    Column("factor_key", Text),
    Column("factor_sealed", LargeBinary),
    Column("factor_step", _Whole),
    Column("code_hash", LargeBinary),
    Column("code_expires", _Whole),
    Column("changed_at", _Whole, nullable=False),
    sqlite_strict=True,
)
"""One row an account that was opened. ``factor_step``: the last 30 seconds' step used."""

sessions = Table(
    "access_sessions",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("account", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("began", _Whole, nullable=False),
    Column("seen", _Whole, nullable=False),
    Column("confirmed", _Whole, nullable=False),
    Column("expires", _Whole, nullable=False),
    Column("idle", _Whole, nullable=False),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index("access_sessions_account", "account"),
    sqlite_strict=True,
)
"""``id_hash``: SHA-256 of the token. Over at ``expires``, or ``idle`` after ``seen``."""

api_tokens = Table(
    "access_api_tokens",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("permissions", Text, nullable=False),
    Column("made", _Whole, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires", _Whole, nullable=False),
    Column("seen", _Whole),
    Index("access_api_tokens_account", "account"),
    sqlite_strict=True,
)
"""``id_hash``: SHA-256 of the token of a program; ``permissions``: words with blanks between."""

tries = Table(
    "access_tries",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", _Whole, nullable=False),
    Column("refused", Integer, nullable=False),
    sqlite_strict=True,
)
"""Tries that did not succeed, by what is guarded (a digest: a name typed wrong stays unsaid)."""

runs = Table(
    "access_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", _Whole, nullable=False),
    Column("total", _Whole),
    Column("said", Text, nullable=False),
    Column("began", _Whole, nullable=False),
    Column("seen", _Whole, nullable=False),
    Index("access_runs_account", "account", "area"),
    sqlite_strict=True,
)
"""What became of long work handed in on a page: of its files neither content nor name.

``said`` of a try-out of rules: its counts and inner ids of children, as the events have them.
"""

handed_in = Table(
    "access_handed_in",
    metadata,
    Column("account", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("turn", _Whole, nullable=False),
    Column("files", _Whole, nullable=False),
    Column("size", _Whole, nullable=False),
    Column("expires", _Whole, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("key_sealed", LargeBinary, nullable=False),
    Column("given", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""One row an account and area: what it handed in last. ``turn`` counts who works at it;
``given`` is sealed under the key that is sealed in ``key_sealed``, and so are the pieces."""

handed_pieces = Table(
    "access_handed_pieces",
    metadata,
    Column("run", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", _Whole, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""The files that were handed in and what was found in them, cut into pieces."""

identities = Table(
    "access_identities",
    metadata,
    Column("identity", LargeBinary, primary_key=True),
    Column("account", Text, nullable=False, unique=True),
    Column("issuer", Text, nullable=False),
    Column("made", _Whole, nullable=False),
    Column("made_by", Text, nullable=False),
    sqlite_strict=True,
)
"""Whom the county's unified sign-in knows is which account. ``identity``: a keyed digest of
issuer and subject: some providers take the number of the identity card for a subject."""

handshakes = Table(
    "access_handshakes",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("onward", Text, nullable=False),
    Column("began", _Whole, nullable=False),
    sqlite_strict=True,
)
"""Browsers that were sent to the unified sign-in and are not back. ``id_hash``: SHA-256 of a
secret that only the browser keeps."""

sign_ins = Table(
    "access_sign_ins",
    metadata,
    Column("id", _Whole, Identity(), primary_key=True),
    Column("at", _Whole, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("access_sign_ins_account", "account", "at"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""Append-only. ``account`` is empty where none of that name was opened."""
