"""Why a re-check is refused."""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class QuarterUnreadable(InputRefused):
    code = "quarter_unreadable"
    message = "季度“{text}”不能用：请写成 2026-Q4 这样"


class SeedRefused(InputRefused):
    code = "seed_refused"
    message = "种子不能用：写 4 至 64 个字母、数字、- 或 _，不能含证件号或电话号；请抽样人另定一个"


class RecheckRoleRefused(RuleRefusal):
    code = "recheck_role_refused"
    message = "{what}由县教育局控辍保学专干办理，请转交办理"


class QuarterNotBegun(RuleRefusal):
    code = "quarter_not_begun"
    message = "{quarter} 还没有开始（{first} 起），没有可抽的；请核对季度"


class NothingToRecheck(RuleRefusal):
    code = "nothing_to_recheck"
    message = "{quarter} 至今没有销号的个案，也没有免学、送教、休学的决定，无可抽样"


class NotDrawn(RuleRefusal):
    code = "not_drawn"
    message = "{item} 不在 {quarter} 抽出的名单里；请用 ckbx recheck list 核对编号，或先抽样"


class RecheckDayRefused(RuleRefusal):
    code = "recheck_day_refused"
    message = "复核日期 {on} 不能用：应在抽样日 {drawn} 至今天之间；请复核人改正"


class RecheckEvidenceMissing(RuleRefusal):
    code = "recheck_evidence_missing"
    message = "复核须附佐证（文件或写明材料的文字）；请复核人补上"


class RecheckRepeated(RuleRefusal):
    code = "recheck_repeated"
    message = "{item} 在 {on} 已登记同样的复核结果，没有再记；结果有变的请写另一日期或结果"
