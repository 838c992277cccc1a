"""Which address asks for which permission and is answered by which page? The table of contents.

Each part of the app adds its own addresses; none is there that this file does not name.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ckbx.health.watching import Watch
from ckbx.settings import Settings
from ckbx.web.front_door import FrontDoor
from ckbx.web.pages.accounts.addresses import add_accounts
from ckbx.web.pages.acts.addresses import add_acts
from ckbx.web.pages.cases.addresses import add_cases
from ckbx.web.pages.chains.addresses import add_chains
from ckbx.web.pages.child.addresses import add_child
from ckbx.web.pages.county.addresses import add_county
from ckbx.web.pages.county.rechecks_addresses import add_rechecks
from ckbx.web.pages.health import add_health
from ckbx.web.pages.imports.addresses import add_imports
from ckbx.web.pages.inspect.addresses import add_inspect
from ckbx.web.pages.ledgers.addresses import add_ledgers
from ckbx.web.pages.roll_call.addresses import add_roll_call
from ckbx.web.pages.rules.addresses import add_rules
from ckbx.web.pages.school.addresses import add_school
from ckbx.web.pages.signing_in import own_account
from ckbx.web.pages.signing_in.addresses import add_signing_in
from ckbx.web.pages.signing_in.unified_addresses import add_unified
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
    add_signing_in(routes, door)
    add_unified(routes, door, settings, secure=secure)
    own_account.add(routes, door, served)
    add_child(routes)
    add_roll_call(routes)
    add_cases(routes)
    add_acts(routes)
    add_ledgers(routes)
    add_inspect(routes)
    add_school(routes)
    add_accounts(routes)
    add_imports(routes)
    add_rules(routes)
    add_chains(routes)
    add_county(routes)
    add_rechecks(routes)
