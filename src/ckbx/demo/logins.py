"""With which accounts does a visitor look around in the demo county?

One a role, always the person who has most to do: the one for whom something lies waiting, else
the one to whom most open alerts go (of the grade leaders, most about children: silent classes
alone show nothing). The children whose cases lie waiting for somebody do not count there, so that
they change nobody else's place. They set their passwords by one-time codes like everybody; the
list lies beside the keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from ckbx.access.demo_logins import DemoLogin
from ckbx.application.accounts import grant_role, open_account, open_first_administrator
from ckbx.demo.case_script import WAITING
from ckbx.demo.make import Made
from ckbx.domain.account.codes import GrantedRole
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.store import Store
from projections import alerts, responsibility
from projections.scope import Scope as Asked

PASSWORD: Final = "qingping-demo"
"""The same for all of them: whoever opens the demo may look at everything that is made up."""
CONSOLE: Final = "cli:demo"
INSPECTION: Final = timedelta(days=60)
TERM: Final = timedelta(days=300)
_POSTS: Final = {
    Role.CLASS_TEACHER: ("班主任", "本班点名、没有到校的学生、要联系的监护人"),
    Role.CASE_TEACHER: ("帮扶教师", "自己帮扶的学生、要做的家访和劝返：从“个案”进去"),
    Role.GRADE_LEADER: ("包年级学校领导", "本年级没有报送点名的班、有风险的学生"),
    Role.PRINCIPAL: ("校长", "本校台账、待核实的疑似辍学、等确认的返校、月报"),
    Role.BUREAU_LEADER: ("包学校局领导", "所包学校的台账和提醒、等答复的停课"),
    Role.BUREAU_OFFICER: ("县教育局控辍保学专干", "全县台账、辍学认定、到期事项、月报汇总"),
    Role.TOWNSHIP_OFFICER: ("乡镇责任人", "本乡镇居住的学生、联合家访、要送达的通知书"),
    Role.VILLAGE_OFFICER: ("村（社区）责任人", "本村居住的学生、联合家访"),
}


def open_logins(store: Store, county: Made) -> list[DemoLogin]:
    """Open the accounts as of the store's clock, its answers folded up to now."""
    store.catch_up()
    known, busy, followed = _read(store, _waiting(store, county))
    made: list[DemoLogin] = []
    scopes: dict[Role, Scope] = {}
    for role, (title, sees) in _POSTS.items():
        taken = {login.account for login in made}
        of = followed if role is Role.GRADE_LEADER else busy
        first = Counter({county.waits[role]: of.total() + 1}) if role in county.waits else Counter()
        account, scopes[role] = _busiest(store, known, of + first, role, taken)
        if account:
            _open(store, account)
            made.append(_login(title, account, sees))
    approver = next(each.account for each in made if each.role == _POSTS[Role.BUREAU_LEADER][0])
    school = scopes[Role.PRINCIPAL]
    registrar = GrantedRole.REGISTRAR, f"registrar{school.code}", school, TERM
    whole = Scope(ScopeKind.COUNTY, store.log.county)
    made += [
        _granted(store, *registrar, approver, "一所学校的学籍、转学、在籍不在校"),
        _granted(
            store,
            GrantedRole.INSPECTOR,
            "inspector",
            whole,
            INSPECTION,
            approver,
            "任意一天任意班的情况，只读，限期",
        ),
    ]
    return [*made, _administrator(store)]


def _granted(
    store: Store,
    role: GrantedRole,
    account: str,
    scope: Scope,
    days: timedelta,
    approver: str,
    sees: str,
) -> DemoLogin:
    _open(store, account)
    today = store.office.today()
    context = store.office.context(CONSOLE)
    span: dict[str, Any] = {"first_day": today, "last_day": today + days}
    grant_role(
        store.office, store.gate, context, account, role, scope, approved_by=approver, **span
    )
    return _login(role.label, account, sees)


def _administrator(store: Store) -> DemoLogin:
    context = store.office.context(CONSOLE)
    code = open_first_administrator(store.office, store.gate, context, "admin")
    store.gate.use_code("admin", code, PASSWORD)
    return _login(GrantedRole.ADMINISTRATOR.label, "admin", "账号、授权、登录记录；看不到学生信息")


def _login(role: str, account: str, sees: str) -> DemoLogin:
    return DemoLogin(role=role, account=account, password=PASSWORD, sees=sees)


def _waiting(store: Store, county: Made) -> set[UUID]:
    """The children whose cases lie waiting for somebody."""
    numbers = [number for role in WAITING for number in county.cast[role]]
    return {child for ids in store.vault.find_many("student_no", numbers).values() for child in ids}


def _read(store: Store, aside: Collection[UUID]) -> tuple[Directory, Counter[str], Counter[str]]:
    """The posts, how many open alerts go to each account, and how many of them about a child;
    not those about the children ``aside``.
    """
    at: dict[str, Any] = {"as_of": store.office.today(), "position": store.log.head()}
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, at["position"])
        raised = alerts.alerts(reading, Asked.county(), open_only=True, **at)
    raised = [alert for alert in raised if alert.child not in aside]
    about = [alert for alert in raised if alert.child is not None]
    busy, followed = (Counter(to for alert in of for to in alert.to) for of in (raised, about))
    return known, busy, followed


def _busiest(
    store: Store, known: Directory, busy: Counter[str], role: Role, taken: set[str]
) -> tuple[str, Scope]:
    """Of those who hold a post of the role today the one with most to do, and its scope."""
    today = store.office.today()
    holders = {
        tenure.account: post.scope
        for post in known.posts.values()
        if post.role is role
        for tenure in post.holders(today)
        if tenure.account and tenure.account not in taken
    }
    account = max(sorted(holders), key=lambda name: busy[name], default="")
    return account, holders.get(account, Scope(ScopeKind.COUNTY, store.log.county))


def _open(store: Store, account: str) -> None:
    code = open_account(store.office, store.gate, store.office.context(CONSOLE), account)
    store.gate.use_code(account, code, PASSWORD)
