"""Every decision on one child that has a page, those of the school's day in front."""

from __future__ import annotations

from typing import Final

from ckbx.web.pages.acts.county import COUNTY_ACTS
from ckbx.web.pages.acts.leaves import LEAVES
from ckbx.web.pages.acts.moves import MOVES
from ckbx.web.pages.acts.placing import PLACING
from ckbx.web.pages.acts.visiting import VISITING

GROUPS: Final = (
    ("缺勤", VISITING),
    ("休学、缓学、免学", LEAVES),
    ("转学、入学", MOVES),
    ("残疾儿童安置", PLACING),
    ("其他去向", COUNTY_ACTS),
)
ACTS: Final = tuple(act for _, acts in GROUPS for act in acts)
