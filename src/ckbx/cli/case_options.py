"""The options of commands on a case, each declared once."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ckbx.cli.child_options import BUREAU, AsOption, EvidenceOption, OnOption
from ckbx.cli.codes import offered
from ckbx.domain.case.codes import (
    EvidenceKind,
    FollowUpKind,
    FollowUpResult,
    LetterAnswer,
    Means,
    Measure,
    Met,
    Place,
    RoundOutcome,
    Tier,
)
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding

__all__ = ["BUREAU", "AsOption", "EvidenceOption", "OnOption"]
PRINCIPAL: Final = "principal"
LIAISON: Final = "liaison"

CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="个案", help="个案编号（可只写前 8 位），或儿童的学籍号、身份证号、内部编号"
    ),
]
SeenOption = Annotated[
    int | None,
    typer.Option(
        "--seen", metavar="版本", help="办理时看到的个案版本；期间有新情况的拒绝，并列出是什么"
    ),
]
NoteOption = Annotated[
    str | None,
    typer.Option("--note", metavar="文字", help="说明；只存入个人信息库，可随依法删除而删除"),
]
FilesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        metavar="文件",
        help="附件，可写几次；图片、PDF、DOCX",
    ),
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="文字", help="为什么撤销；只存入个人信息库")
]
GapReasonOption = Annotated[
    str | None,
    typer.Option("--reason", metavar="文字", help="有缺访的，写明缘由；只存入个人信息库"),
]

AccountOption = Annotated[
    str, typer.Option("--account", metavar="账号", help="帮扶教师的账号，须已在责任链上")
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="日期", help="从哪一天起；默认今天")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="日期", help="最后一天；默认今天")
]
PlanOption = Annotated[
    str | None, typer.Option("--text", metavar="文字", help="方案内容；只存入个人信息库")
]
MeasuresOption = Annotated[
    list[str] | None,
    typer.Option("--measure", metavar="措施", help=f"帮扶措施，可写几次：{offered(Measure)}"),
]
ReviewOption = Annotated[
    str | None, typer.Option("--review-on", metavar="日期", help="哪一天复核方案")
]
CauseArgument = Annotated[
    str, typer.Argument(metavar="原因", help="原因代码或名称，如 02 或 外出务工")
]
SecondaryOption = Annotated[bool, typer.Option("--secondary", help="是次要原因")]
LevelArgument = Annotated[str, typer.Argument(metavar="等级", help="蓝、黄、橙、红")]
MeasureArgument = Annotated[
    str, typer.Argument(metavar="措施", help=f"哪种措施：{offered(Measure)}")
]

MetOption = Annotated[
    list[str] | None,
    typer.Option("--met", metavar="人", help=f"见到谁，可写几次：{offered(Met)}"),
]
MeansOption = Annotated[
    str, typer.Option("--means", metavar="方式", help=f"方式：{offered(Means)}")
]
HourOption = Annotated[str, typer.Option("--at", metavar="时刻", help="几点，如 19:00")]
OutcomeOption = Annotated[
    str, typer.Option("--outcome", metavar="结果", help=f"结果：{offered(RoundOutcome)}")
]
PeopleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="账号",
        help="参加的人，每人写一次，劝返至少 2 人；没有账号的写“姓名=角色”，姓名只存入个人信息库",
    ),
]
TierOption = Annotated[str, typer.Option("--tier", metavar="层级", help=f"层级：{offered(Tier)}")]
PlaceOption = Annotated[
    str, typer.Option("--place", metavar="地点", help=f"地点：{offered(Place)}")
]
PromisedOption = Annotated[
    str | None, typer.Option("--promised", metavar="日期", help="监护人承诺送返的日期")
]
DocumentOption = Annotated[str, typer.Option("--document", metavar="文号", help="文号")]

FindingOption = Annotated[
    str, typer.Option("--finding", metavar="结论", help=f"结论：{offered(Finding)}")
]
WhereaboutsOption = Annotated[
    str, typer.Option("--whereabouts", metavar="去向", help=f"去向：{offered(Whereabouts)}")
]
PlacementOption = Annotated[
    str, typer.Option("--placement", metavar="安置", help=f"安置：{offered(Placement)}")
]
ClassOption = Annotated[
    str | None,
    typer.Option("--class", metavar="班级", help="班级：学校标识码/入学年/班号；默认原来的班级"),
]
FollowKindOption = Annotated[
    str, typer.Option("--kind", metavar="方式", help=f"方式：{offered(FollowUpKind)}")
]
ResultOption = Annotated[
    str, typer.Option("--result", metavar="情况", help=f"情况：{offered(FollowUpResult)}")
]
CloseKindOption = Annotated[
    str, typer.Option("--kind", metavar="依据", help=f"销号依据：{offered(EvidenceKind)}")
]

AddresseeOption = Annotated[
    str, typer.Option("--to", metavar="单位", help="收函单位的名称；只存入个人信息库")
]
RegionOption = Annotated[
    str, typer.Option("--region", metavar="代码", help="收函地的区划代码；6、9 或 12 位")
]
ReplyByOption = Annotated[
    str, typer.Option("--reply-by", metavar="日期", help="请对方最迟哪一天回复；到期会提醒")
]
LetterArgument = Annotated[int, typer.Argument(metavar="函号", help="第几号函，从 1 起")]
AnswerOption = Annotated[
    str, typer.Option("--answer", metavar="答复", help=f"答复：{offered(LetterAnswer)}")
]
FactOption = Annotated[
    int | None,
    typer.Option(
        "--to", metavar="序号", help="补在哪一条经过上；序号见 case show；不写的算个案的附件"
    ),
]
