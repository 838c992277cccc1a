"""How are the people of the demo county called and numbered? Made up, and the same each time.

Names come from small tables of common characters; 身份证号 carry a region code that exists
nowhere and a right check character; phone numbers begin with 100, which no carrier uses.
Any likeness to a person is chance.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from ckbx.domain.shared.identifiers import check_character

REGION: Final = "522697"

_SURNAMES: Final = (
    "杨吴龙王张李陈刘石罗潘彭田黄赵周欧姜宋徐谢唐何蒋韦梁冯邓曾胡滕向舒覃莫姚尹万熊孟严雷夏汪"
)
_MALE: Final = (
    "子轩 浩然 宇航 志强 俊杰 天佑 家豪 明辉 文博 建国 承恩 一鸣 景行 光耀 国栋 少华 立新 启明 "
    "思远 振宇 永康 海波 小龙 阳 磊 涛 鑫 凯 旭 斌 帆 昊 晨 锐 松 远 川 峰 航 毅"
).split()
_FEMALE: Final = (
    "雨涵 欣怡 梦瑶 思琪 雅婷 诗语 佳慧 晓燕 春梅 秀芳 慧敏 语嫣 若溪 可馨 静怡 玉兰 艳红 小芳 "
    "依诺 紫萱 美玲 彩云 冬妮 婷 娟 蕾 倩 雪 琳 瑶 薇 月 颖 岚 露 桂 霞 馨 洁 萌"
).split()
_TAIL: Final = "辰宁睿洋嘉泽安乐雯彤妍晗博奕霖煜溪玥淇菲然诚希贝"
_PARENTS: Final = (
    "国华 建军 志明 永福 德才 光明 正云 昌平 秀英 桂花 春兰 玉珍 金莲 小红 丽萍 长林 世海 老三"
).split()


class People:
    """Makes people in a fixed order: the same seed makes the same ones."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._numbers: set[str] = set()
        self._phones: set[str] = set()

    def child(self, *, male: bool) -> str:
        """A child's name of two or three characters."""
        given = self._rng.choice(_MALE if male else _FEMALE)
        if len(given) == 1 and self._rng.random() < 0.7:
            given += self._rng.choice(_TAIL)
        return self._rng.choice(_SURNAMES) + given

    def adult(self, surname: str = "") -> str:
        """A grown-up's name; of a given family where ``surname`` is said."""
        return (surname or self._rng.choice(_SURNAMES)) + self._rng.choice(_PARENTS)

    def phone(self) -> str:
        """Eleven digits that no carrier gives out, each number once."""
        while True:
            number = f"100{self._rng.randrange(10**8):08d}"
            if number not in self._phones:
                self._phones.add(number)
                return number

    def id_number(self, birth: date, *, male: bool) -> str:
        """A 身份证号 of the region that exists nowhere, each number once."""
        while True:
            order = self._rng.randrange(500) * 2 + (1 if male else 0)
            first = f"{REGION}{birth:%Y%m%d}{order:03d}"
            if first not in self._numbers:
                self._numbers.add(first)
                return first + check_character(first)

    def birth(self, entry_year: int) -> date:
        """A birth date of those who reach grade 1 in the autumn of a year (domain §5)."""
        first = date(entry_year - 7, 9, 1)
        return first + timedelta(
            days=self._rng.randrange((date(entry_year - 6, 8, 31) - first).days)
        )
