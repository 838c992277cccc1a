"""What does the gallery say about each role and page? The text of ``docs/guide/gallery.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from ckbx.domain.responsibility.post import Role
from ckbx.web.front_door import Stage
from ckbx.web.permissions import ADMINISTRATOR, INSPECTOR
from tests.web.every_page import VISITOR


class Group(NamedTuple):
    """The pictures of a role: how files begin, its name on the demo's sign-in page, which roles of
    the program it stands for, the heading, a sentence, its guide.
    """

    slug: str
    role: str
    holds: tuple[str, ...]
    own: tuple[str, ...]
    title: str
    says: str
    guide: str


GROUPS: Final = (
    Group(
        "sign-in",
        "",
        (VISITOR, Stage.FACTOR, Stage.ENROL),
        ("/signin",),
        "登录",
        "示例县的登录页列出每类角色的一个账号；县教育局、督导、管理员还要输入动态口令。",
        "README.md",
    ),
    Group(
        "class-teacher",
        "班主任",
        (Role.CLASS_TEACHER,),
        ("/roll-calls", "/check-in", "/account"),
        "班主任",
        "早上在手机上点名，当天联系没来的，登记请假。",
        "class-teacher.md",
    ),
    Group(
        "case-teacher",
        "帮扶教师",
        (Role.CASE_TEACHER,),
        ("/cases",),
        "帮扶教师",
        "手上的个案按期限排好，一步一步办，打印表格带去家访。",
        "case-teacher.md",
    ),
    Group(
        "village",
        "村（社区）责任人",
        (Role.VILLAGE_OFFICER, Role.LIAISON),
        ("/place",),
        "村（社区）",
        "住在本村、没有到校的孩子，走访清单，和学校一起上门。",
        "village.md",
    ),
    Group(
        "township",
        "乡镇责任人",
        (Role.TOWNSHIP_OFFICER,),
        (),
        "乡镇",
        "本乡镇各村没有到校的孩子，期限到哪天，文书由谁办。",
        "township.md",
    ),
    Group(
        "principal",
        "校长",
        (Role.PRINCIPAL,),
        ("/schools", "/reports", "/returns", "/suspected", "/alerts"),
        "校长",
        "没报点名的班、有风险的孩子、月报签字。",
        "principal.md",
    ),
    Group(
        "grade-leader",
        "包年级学校领导",
        (Role.GRADE_LEADER,),
        (),
        "年级组长",
        "和校长一样的总览，只看自己的年级。",
        "principal.md",
    ),
    Group(
        "bureau",
        "县教育局控辍保学专干",
        (Role.BUREAU_OFFICER,),
        ("/overview", "/ledgers", "/indicators", "/imports", "/rules", "/chains"),
        "县教育局控辍保学专干",
        "全县的数字、台账、认定、导入、规则和责任链。",
        "bureau.md",
    ),
    Group(
        "bureau-leader",
        "包学校局领导",
        (Role.BUREAU_LEADER,),
        (),
        "包学校局领导",
        "所包学校的数字、名单和待办；答复学校报的停课。",
        "bureau.md",
    ),
    Group(
        "registrar",
        "学籍管理员",
        (Role.REGISTRAR,),
        (),
        "学籍管理员",
        "一所学校的名册、报到、转学。",
        "principal.md",
    ),
    Group(
        "inspector",
        "督导",
        (INSPECTOR,),
        ("/inspect", "/children"),
        "督导",
        "任意一天、任意一班，全部只读，每次查看都有记录。",
        "inspector.md",
    ),
    Group(
        "administrator",
        "系统管理员",
        (ADMINISTRATOR,),
        ("/accounts", "/sign-ins"),
        "系统管理员",
        "开通账号、授予角色、登录记录；看不到任何学生。",
        "administrator.md",
    ),
)


class Picture(NamedTuple):
    """One page in both sizes: its group, route, title, how its files begin, and in which widths
    the rest of it has a picture of its own.
    """

    group: str
    route: str
    title: str
    name: str
    rest: tuple[int, ...] = ()

    def files(self, width: int) -> list[str]:
        """The pictures of one width."""
        more = [f"{self.name}-{width}-2.png"] if width in self.rest else []
        return [f"{self.name}-{width}.png", *more]


def page_of(pictures: Sequence[Picture]) -> str:
    """The page in Markdown."""
    lines = [
        "# 图库",
        "",
        "每一页在手机（390 像素）和电脑（1280 像素）上的样子，按角色排列；同一页只在先用到它的角色下放一次。",
        "都取自示例县，姓名和号码全部虚构，长的页只截上面一段，下面有表单的另截一张；选文件的按钮和日期框",
        "在您的浏览器里是中文。全部重拍：`python -m tests.support.gallery`，只重拍几页加 `--only 文件名`。",
    ]
    for group in GROUPS:
        own = [each for each in pictures if each.group == group.slug]
        if own:
            lines += ["", f"## {group.title}", f"{group.says}怎样办见 [指南]({group.guide})。", ""]
            lines += ["| 页面 | 手机 | 电脑 |", "|---|---|---|"]
            lines += map(_row, own)
    return "\n".join(lines) + "\n"


def _row(each: Picture) -> str:
    title = each.title.replace("|", "｜")
    phone, desk = (
        " ".join(f"![{title}](images/{file})" for file in each.files(width))
        for width in (390, 1280)
    )
    return f"| {title} | {phone} | {desk} |"
