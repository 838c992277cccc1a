"""登录: password, one-time code, second factor; and the way out."""

from __future__ import annotations

from typing import Final, TypedDict

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ckbx.access import Factor
from ckbx.access.factor import uri_of
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.front_door import STEPS, FrontDoor, Stage, local_path
from ckbx.web.pages.signing_in.local_words import local_words
from ckbx.web.permissions import ROLE_ZH

MOST_PASSWORD: Final = 256
STAGES: Final = {
    Factor.NONE: Stage.DONE,
    Factor.NEEDED: Stage.FACTOR,
    Factor.TO_ENROL: Stage.ENROL,
}


class SignIn:
    """The pages of one front door."""

    def __init__(self, door: FrontDoor) -> None:
        self._door = door

    def form(self, desk: WebDesk, request: Request, then: str, *, out: bool) -> Response:
        """The sign-in page; whoever is signed in goes on. ``out``: after signing out."""
        if self._door.session(request) is not None:
            return RedirectResponse(local_path(then), status_code=303)
        return sign_in_page(desk, then, Draft(), out=out)

    def sign_in(self, desk: WebDesk, request: Request, posted: Posted) -> Response:
        """Check account and password; go on to the second factor or in."""
        then = local_path(posted.text("next") or "/")
        gate = desk.store.gate
        account = posted.text("account", most=60)
        try:
            entry = gate.sign_in(
                account,
                _password(posted, "password"),
                **whence(request),
                needs_factor=lambda name: not desk.store.is_demo and self._door.viewer(name).strict,
            )
        except CkbxError as error:
            return sign_in_page(desk, then, posted.draft(error), status=422)
        if entry.must_change:
            return RedirectResponse("/signin/first", status_code=303)
        stage = STAGES[entry.factor]
        where = STEPS.get(stage, then)
        return begin(self._door, desk, request, entry.account, stage, where)

    def code_form(self, desk: WebDesk, request: Request) -> Response:
        """The page that asks for the code of the second factor."""
        if self._at(request, Stage.FACTOR) is None:
            return RedirectResponse("/signin", status_code=303)
        return desk.html("signing_in/sign_in_code.html", title="动态口令", draft=Draft())

    def check_code(self, desk: WebDesk, request: Request, posted: Posted) -> Response:
        """Let in whoever types the present code."""
        account = self._at(request, Stage.FACTOR)
        if account is None:
            return RedirectResponse("/signin", status_code=303)
        gate = desk.store.gate
        try:
            code = posted.text("code", most=12)
            right = gate.check_factor(account, code, **whence(request))
        except CkbxError as error:
            return desk.html(
                "signing_in/sign_in_code.html", 422, title="动态口令", draft=posted.draft(error)
            )
        if not right:
            posted.wrong("code", "动态口令不对或已经用过，请输入手机上现在显示的 6 位数字")
            return desk.html(
                "signing_in/sign_in_code.html", 422, title="动态口令", draft=posted.draft()
            )
        return begin(self._door, desk, request, account, Stage.DONE, "/")

    def factor_form(self, desk: WebDesk, request: Request) -> Response:
        """Set up the second factor: a picture to photograph with the phone's program."""
        account = self._at(request, Stage.ENROL)
        if account is None:
            return RedirectResponse("/signin", status_code=303)
        uri, secret = desk.store.gate.begin_factor(account)
        return _factor_page(desk, uri, secret, Draft())

    def enrol(self, desk: WebDesk, request: Request, posted: Posted) -> Response:
        """The phone shows the right code: from now on it is asked for."""
        account = self._at(request, Stage.ENROL)
        if account is None:
            return RedirectResponse("/signin", status_code=303)
        secret = posted.text("secret", most=100)
        try:
            desk.store.gate.enrol_factor(account, secret, posted.text("code", most=12))
        except CkbxError as error:
            uri = uri_of(secret, account)
            return _factor_page(desk, uri, secret, posted.draft(error), status=422)
        return begin(self._door, desk, request, account, Stage.DONE, "/")

    def first_form(self, desk: WebDesk) -> Response:
        """The page for the first sign-in, and for whoever forgot the password."""
        return desk.html("signing_in/sign_in_first.html", title="首次登录", draft=Draft())

    def first(self, desk: WebDesk, request: Request, posted: Posted) -> Response:
        """Set the own password with a one-time code; then sign in with it."""
        new, again = _password(posted, "new"), _password(posted, "again")
        if new != again:
            posted.wrong("again", "两次输入的密码不一样，请重新输入")
        if posted.fine:
            try:
                desk.store.gate.use_code(
                    posted.text("account", most=60),
                    posted.text("code", most=40),
                    new,
                    words=local_words(desk),
                    **whence(request),
                )
            except CkbxError as error:
                return _first(desk, posted.draft(error))
            return RedirectResponse("/signin?set=1", status_code=303)
        return _first(desk, posted.draft())

    def sign_out(self, desk: WebDesk, request: Request) -> Response:
        """End the session here and on the server."""
        desk.store.gate.sessions.end(self._door.token(request))
        after = "/signin?out=1" if desk.store.settings.unified else "/signin"
        response = RedirectResponse(after, status_code=303)
        self._door.let_out(response)
        return response

    def _at(self, request: Request, stage: Stage) -> str | None:
        session = self._door.session(request)
        return session.account if session and session.data.decode() == stage else None


def begin(
    door: FrontDoor, desk: WebDesk, request: Request, account: str, stage: Stage, where: str
) -> Response:
    """Go on to a local path, in a new session that has come to ``stage``: whoever knew the
    token of the stage before (on a shared computer) knows none of this one.
    """
    sessions = desk.store.gate.sessions
    sessions.end(door.token(request))
    token = sessions.create(
        account,
        **whence(request),
        data=stage.value.encode(),
        strict=door.viewer(account).strict,
    )
    response = RedirectResponse(where, status_code=303)
    door.let_in(response, token)
    return response


class Whence(TypedDict):
    """From where somebody signs in."""

    address: str
    device: str


def whence(request: Request) -> Whence:
    """From which address and browser, as the log of sign-ins keeps it; what a header says of
    the address is not taken for it.
    """
    device = request.headers.get("user-agent", "")[:200]
    return {"address": request.client.host if request.client else "", "device": device}


def _password(posted: Posted, name: str) -> str:
    """As typed: blanks at its ends are part of a password."""
    return posted.raw(name)[:MOST_PASSWORD]


def sign_in_page(
    desk: WebDesk,
    then: str,
    draft: Draft,
    status: int = 200,
    *,
    subject: str = "",
    out: bool = False,
) -> Response:
    """登录. ``subject``: by what the unified sign-in knows a person who has no account here;
    ``out``: somebody has just signed out.
    """
    unified = desk.store.settings.unified
    return desk.html(
        "signing_in/sign_in.html",
        status,
        title="登录",
        draft=draft,
        then=local_path(then),
        demo=desk.store.demo_logins,
        roles=ROLE_ZH,
        unified=unified.button if unified else "",
        subject=subject,
        out=out,
    )


def _first(desk: WebDesk, draft: Draft) -> Response:
    return desk.html("signing_in/sign_in_first.html", 422, title="首次登录", draft=draft)


def _factor_page(desk: WebDesk, uri: str, secret: str, draft: Draft, status: int = 200) -> Response:
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, dark="#10233f")
    return desk.html(
        "signing_in/sign_in_factor.html",
        status,
        title="设置动态口令",
        draft=draft,
        picture=picture,
        secret=secret,
        spelled=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    )
