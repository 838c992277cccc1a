"""Which address asks for which permission and is answered by which page? The table of contents.

Each part of the app adds its own addresses; none is there that this file does not name.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ckbx.health.watching import Watch
from ckbx.settings import Settings
from ckbx.web.front_door import FrontDoor
from ckbx.web.pages import (
    account,
    accounts_addresses,
    acts_addresses,
    cases_addresses,
    chains_addresses,
    county_addresses,
    imports_addresses,
    inspect_addresses,
    ledgers_addresses,
    looking,
    rechecks_addresses,
    roll_calls_addresses,
    rules_addresses,
    school_addresses,
    signing_in_addresses,
    unified_addresses,
)
from ckbx.web.pages.health import add_health
from ckbx.web.routes import Routes

WITH_FILES: Final = ("/cases/", "/children/", "/imports", "/rechecks", "/transfers/")
"""Beginnings of the paths to which files are handed in."""


def add_all(
    routes: Routes,
    door: FrontDoor,
    watch: Watch,
    served: Collection[str],
    settings: Settings,
    *,
    secure: bool,
) -> None:
    """Every address of the app. ``served`` fills with the paths that can be opened.

    Raises BadSetting.
    """
    add_health(routes, watch)
    signing_in_addresses.add(routes, door)
    unified_addresses.add(routes, door, settings, secure=secure)
    account.add(routes, door, served)
    looking.add(routes)
    roll_calls_addresses.add(routes)
    cases_addresses.add(routes)
    acts_addresses.add(routes)
    ledgers_addresses.add(routes)
    inspect_addresses.add(routes)
    school_addresses.add(routes)
    accounts_addresses.add(routes)
    imports_addresses.add(routes)
    rules_addresses.add(routes)
    chains_addresses.add(routes)
    county_addresses.add(routes)
    rechecks_addresses.add(routes)
