"""What can be refused about posts and chain rows, and what to do about it."""

from __future__ import annotations

from typing import ClassVar

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class PostUnknown(RuleRefusal):
    """The register has no such post."""

    code = "post_unknown"
    message = "没有这个岗位：{post}。请先导入责任链或在“岗位”页新建"


class PostAlreadyEstablished(RuleRefusal):
    """A post of the same line, scope and title stands already."""

    code = "post_already_established"
    message = "岗位“{title}”（{scope}）已经存在，请直接登记任职"


class TenureUnknown(RuleRefusal):
    """The post has no such tenure, or it was voided."""

    code = "tenure_unknown"
    message = "岗位“{title}”（{scope}）没有编号为 {tenure} 的任职记录，可能已被撤销，请刷新后重试"


class TenureReversed(RuleRefusal):
    """A tenure would end before it begins."""

    code = "tenure_reversed"
    message = "岗位“{title}”（{scope}）：止 {last_day} 早于起 {first_day}，请改正日期"


class AlreadyHeld(RuleRefusal):
    """The same person holds the same post in an overlapping time."""

    code = "post_already_held"
    message = "岗位“{title}”（{scope}）：此人自 {since} 起已在任，不必重复登记"


class HandoverTooEarly(RuleRefusal):
    """A successor would begin on or before the predecessor's first day."""

    code = "handover_too_early"
    message = "岗位“{title}”（{scope}）：接任日 {first_day} 必须晚于前任的起任日 {since}"


class HandoverAfterEnd(RuleRefusal):
    """Nobody holds the post at the hand-over: it is an appointment to a vacant post."""

    code = "handover_nobody"
    message = "岗位“{title}”（{scope}）在 {day} 无人在任，无从交接，请登记为任职"


class AbolishedTooEarly(RuleRefusal):
    """A post would end before one of its tenures begins."""

    code = "abolished_too_early"
    message = "岗位“{title}”（{scope}）不能止于 {day}：{since} 起还有人任职，请先更正该任职"


class PlaceNeeded(RuleRefusal):
    """A student's scope alone does not say where the child lives and learns."""

    code = "place_needed"
    message = "只凭学生编号找不到上级岗位，请按学生的学校、班级和住址查询"


class ChainRowRefused(InputRefused):
    """A row of a chain file that cannot be accepted; ``row`` is its number in the file."""

    code = "chain_row_refused"
    message = "第 {row} 行不能接受"
    column: ClassVar[str] = ""


class UnknownLine(ChainRowRefused):
    code = "unknown_line"
    message = "第 {row} 行“线”：不认识“{value}”，应填 政府线 或 教育线"
    column = "线"


class BadLevel(ChainRowRefused):
    code = "bad_level"
    message = "第 {row} 行“层级”：“{value}”不是 1 到 9 的数"
    column = "层级"


class BadTitle(ChainRowRefused):
    code = "bad_title"
    message = "第 {row} 行“岗位”：应为 1 到 30 个字的岗位名称，不能含证件号或电话号"
    column = "岗位"


class UnknownScopeKind(ChainRowRefused):
    code = "unknown_scope_kind"
    message = "第 {row} 行“范围类型”：不认识“{value}”，应填 {known}"
    column = "范围类型"


class BadScopeCode(ChainRowRefused):
    code = "bad_scope_code"
    message = "第 {row} 行“范围代码”：{kind}的代码应为{form}"
    column = "范围代码"


class ScopeOutsideCounty(ChainRowRefused):
    code = "scope_outside_county"
    message = "第 {row} 行“范围代码”：{value} 不属于本县（{county}），请核对区划代码"
    column = "范围代码"


class UnknownScope(ChainRowRefused):
    code = "unknown_scope"
    message = "第 {row} 行“范围代码”：名册中没有这个{kind}{hint}；请核对代码，或先导入名册"
    column = "范围代码"


class UnknownRole(ChainRowRefused):
    code = "unknown_role"
    message = "第 {row} 行“角色”：不认识“{value}”，应填 {known}，或留空"
    column = "角色"


class BadAccount(ChainRowRefused):
    """Accounts stand in events, so they must not be personal data."""

    code = "bad_account"
    message = (
        "第 {row} 行“账号”：只能用字母、数字和 . _ @ -（最长 64 位），"
        "不能是姓名、手机号或证件号；没有账号的请留空"
    )
    column = "账号"


class RowReversed(ChainRowRefused):
    code = "row_reversed"
    message = "第 {row} 行“止”：{last_day} 早于“起” {first_day}，请改正日期（止为最后一天，含当天）"
    column = "止"


class RowsContradict(ChainRowRefused):
    code = "rows_contradict"
    message = "第 {row} 行与第 {other} 行说的是同一岗位，但“{what}”不同，请只留正确的一行"


class AccountOfAnother(ChainRowRefused):
    code = "account_of_another"
    message = (
        "第 {row} 行“账号”：{account} 在本岗位自 {since} 起是另一人的任职，与本行时间重叠；"
        "请为新任者换一个账号，或先填写前任的“止”"
    )
    column = "账号"
