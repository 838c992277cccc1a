"""Which account somebody comes in as by the county's unified sign-in: the administrator says it.

No fact is recorded: the link opens nothing that the account does not hold already, and a subject
may be the number of an identity card. The log of sign-ins says who linked what and when.
"""

from __future__ import annotations

from ckbx.access import Gate
from ckbx.application.accounts import load_account
from ckbx.application.office import Office
from ckbx.domain.shared.event import CommandContext


def link(
    office: Office, gate: Gate, ctx: CommandContext, name: str, issuer: str, subject: str
) -> None:
    """Link an account in use to a subject of an issuer, instead of one it was linked to.

    Raises AccountUnknown, AccountIsDisabled, IdentityRefused, IdentityTaken.
    """
    load_account(office, name).require_active(name)
    gate.unified.link(name, issuer, subject, by=ctx.actor)


def unlink(office: Office, gate: Gate, ctx: CommandContext, name: str) -> None:
    """Take a link off, and end the sessions. Raises AccountUnknown, IdentityMissing."""
    load_account(office, name).require(name)
    gate.unified.unlink(name, by=ctx.actor)
    gate.sessions.end_all(name)
