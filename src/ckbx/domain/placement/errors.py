"""Why a step on a placement is refused: what is missing, and who supplies it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class PlacementRefusal(RuleRefusal):
    """Root of everything a placement refuses (exit code 5)."""

    code = "placement_refusal"
    message = "安置不能办理"


class PlacementRoleRefused(PlacementRefusal):
    code = "placement_role_refused"
    message = "{action}由{who}办理，请转交办理"


class PlacementDayRefused(PlacementRefusal):
    code = "placement_day_refused"
    message = "日期 {day} {why}；请经办人核对日期后再登记"


class AssessmentMissing(PlacementRefusal):
    code = "assessment_missing"
    message = "确定安置方式须先有县残疾人教育专家委员会的评估意见；请县教育局提请评估并登记"


class PlacementAgainstAdvice(PlacementRefusal):
    code = "placement_against_advice"
    message = (
        "专家委员会（{document}）建议的是{advised}，不是{kind}；"
        "请按建议安置，或由县教育局提请专家委员会重新评估"
    )


class PlacementNeedsApplication(PlacementRefusal):
    code = "placement_needs_application"
    message = (
        "{kind}由监护人申请、乡镇或县教育局批准后办理；"
        "请用 ckbx leave apply 登记申请，批准时一并确定安置"
    )


class PlacementNeedsSchool(PlacementRefusal):
    code = "placement_needs_school"
    message = "该生现为「{status}」，{kind}须先在校；请学校先办理入学或复学"


class PlacementPaperMissing(PlacementRefusal):
    code = "placement_paper_missing"
    message = "{action}须有{what}；请{who}补上"


class CategoryUnknown(PlacementRefusal):
    code = "category_unknown"
    message = "残疾{what}“{given}”不认识，可用：{known}；请县教育局按残疾证或评估意见填写"


class NotTaughtAtHome(PlacementRefusal):
    code = "not_taught_at_home"
    message = "该生 {day} 为「{status}」，不在送教上门期内，不能登记送教；请县教育局先批准送教上门，或核对日期"


class VisitRepeated(PlacementRefusal):
    code = "visit_repeated"
    message = "{day} 的送教已登记（第 {visit} 次），没有再记；有误的请先更正那一次"


class VisitUnknown(PlacementRefusal):
    code = "visit_unknown"
    message = "没有第 {visit} 次送教，或已更正；请用 ckbx placement show 核对"


class NoPlacement(PlacementRefusal):
    code = "no_placement"
    message = "该生没有现行的安置，不能{action}；请县教育局先确定安置方式"


class PlacementChangedMeanwhile(PlacementRefusal):
    """``between``: (title, actor, ISO date) of each fact in between."""

    code = "placement_changed_meanwhile"
    message = "您填写期间，该生的安置已有新情况：{changes}。您填写的内容没有丢失，请核对后再提交"

    def __init__(self, *, between: list[tuple[str, str, str]]) -> None:
        self.between = between
        said = "；".join(f"{day} {actor} {title}" for title, actor, day in between)
        super().__init__(changes=said)
