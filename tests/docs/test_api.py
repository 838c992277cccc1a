"""The page for programs: each call that it shows is answered, with the words as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.web.api.problems import TITLES
from tests.web.api.asking import BASE, good, program, token_of
from tests.web.api.conftest import county
from tests.web.conftest import demo_folder
from tests.web.samples import Cast

__all__ = ["county", "demo_folder"]
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def calls() -> list[list[str]]:
    """The words of every call, continued lines put together."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("curl ")]


def typed(client: TestClient, words: list[str], values: dict[str, str]) -> Response:
    """What curl would send."""
    method, headers, content, url = "GET", {}, None, ""
    rest = iter(words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                content = next(rest).encode()
            case _:
                url = word
    for name, value in values.items():
        url = url.replace(f"${name}", value)
        headers = {key: said.replace(f"${name}", value) for key, said in headers.items()}
    return client.request(method, url, headers=headers, content=content)


def test_every_call_of_the_page_is_answered(county: Cast) -> None:
    account = county.account(Role.PRINCIPAL)
    case = county.samples(Role.PRINCIPAL).mine["case_id"]
    token = token_of(county.store, account)
    values = {"TOKEN": token, "CKBX": "http://127.0.0.1", "CASE": case}
    with program(county.store, None) as client:
        bearing = {"Authorization": f"Bearer {token}"}
        version = good(client.get(f"{BASE}/cases/{case}", headers=bearing))["version"]
        assert len(calls()) == 6
        for words in calls():
            own = [word.replace('"seen": 3', f'"seen": {version}') for word in words]
            good(typed(client, own, values))


def test_every_status_of_the_page_is_one_that_there_is() -> None:
    said = {int(status) for status in re.findall(r"^\| (\d{3}) \|", PAGE, flags=re.MULTILINE)}
    assert said <= set(TITLES)
    assert set(TITLES) - said == {405, 421, 500}
