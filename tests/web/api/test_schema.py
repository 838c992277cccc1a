"""The whole interface against its own description, in five roles: nothing breaks, all conforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Final
from uuid import uuid4

import pytest
import schemathesis
from fastapi import Query
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.responses import Response

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.web.api.me import Me
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.app import inner_app, make_app
from ckbx.web.desk import NotThere
from ckbx.web.guard import Net
from ckbx.web.permissions import ADMINISTRATOR, Permission
from ckbx.web.routes import Routes
from tests.web.api.asking import BASE, EVERYTHING, program, token_of
from tests.web.samples import Cast

ROLES: Final = (
    Role.CLASS_TEACHER,
    Role.PRINCIPAL,
    Role.TOWNSHIP_OFFICER,
    Role.BUREAU_OFFICER,
    ADMINISTRATOR,
)
HOSTS: Final = ("testserver", "localhost")
FEW: Final = 3
MANY: Final = 60
"""Of each operation in each role, once with what fits and once with what does not: 120."""
DAYS_BACK: Final = 14
_ROLL_CALL: Final = "/classes/{school}/{entry}/{number}/roll-calls/{day}"
RECORDED: Final[Mapping[str, set[str]]] = {
    Role.CLASS_TEACHER: {"/cases/{case_id}/contacts", "/alerts/{alert_id}/done", _ROLL_CALL},
    Role.PRINCIPAL: {"/cases/{case_id}/contacts", "/alerts/{alert_id}/acknowledge"},
}
"""What a rule lets each do in this county: at least that must have been taken."""
CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
"""Not that everything which fits the description is accepted: rules refuse more than that."""


class Asker:
    """The programs of the roles, and what of its own each asks for."""

    def __init__(self, county: Cast, app: Any = None) -> None:
        self.county = county
        self.schema = schemathesis.openapi.from_asgi(
            f"{BASE}/openapi.json", app or make_app(county.store, hosts=HOSTS)
        )
        self.seen: Counter[int] = Counter()
        self.recorded: set[str] = set()
        """The paths of the writes that were taken."""

    def all_(self, role: str, mode: GenerationMode, examples: int, *, only: str = "") -> list[str]:
        """Every operation with this many requests that fit its description, or that do not;
        what was wrong.
        """
        token = token_of(self.county.store, self.county.account(role), EVERYTHING)
        held = self.county.samples(role)
        parts = {**held.free, **held.others, **held.mine}
        asked = partial(self._of, mode=mode, examples=examples, token=token, parts=parts)
        operations: list[Any] = list(self.schema.get_all_operations())
        wanted = [found for found in (each.ok() for each in operations) if only in found.path]
        return [said for each in wanted for said in asked(each)]

    def _of(
        self,
        operation: Any,
        *,
        mode: GenerationMode,
        examples: int,
        token: str,
        parts: Mapping[str, str],
    ) -> Iterator[str]:
        fits = mode is GenerationMode.POSITIVE
        checks = CHECKS if fits else (*CHECKS, negative_data_rejection)

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            likely=st.booleans(),
            back=st.integers(0, DAYS_BACK),
        )
        def run(case: Any, *, likely: bool, back: int) -> None:
            if fits and case.path_parameters:  # of its own things, which are there
                case.path_parameters = {name: parts[name] for name in case.path_parameters}
            if fits and likely:
                self._make_likely(case, back, token)
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            self.seen[answer.status_code] += 1
            if case.method == "POST" and answer.status_code == 200:
                self.recorded.add(operation.path.removeprefix(BASE))
            assert "Traceback" not in answer.text
            case.validate_response(answer, checks=list(checks))

        try:
            run()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all are told together
            yield f"{operation.label}: {error}"

    def _make_likely(self, case: Any, back: int, token: str) -> None:
        """A write under a key of its own, of a day of late, from what was just read: most of
        those that only fit the description a rule refuses at once.
        """
        case.cookies = {}
        if case.method != "POST":
            return
        case.headers = {**(case.headers or {}), "Idempotency-Key": str(uuid4())}
        if isinstance(case.body, dict):
            case.body = {k: v for k, v in case.body.items() if k not in ("seen", "promised_on")}
            if "on" in case.body:
                case.body["on"] = str(self.county.today - timedelta(days=back))
            if "roll_mark" in case.body:
                self._from_the_roll(case, back, token)

    def _from_the_roll(self, case: Any, absent: int, token: str) -> None:
        """So many of the class are not there."""
        with program(self.county.store, token) as client:
            read = client.get(case.formatted_path)
        if read.status_code != 200:  # not for this role: sent as it is
            return
        found = read.json()
        children, reasons = [each["child_id"] for each in found["roll"]], list(Reason)
        gone = children[:absent]
        case.body |= {
            "absent": [
                {"child": child, "reason": reasons[n % len(reasons)].value}
                for n, child in enumerate(gone)
            ],
            "expected": len(children),
            "present": len(children) - len(gone),
            "seen": [],
            **{name: found[name] for name in ("mark", "roll_mark")},
        }


@pytest.fixture(scope="module")
def asker(county: Cast) -> Asker:
    return Asker(county)


@pytest.mark.parametrize("role", ROLES)
def test_what_fits_the_description_is_answered_as_described(asker: Asker, role: str) -> None:
    asker.seen.clear()
    assert asker.all_(role, GenerationMode.POSITIVE, FEW) == []
    assert max(asker.seen) < 500
    assert asker.seen[200] >= (4 if role == ADMINISTRATOR else 12)


def test_what_does_not_fit_the_description_is_refused(asker: Asker) -> None:
    asker.seen.clear()
    assert asker.all_(Role.PRINCIPAL, GenerationMode.NEGATIVE, FEW) == []
    assert asker.seen[422] + asker.seen[400] > 20


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("role", ROLES)
def test_much_is_tried_in_every_role(own_store: Store, role: str, mode: GenerationMode) -> None:
    asker = Asker(Cast(own_store))  # a county of its own: what others recorded decides nothing
    assert asker.all_(role, mode, MANY) == []
    if mode is GenerationMode.POSITIVE:
        assert asker.recorded >= RECORDED.get(role, set()), "more was tried than refusals"


def test_control_an_address_that_breaks_or_says_something_else_is_found(county: Cast) -> None:
    app, problems = inner_app(county.store)
    api = ApiRoutes(Routes(app), "planted")

    @api.get("/broken", Permission.ACCOUNT, Me)
    def broken() -> Response:
        raise RuntimeError

    @api.get("/other", Permission.ACCOUNT, Me)
    def other() -> Response:
        return answered({"account": 1})

    app.add_middleware(Net, failed=problems.failed)
    planted = Asker(county, app)
    found = planted.all_(Role.PRINCIPAL, GenerationMode.POSITIVE, 1)
    assert [said.split(":")[0] for said in found] == [f"GET {BASE}/broken", f"GET {BASE}/other"]


@pytest.mark.long
def test_control_an_address_that_breaks_once_in_sixteen_is_found_among_many(county: Cast) -> None:
    app, problems = inner_app(county.store)
    api = ApiRoutes(Routes(app), "planted")

    @api.get("/seldom", Permission.ACCOUNT, Me)
    def seldom(size: Annotated[int, Query(ge=0, le=15)]) -> Response:
        if size == 7:
            raise RuntimeError
        raise NotThere

    app.add_middleware(Net, failed=problems.failed)
    planted = Asker(county, app)
    found = planted.all_(Role.PRINCIPAL, GenerationMode.POSITIVE, MANY, only="/seldom")
    assert [said.split(":")[0] for said in found] == [f"GET {BASE}/seldom"]
