"""Which colour has the tag of a status? On every page the same; its words say the same."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ckbx.domain.case.codes import RiskLevel, Stage
from ckbx.domain.child.status import TrackingStatus
from projections.roll_call_completeness import DayState

_S, _D = TrackingStatus, DayState
_STATUSES: Final[Mapping[StrEnum, str]] = {
    _S.SUSPECTED: "red",
    _S.DROPPED_OUT: "red",
    _S.MISSING: "red",
    _S.ABSENT: "orange",
    _S.NOT_ENROLLED: "orange",
    _S.TRANSFERRING: "yellow",
    _S.ENROLLED: "green",
    _S.PERSUADED_BACK: "green",
}
_STAGES: Final[Mapping[StrEnum, str]] = {
    Stage.OPEN: "orange",
    Stage.VERIFIED: "orange",
    Stage.PERSUADING: "orange",
    Stage.DETERMINED: "red",
    Stage.RETURNED: "blue",
    Stage.CONSOLIDATING: "green",
    Stage.SETTLED: "blue",
    Stage.CONCLUDED: "blue",
}
_DAYS: Final[Mapping[StrEnum, str]] = {
    _D.REPORTED: "green",
    _D.SILENT: "orange",
    _D.PARTIAL: "blue",
    _D.WAITING: "blue",
}
_RISKS: Final[Mapping[StrEnum, str]] = {each: each.value for each in RiskLevel}
_TONES: Final[Mapping[type[StrEnum], tuple[Mapping[StrEnum, str], str]]] = {
    TrackingStatus: (_STATUSES, "blue"),
    Stage: (_STAGES, "grey"),
    DayState: (_DAYS, "grey"),
    RiskLevel: (_RISKS, "grey"),
}
"""By kind of status: the colours, and that of those not named. Codes of two kinds may be alike."""
_WORDS: Final = {"空岗": "yellow", "已签收": "grey", "补录": "yellow", "初始导入": "yellow"}


def tone_of(status: StrEnum | str) -> str:
    """The colour of a status, or of a word that several pages put into a tag."""
    if isinstance(status, StrEnum):
        tones, other = _TONES[type(status)]
        return tones.get(status, other)
    return _WORDS[status]
