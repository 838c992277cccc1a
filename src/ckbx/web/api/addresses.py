"""Which addresses does the interface have? The table of contents."""

from __future__ import annotations

from fastapi import FastAPI

from ckbx.web.api import alerts, case_steps, cases, children, ledgers, me, roll_calls, spec
from ckbx.web.routes import Routes


def add(routes: Routes, app: FastAPI) -> None:
    """All of them, and their description."""
    for part in (me, ledgers, children, alerts, roll_calls, cases, case_steps):
        part.add(routes)
    spec.add(routes, app)
