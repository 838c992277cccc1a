"""The whole interface against its own description, in five roles: nothing breaks, all conforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
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

from ckbx.domain.responsibility.post import Role
from ckbx.web.api.me import Me
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.app import inner_app, make_app
from ckbx.web.guard import Net
from ckbx.web.permissions import ADMINISTRATOR, Permission
from ckbx.web.routes import Routes
from tests.web.api.asking import BASE, EVERYTHING, token_of
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

    def all_(self, role: str, mode: GenerationMode, examples: int) -> list[str]:
        """Every operation with this many requests that fit its description, or that do not;
        what was wrong.
        """
        token = token_of(self.county.store, self.county.account(role), EVERYTHING)
        held = self.county.samples(role)
        parts = {**held.free, **held.others, **held.mine}
        asked = partial(self._of, mode=mode, examples=examples, token=token, parts=parts)
        operations: list[Any] = list(self.schema.get_all_operations())
        return [said for each in operations for said in asked(each.ok())]

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
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            if fits and case.path_parameters:  # of its own things, which are there
                case.path_parameters = {name: parts[name] for name in case.path_parameters}
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            self.seen[answer.status_code] += 1
            assert "Traceback" not in answer.text
            case.validate_response(answer, checks=list(checks))

        try:
            run()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all are told together
            yield f"{operation.label}: {error}"


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
def test_much_is_tried_in_every_role(asker: Asker, role: str, mode: GenerationMode) -> None:
    assert asker.all_(role, mode, MANY) == []


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
