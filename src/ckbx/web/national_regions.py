"""Which region code do the names of a place in China say, and what is a code called?

To the county (六位行政区划代码), by the table that the checks of identity numbers use.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec
from stdnum import numdb

from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.identifiers import normalise

_MOST_NAMED: Final = 5
_NO_NAME: Final = ("市辖区", "县", "省直辖", "自治区直辖")
_KINDS: Final = ("特别行政区", "自治区", "省", "市", "地区", "盟", "县", "区", "旗", "州")
_PEOPLES: Final = (
    "维吾尔 柯尔克孜 哈萨克 达斡尔 塔吉克 乌孜别克 俄罗斯 鄂温克 鄂伦春 塔塔尔 蒙古 布依 朝鲜 土家 "
    "哈尼 傈僳 高山 拉祜 东乡 纳西 景颇 仫佬 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 德昂 保安 裕固 独龙 "
    "赫哲 门巴 珞巴 基诺 各 回 藏 苗 彝 壮 满 侗 瑶 白 傣 黎 佤 畲 水 土 羌 怒 京"
).split()


class RegionNameUnknown(InputRefused):
    code = "region_name_unknown"
    message = "不认得“{name}”：请写到县（市、区），如“贵州省榕江县”，或写区划代码，如 522632"


class RegionNameShared(InputRefused):
    code = "region_name_shared"
    message = "叫“{name}”的有 {count} 处：{places}；请照其中一处写全"


class Region(msgspec.Struct, frozen=True):
    """A province, city or county: six digits, and its names from the province down."""

    code: str
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """All its names, as people write them."""
        return "".join(self.names)


def code_of(name: str) -> str:
    """The code of a place by its names; the province and city may be left out, and the kind of
    a place (省, 市, 县). Raises RegionNameUnknown, RegionNameShared.
    """
    plain = normalise(name).replace(",", "").replace("、", "").replace("·", "")
    known = [region for region in regions() if _says(plain, region)]
    exact = [region for region in known if plain.endswith(region.names[-1])]
    found = exact or known
    if not found:
        raise RegionNameUnknown(name=name[:30])
    if len(found) > 1:
        places = "、".join(region.label for region in found[:_MOST_NAMED])
        more = "等" if len(found) > _MOST_NAMED else ""
        raise RegionNameShared(name=name[:30], count=len(found), places=places + more)
    return found[0].code


def name_of(code: str) -> str:
    """What a code is called, by its first six digits; empty where the table has none."""
    found = _by_code().get(code[:6])
    return found.label if found else ""


def counties_near(code: str) -> list[str]:
    """The names of the other places of the same province."""
    return [each.label for each in regions() if each.code[:2] == code[:2] and each.code != code]


@lru_cache(maxsize=1)
def regions() -> tuple[Region, ...]:
    """Every province, city and county that there is now."""
    return tuple(_regions())


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Region]:
    return {region.code: region for region in regions()}


def _regions() -> Iterator[Region]:
    for _, province, _, said, below in numdb.get("cn/loc").prefixes:
        names = {digits: _now(more.get("county", "")) for _, digits, _, more, _ in below}
        for digits, name in {**names, "0000": said["province"]}.items():
            if name and not name.startswith(_NO_NAME):
                city = names.get(f"{digits[:2]}00", "")
                above = (said["province"], "" if city.startswith(_NO_NAME) else city)
                parts = dict.fromkeys(each for each in (*above, name) if each)
                yield Region(province + digits, tuple(parts))


def _now(written: str) -> str:
    """The name that is in use of “[1997-1997]万县区,[1998-]万州区”; empty where none is."""
    years, _, name = written.rsplit(",", maxsplit=1)[-1].rpartition("]")
    return "" if years and not years.endswith("-") else name


def _says(plain: str, region: Region) -> bool:
    """Whether these words are the place's name, with or without what it lies in."""
    for last in _spellings(region.names[-1]):
        if plain.endswith(last) and plain.removesuffix(last) in _above(region.names[:-1]):
            return True
    return False


def _above(names: tuple[str, ...]) -> set[str]:
    """In what words a place is said to lie: the province, the city, both, neither."""
    found = {""}
    for name in names:
        found |= {before + said for before in found for said in _spellings(name)}
    return found


@lru_cache(maxsize=8192)
def _spellings(name: str) -> tuple[str, ...]:
    """A name in full, and as people shorten it: 西盟佤族自治县, 西盟县, 西盟."""
    short = name
    for kind in _KINDS:
        if name.endswith(kind):
            short = name.removesuffix(kind).removesuffix("自治")
            break
    without = _without_peoples(short) if "自治" in name else short
    if len(without) < 2:
        return (name,)
    return tuple(dict.fromkeys((name, without + name[-1], without)))


def _without_peoples(name: str) -> str:
    """A name without the peoples it is named for."""
    for people in _PEOPLES:
        for said in (f"{people}族", people):
            rest = name.removesuffix(said)
            if rest != name and len(rest) >= 2:
                return _without_peoples(rest)
    return name
