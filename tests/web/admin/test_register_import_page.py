"""比对名单 in the browser: the county brings it, its findings stand in the ledgers."""

from __future__ import annotations

from datetime import date

from ckbx.store import Store
from tests.imports.intake_store import id_number
from tests.web.admin.conftest import command
from tests.web.admin.files import REGISTRAR, hand_in, table, wait
from tests.web.signing import signed_in

_HEAD = ("姓名", "身份证号", "户籍地区划")
_LIST = table(_HEAD, ["慕容无校", id_number(41, date(2017, 5, 6)), ""])


def test_a_child_in_no_school_stands_among_the_suspected_after_the_import(own_store: Store) -> None:
    with signed_in(own_store, "bureau") as client:
        where = hand_in(client, "register", _LIST, source="police")
        before = client.get("/ledgers/suspected").text
        assert client.post(f"{where}/apply", data={}).status_code == 303
        done = wait(client, where)
        after = client.get("/ledgers/suspected").text

        assert "慕容无校" not in before
        assert "疑似失学" in done
        assert "慕容无校" in after
        assert client.get("/cases?all=yes").status_code == 200


def test_whose_list_it_is_must_be_said_and_is_shown(own_store: Store) -> None:
    with signed_in(own_store, "bureau") as client:
        form = {"command": command(), "kind": "register"}
        files = [("files", ("名单.csv", _LIST, "text/csv"))]
        for source in ("", "nobody"):
            refused = client.post("/imports", data={**form, "source": source}, files=files)
            assert refused.status_code == 422
            assert "来源" in refused.text
        where = hand_in(client, "register", _LIST, source="police")
        client.post(f"{where}/apply", data={})
        wait(client, where)
        assert "比对名单（公安户籍）" in client.get("/imports").text


def test_a_school_neither_sees_nor_may_bring_such_a_list(own_store: Store) -> None:
    head = own_store.log.head()
    with signed_in(own_store, REGISTRAR) as client:
        form = {"command": command(), "kind": "register"}
        files = [("files", ("名单.csv", _LIST, "text/csv"))]

        refused = client.post("/imports", data=form, files=files)

        assert "比对名单" not in client.get("/imports").text
        assert refused.status_code == 422
    assert own_store.log.head() == head
