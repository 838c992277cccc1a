"""After a story: does every projection say the same as the log folded anew?"""

from __future__ import annotations

from pathlib import Path

from ckbx.clock import Clock
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from projections.registry import PROJECTIONS


def check_every_answer(store: Store) -> None:
    """Fold what is new and compare each projection with the log (``ckbx rebuild --check``)."""
    store.catch_up()
    reports = [store.projector.check(each.name) for each in store.projector.projections]
    assert {each.projection for each in reports} >= {each.name for each in PROJECTIONS}
    head = store.log.head()
    assert {each.position for each in reports} == {head}
    unequal = [str(each) for each in reports if not each.equal]
    assert not unequal, f"rebuilt is not live: {unequal}"


def check_every_answer_of(url: str, secrets: Path, clock: Clock) -> None:
    """The same of a store that is not opened, or opened elsewhere."""
    settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(secrets)})
    store = open_store(settings, clock)
    try:
        check_every_answer(store)
    finally:
        store.close()
