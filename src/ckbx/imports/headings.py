"""Which columns does each kind of file have, and by what other names do people call them?

The canonical names are those of the interfaces; a heading is compared after NFKC, without
white space, line breaks, stars, brackets and punctuation, so the synonyms are written plainly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import msgspec

_DROPPED: Final = re.compile(r"[\W_]+")
_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>")
_PERSON_GROUP: Final = re.compile(
    r"(?:第?(?P<before>[一二三1-3])?)?(?P<who>法定监护人|监护人|家长|父亲|母亲|成员|户主|"
    r"班主任|帮扶人|帮扶联系人|包保责任人|责任人)(?P<after>[一二三1-3])?"
    r"(?:信息|情况|基本信息|基本情况)?"
)
_FIRST: Final = (None, "一", "1")


def normalise(heading: object) -> str:
    """A heading for comparing: NFKC, letters and digits only, bracketed text kept."""
    text = unicodedata.normalize("NFKC", "" if heading is None else str(heading))
    return _DROPPED.sub("", text).upper()


def spellings(heading: object) -> tuple[str, ...]:
    """The normalised heading, then the same without what stands in brackets (必填, YYYYMMDD)."""
    text = unicodedata.normalize("NFKC", "" if heading is None else str(heading))
    whole, bare = normalise(text), normalise(_BRACKETED.sub("", text))
    return (whole,) if bare in ("", whole) else (whole, bare)


class FileKind(msgspec.Struct, frozen=True, dict=True):
    """One kind of file: ``columns`` maps each canonical name to its synonyms.

    All of ``needed`` must be there, and all of one group of ``any_of``. ``people`` says that
    a 姓名 below a group heading such as 监护人信息 belongs to that person, not to the child.
    ``known_names``: how many known columns make a row the heading. ``usual``: the columns that
    a blank one offers beside those needed.
    """

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    people: bool = False
    known_names: int = 3
    usual: tuple[str, ...] = ()

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {normalise(w): name for name, words in self.columns.items() for w in words}
        return names | {normalise(name): name for name in self.columns}

    def column(self, levels: Iterable[str]) -> str | None:
        """The canonical name for a heading given from its top level to its lowest, or None."""
        path = [level for level in levels if normalise(level)]
        if not path:
            return None
        leaf, groups = path[-1], path[:-1]
        for group in reversed(groups):
            person = _PERSON_GROUP.fullmatch(normalise(group)) if self.people else None
            if person:
                return self._find(_owner(person), leaf)
        return self._find("", leaf) or (self._find(groups[-1], leaf) if groups else None)

    def _find(self, prefix: str, leaf: str) -> str | None:
        for spelling in spellings(leaf):
            found = self._names.get(normalise(prefix) + spelling)
            if found:
                return found
        return None

    def missing(self, found: Iterable[str]) -> list[str]:
        """The needed columns that are not among those found."""
        have = set(found)
        missing = [name for name in self.needed if name not in have]
        gaps = [[n for n in group if n not in have] for group in self.any_of]
        return missing + min(gaps, key=len, default=[])


def _owner(person: re.Match[str]) -> str:
    number = person["before"] or person["after"]
    who = "监护人" if person["who"] in ("法定监护人", "家长") else person["who"]
    return who if number in _FIRST else f"{who}{number}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PLACE: Final = {
    "学校标识码": _words(
        "标识码 学校代码 学校编码 学校机构标识码 机构标识码 就读学校标识码 学校标识 学校识别码"
    ),
    "年级": _words("年级名称 所在年级 就读年级"),
    "班级": _words("班 班号 班级名称 所在班级 就读班级 班级编号 行政班"),
}
_CHILD: Final = {
    "姓名": _words("学生姓名 儿童姓名 少年儿童姓名 学生"),
    "性别": _words("学生性别"),
    "出生日期": _words("出生年月日 出生年月 生日 学生出生日期"),
    "身份证件类型": _words("证件类型 身份证类型 身份证件种类 学生证件类型 身份证件类别"),
    "身份证件号": _words(
        "身份证号 身份证号码 身份证件号码 公民身份号码 公民身份证号 公民身份证号码 证件号 证件号码 "
        "身份证 学生身份证号 学生身份证号码 学生身份证件号 居民身份证号 居民身份证号码"
    ),
    "学籍号": _words("全国学籍号 全国学籍主号 学籍主号 学籍号码 学生学籍号 国网学籍号"),
    "户籍地区划": _words(
        "户籍地区划代码 户籍区划 户籍区划代码 户籍地行政区划 户籍行政区划 户籍地行政区划代码 "
        "户籍所在地区划 户籍所在地行政区划 户口所在地区划 户口所在地行政区划 户籍村代码 户籍村区划 "
        "户口所在地行政区划代码 户籍所在地行政区划代码 户籍村行政区划"
    ),
    "现住址区划": _words(
        "现住地区划 现住地行政区划 现居地区划 现居住地区划 居住地区划 现居住地区划代码 现住址行政区划 "
        "现居住地行政区划 现住址区划代码 现住地区划代码 现住村代码 居住地区划代码"
    ),
    "户籍地": _words("户籍地址 户籍所在地 户口所在地 户籍所在地址 户籍详细地址"),
    "现住址": _words(
        "现住地 现居住地 现居住地址 现居住址 家庭住址 家庭地址 住址 居住地址 详细住址"
    ),
    "户籍村": _words("户籍村居 户籍社区村 户籍村社区 所在村 户籍所在村"),
    "现住村": _words("居住村 现居住村 现住社区村 现住村社区"),
    "监护人": _words(
        "监护人姓名 监护人1 监护人1姓名 监护人一姓名 监护人名字 家长 家长姓名 父母姓名"
    ),
    "监护人关系": _words("与监护人关系 监护人1关系 与学生关系 与儿童关系 监护人与学生关系 关系"),
    "监护人身份证件号": _words("监护人身份证号 监护人身份证号码 监护人1身份证件号 监护人证件号"),
    "联系电话": _words(
        "电话 电话号码 手机 手机号 手机号码 联系方式 联系电话号码 监护人电话 监护人电话号码 监护人手机 "
        "监护人联系电话 监护人联系方式 监护人手机号 监护人手机号码 监护人1电话 监护人1联系电话 "
        "家长电话 家长联系电话 家长手机号 家长联系方式"
    ),
    "特殊群体": _words(
        "特殊群体标记 特殊群体类型 特殊群体类别 特殊群体情况 重点群体 重点关注群体 特殊类型"
    ),
    "就读方式": _words("就读形式"),
    "民族": (),
    "入学年月": _words("入学时间 入学日期"),
    "编班日期": _words("编班时间 入班日期 入班时间 分班日期 转入日期"),
    "随班就读": _words("是否随班就读"),
    "残疾证号": _words("残疾人证号 残疾人证号码 残疾证号码 残疾证编号"),
    "残疾类型": _words("残疾人类型 残疾类别"),
    "残疾等级": _words("残疾级别"),
    "是否留守儿童": _words("留守儿童 是否留守"),
    "是否随迁子女": _words("随迁子女 是否进城务工人员随迁子女 是否随迁"),
    "是否孤儿": _words("孤儿"),
    "是否脱贫户": _words("脱贫户 是否脱贫家庭 是否建档立卡 建档立卡 是否建档立卡户"),
    "是否监测户": _words("监测户 是否监测对象 是否三类监测对象"),
    "是否低保": _words("低保 是否低保户 是否低保家庭"),
    "是否特困": _words("特困 是否特困供养"),
    "备注": (),
}
_SCHOOL: Final = {**_PLACE, "学校名称": _words("学校 就读学校 就读学校名称 学校全称 所在学校 校名")}

NOTES_SHEET: Final = "填写说明"
"""A sheet of this name says how the file is filled in, and is passed over."""
MARK_COLUMNS: Final[Mapping[str, str]] = {
    "是否留守儿童": "留守",
    "是否随迁子女": "随迁",
    "是否孤儿": "孤儿",
    "是否脱贫户": "脱贫户",
    "是否监测户": "监测户",
    "是否低保": "低保",
    "是否特困": "特困",
}
"""Yes-no columns and the mark of 特殊群体 that a yes stands for."""

ROSTER: Final = FileKind(
    "roster",
    "花名册",
    {**_SCHOOL, **_CHILD},
    _words("学校标识码 学校名称 年级 班级 姓名 性别 出生日期 身份证件类型 身份证件号 学籍号"),
    people=True,
    usual=_words("户籍地区划 现住址区划 现住址 监护人 监护人关系 联系电话 特殊群体 编班日期"),
)
REGISTER: Final = FileKind(
    "register", "比对名单", {**_SCHOOL, **_CHILD}, ("姓名",), people=True, known_names=2
)
"""Two columns may be all there is: name and number."""
ROLLCALLS: Final = FileKind(
    "rollcalls",
    "点名表",
    {
        **_PLACE,
        "日期": _words("点名日期 考勤日期 上课日期"),
        "时段": _words("时间段 点名时段 考勤时段"),
        "应到": _words("应到人数 应到数 应到学生数"),
        "实到": _words("实到人数 实到数 实到学生数"),
        "缺勤学籍号": _words("缺勤学生学籍号 缺勤学生 学籍号 未到学籍号 未到学生学籍号"),
        "原因": _words("缺勤原因 未到原因 请假原因 缺勤类型"),
        "提交人": _words("上报人 填报人 点名人 提交账号 班主任"),
        "提交时间": _words("上报时间 填报时间 点名时间"),
    },
    _words("日期 学校标识码 年级 班级 应到 实到 缺勤学籍号 原因"),
)
CALENDAR: Final = FileKind(
    "calendar",
    "校历",
    {
        "学年": _words("学年度"),
        "学期": (),
        "开始": _words("开始日期 起始日期 开学 开学日期"),
        "结束": _words("结束日期 截止日期 放假日期"),
        "适用": _words("适用范围 适用学校 适用单位"),
        "日期": (),
        "类型": _words("类别 日期类型"),
        "说明": _words("备注 原因"),
    },
    ("适用",),
    any_of=(_words("学年 学期 开始 结束"), _words("日期 类型")),
)
CHAIN: Final = FileKind(
    "chain",
    "责任链",
    {
        "线": _words("责任线 线别 条线"),
        "层级": _words("级别 级"),
        "岗位": _words("岗位名称 职务 责任岗位"),
        "范围类型": _words("范围类别 责任范围类型"),
        "范围代码": _words("范围编码 责任范围代码"),
        "姓名": _words("责任人 责任人姓名"),
        "账号": _words("账户 登录账号 用户名"),
        "电话": _words("联系电话 手机 手机号 手机号码 联系方式"),
        "起": _words("起始 起始日期 开始日期 任职起始 起始时间"),
        "止": _words("截止 截止日期 结束日期 任职截止 截止时间"),
        "角色": _words("系统角色"),
    },
    _words("线 层级 岗位 范围类型 范围代码 姓名 账号 起"),
)
CHECKIN: Final = FileKind(
    "checkin",
    "报到表",
    {
        **_PLACE,
        "学籍号": (*_CHILD["学籍号"], "报到学籍号"),
        "日期": _words("报到日期 报到时间 到校日期"),
    },
    ("学籍号",),
    known_names=1,
)
KINDS: Final[Mapping[str, FileKind]] = {
    kind.name: kind for kind in (ROSTER, ROLLCALLS, CALENDAR, CHAIN, CHECKIN, REGISTER)
}
