"""交接岗位: another person takes over a post of the responsibility chain from a day on."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID, uuid4

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.account.account import check_account_name
from ckbx.domain.responsibility.post import Scope
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import check_name
from ckbx.eventlog.ports import Appended
from ckbx.vault import Access, Identity, NewPerson, Vault

_ACCOUNT = "account"
"""Under what the vault files staff; the chain import files them so too."""


class HolderNameDiffers(InputRefused):
    """The account stands for a person of another name; which name is not said."""

    code = "holder_name_differs"
    message = "账号 {account} 登记的是另一个姓名。请核对账号和姓名；改了名的请用责任链文件导入更新"


def take_over(
    office: Office,
    vault: Vault,
    ctx: CommandContext,
    *,
    scope: Scope,
    post: UUID,
    tenure: int | None,
    account: str,
    name: str,
    first_day: date,
) -> Appended:
    """From a local day on an account holds a post; the tenure of that number (None: the post is
    vacant) ends the day before. A person new to the store is filed in the vault.

    Raises AccountNameRefused, NameRefused, HolderNameDiffers, and what the register refuses.
    """
    plain = check_account_name(account)
    check_name(name, "姓名")
    holder, person = _person(vault, ctx, plain, name)

    def decide(unit: Unit) -> bytes:
        make = partial(PostRegister, county=office.county)
        register = unit.get(posts_stream(office.county, scope), make)
        if person is not None:
            unit.writes.extend(vault.prepare_many([person]))
        if tenure is None:
            register.hold(ctx, post, account=plain, holder=holder, first_day=first_day)
        else:
            register.hand_over(
                ctx, post, tenure=tenure, account=plain, holder=holder, first_day=first_day
            )
        return b"post"

    return office.run(ctx, decide)


def _person(
    vault: Vault, ctx: CommandContext, account: str, name: str
) -> tuple[UUID, NewPerson | None]:
    """The person an account stands for; a new one where nobody is filed under it."""
    found = vault.find_many(_ACCOUNT, [account])[account]
    if not found:
        id_ = uuid4()
        identity, lookups = Identity(name=name), {_ACCOUNT: account}
        return id_, NewPerson(subject=id_, kind="staff", identity=identity, lookups=lookups)
    access = Access(actor=ctx.actor, view="posts", purpose="交接岗位时核对姓名")
    if vault.read([found[0]], ["identity"], access)[found[0]].name != name:
        raise HolderNameDiffers(account=account)
    return found[0], None
