"""登录 by the county's unified sign-in: to the provider, back, and which account that is."""

from __future__ import annotations

import logging
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ckbx.access.errors import NoAccountHere
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Draft
from ckbx.web.front_door import STEPS, FrontDoor, local_path
from ckbx.web.pages.signing_in.page import STAGES, begin, sign_in_page, whence
from ckbx.web.unified.errors import (
    AnswerRefused,
    HandshakeOver,
    ProviderDown,
    ProviderRefused,
)
from ckbx.web.unified.handshake import SECONDS, Handshake, new_secret
from ckbx.web.unified.id_token import Named
from ckbx.web.unified.provider import Provider

_log = logging.getLogger(__name__)
_REFUSED: Final = {
    "access_denied": "没有同意，或没有权限",
    "login_required": "没有登录",
    "interaction_required": "没有登录",
    "consent_required": "没有同意",
    "account_selection_required": "没有选账号",
    "temporarily_unavailable": "它暂时不能用",
    "server_error": "它出错了",
    "invalid_request": "它不接受本系统的请求",
    "invalid_scope": "它不接受本系统的请求",
    "unauthorized_client": "它不接受本系统的请求",
    "unsupported_response_type": "它不接受本系统的请求",
}
"""What the provider may say (RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6)."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider sent the browser back with."""

    state: str
    code: str
    error: str
    issuer: str


class UnifiedPages:
    """The two steps of one front door."""

    def __init__(self, door: FrontDoor, provider: Provider, *, secure: bool) -> None:
        self._door = door
        self._provider = provider
        self._secure = secure
        self._cookie = "__Host-ckbx-unified" if secure else "ckbx-unified"

    def go(self, desk: WebDesk, request: Request, then: str) -> Response:
        """To the provider; only from a page of ours, or typed."""
        onward = local_path(then)
        if self._door.session(request) is not None:
            return RedirectResponse(onward, status_code=303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            return RedirectResponse("/signin", status_code=303)
        unified, secret = desk.store.gate.unified, new_secret()
        try:
            unified.check_wait(whence(request)["address"])
            way = self._provider.way(Handshake(secret))
        except CkbxError as error:
            return _refused(desk, onward, error)
        unified.begin(secret, onward)
        response = RedirectResponse(way, status_code=303)
        response.set_cookie(
            self._cookie,
            secret,
            max_age=SECONDS,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    def back(self, desk: WebDesk, request: Request, answer: Answer) -> Response:
        """From the provider: a page that is gone to, nothing that another page shows or fetches.

        An answer to another question leaves the one that is open as it is.
        """
        said = request.headers
        gone_to = said.get("sec-fetch-mode", "navigate"), said.get("sec-fetch-dest", "document")
        if gone_to != ("navigate", "document"):
            raise HTTPException(403)
        secret = request.cookies.get(self._cookie, "")
        asked = Handshake(secret)
        if not secret or not asked.answers(answer.state):
            return _refused(desk, "/", HandshakeOver())
        onward = desk.store.gate.unified.take(secret)
        response = (
            _refused(desk, "/", HandshakeOver())
            if onward is None
            else self._come_in(desk, request, answer, asked, onward)
        )
        response.delete_cookie(
            self._cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        return response

    def _come_in(
        self, desk: WebDesk, request: Request, answer: Answer, asked: Handshake, onward: str
    ) -> Response:
        unified, named = desk.store.gate.unified, None
        try:
            unified.check_wait(whence(request)["address"])
            self._provider.check_issuer(answer.issuer)
            if answer.error or not answer.code:
                known = answer.error if answer.error in _REFUSED else "other"
                _log.error("unified_provider_refused %s", known)
                raise ProviderRefused(why=_REFUSED.get(answer.error) or "没有说原因")
            named = self._provider.named(answer.code, asked, desk.now)
            return self._begin(desk, request, named, onward)
        except AnswerRefused as error:
            unified.note_wrong(**whence(request))
            return _refused(desk, onward, error)
        except NoAccountHere as error:
            by_hand = not self._provider.setting.account_claim
            return _refused(desk, onward, error, named if by_hand else None)
        except CkbxError as error:
            return _refused(desk, onward, error)

    def _begin(self, desk: WebDesk, request: Request, named: Named, onward: str) -> Response:
        gate, setting = desk.store.gate, self._provider.setting
        if setting.account_claim:
            account: str | None = named.account
        else:
            account = gate.unified.account_of(named.issuer, named.subject)
        entry = gate.unified.enter(
            account,
            **whence(request),
            strong=named.strong,
            needs_factor=lambda name: not desk.store.is_demo and self._door.viewer(name).strict,
        )
        stage = STAGES[entry.factor]
        where = STEPS.get(stage, onward)
        return begin(self._door, desk, request, entry.account, stage, where)


def _refused(desk: WebDesk, onward: str, error: CkbxError, named: Named | None = None) -> Response:
    """The sign-in page with what was wrong; whoever has no account is told the number the
    administrator needs to link them. What only an operator understands goes to the log.
    """
    if isinstance(error, AnswerRefused | ProviderDown):
        _log.error("%s %s", error.code, " ".join(error.ids.values()))
    subject = named.subject if named else ""
    return sign_in_page(desk, onward, Draft(refused=str(error)), status=422, subject=subject)
