"""总览 by post: the county, the schools one answers for, the own school, the own grade?"""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from ckbx.web.desk import WebDesk
from ckbx.web.pages.county import overview
from ckbx.web.pages.frame import base


def overview_page(desk: WebDesk) -> Response:
    """The page a leading role begins with: whoever sees one school only is led to it."""
    scope = desk.scope
    schools = scope.school_codes | {key.split("/")[0] for key in scope.class_keys}
    if scope.everything or len(scope.school_codes) > 1:
        return overview.overview(desk)
    if len(schools) == 1:
        return RedirectResponse(f"/schools/{next(iter(schools))}", status_code=303)
    with desk.look("web:overview", "查看总览") as look:
        names = look.school_names()
        listed = sorted((code, names.get(code) or code) for code in schools)
        return desk.html("school/schools.html", **base(desk, look, "总览"), schools=listed)
