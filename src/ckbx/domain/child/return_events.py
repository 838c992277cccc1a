"""Facts about a dropout, the return from it, and the 巩固期. The work itself is in the case."""

from __future__ import annotations

from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.shared.event import DomainEvent


class EpisodeActedOn(DomainEvent, frozen=True, kw_only=True):
    """A person has acted on the episode: a correction no longer takes it back (domain §4)."""

    TOPIC = "ckbx.child.EpisodeActedOn"
    TITLE = "疑似辍学已有人办理"
    episode: int


class DropoutConfirmed(DomainEvent, frozen=True, kw_only=True):
    """辍学, confirmed by the county. Unexplained school days and persuasion rounds by then."""

    TOPIC = "ckbx.child.DropoutConfirmed"
    TITLE = "认定辍学"
    episode: int
    unexplained_days: int
    rounds: int
    whereabouts: Whereabouts
    rule_version: int
    evidence: list[str] = []


class PersuadedBack(DomainEvent, frozen=True, kw_only=True):
    """劝返复学: back in a class since ``occurred_on``; the 巩固期 begins."""

    TOPIC = "ckbx.child.PersuadedBack"
    TITLE = "劝返复学"
    episode: int
    placement: Placement
    class_key: str
    grade: int
    after_dropout: bool = False


class ReturnSettled(DomainEvent, frozen=True, kw_only=True):
    """The 巩固期 is over and the child is 在读 (the county)."""

    TOPIC = "ckbx.child.ReturnSettled"
    TITLE = "巩固期满，复学稳定"
    episode: int


class Relapsed(DomainEvent, frozen=True, kw_only=True):
    """复辍 in the 巩固期 of ``episode``. Episode ``next_episode`` follows in the same append."""

    TOPIC = "ckbx.child.Relapsed"
    TITLE = "巩固期内复辍"
    episode: int
    next_episode: int
    rule: str
    rule_version: int
    evidence: list[str] = []
