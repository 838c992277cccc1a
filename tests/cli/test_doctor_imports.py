"""doctor lists the imports that were begun and did not come to their end."""

from __future__ import annotations

from ckbx.application.unit import Unit
from ckbx.domain.school.batch import ImportBatch
from ckbx.store import Store
from tests.cli.test_doctor_work import lines
from tests.support.terminal import Terminal

BATCH = "00112233445566aa"


def step(store: Store, *, over: bool) -> None:
    """An import of a roster begins, or ends."""
    office = store.office

    def decide(unit: Unit) -> bytes:
        batch = unit.get(ImportBatch.stream(office.county, BATCH), ImportBatch)
        if over:
            batch.finish(ctx, batch=BATCH, applied=40, refused=0)
        else:
            batch.start(
                ctx, batch=BATCH, kind="roster", digest="d", rows=40, schools=[], effective=None
            )
        return b"done"

    ctx = office.context("user:bureau")
    office.run(ctx, decide)


def test_an_import_that_stopped_on_its_way_is_listed_with_what_to_do(run: Terminal) -> None:
    assert lines(run)["导入"][:2] == ("ok", "没有办到一半的")
    with run.wiring().store() as store:
        step(store, over=False)
    state, detail, mend = lines(run)["导入"]
    assert state == "warn"
    assert f"花名册（批次 {BATCH}，40 行）2026-11-21 10:00 由 user:bureau 开始，没有办完" in detail
    assert "重新导入同一批文件会接着办完" in mend
    assert f"ckbx import undo {BATCH}" in mend
    with run.wiring().store() as store:
        step(store, over=True)
    assert lines(run)["导入"][:2] == ("ok", "没有办到一半的")
