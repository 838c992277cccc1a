"""One child: who it is, where it stands, both chains, and everything that happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.domain.responsibility.answer import Chains, Node
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.identifiers import mask_number, normalise
from ckbx.eventlog.readable import read_readable
from ckbx.ledgers.case_words import about, note_fields, words_of
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.question import Look, who
from ckbx.ledgers.rows import scope_name
from ckbx.ledgers.sexes import sexes
from ckbx.vault import Person, Vault
from projections import responsibility, roster, timeline
from projections.scope import Scope

ANSWERS = ("roster", "responsibility", "timeline", "school")
"""The projections these answers rest on."""


_GAP = "位置 {position} 的事件无法读出，从那里起的经过不完整；请运行 ckbx doctor 并报告管理员"


class ChildUnknown(InputRefused):
    code = "child_unknown"
    message = "没有找到儿童 {key}：请核对学籍号、身份证号或内部编号，或先导入花名册"


class ChildNotThen(InputRefused):
    code = "child_not_then"
    message = "儿童 {key} 在 {day} 还没有登记（按当时已记录的情况）：请换一个日期"


def find_child(vault: Vault, key: str) -> UUID:
    """The child of a 学籍号, 身份证号 or internal id. Raises ChildUnknown, LookupAmbiguous."""
    try:
        return UUID(key.strip())
    except ValueError:
        number = normalise(key)
    for kind in ("student_no", "id_number"):
        found = vault.find(kind, number) if number else None
        if found is not None:
            return found
    raise ChildUnknown(key=mask_number(number))


def responsible_json(look: Look, child: UUID) -> dict[str, Any]:
    """Both chains of one child on the as-of day. Raises ChildUnknown, ChildNotThen."""
    place = _place(look, child)
    chains = _chains(look, place)
    people = look.people([child, *_holders(chains)])
    return {**who(people, child), **_when(look), "chains": chains_json(look, chains, people)}


def student_json(look: Look, child: UUID) -> dict[str, Any]:
    """The whole file of one child up to the as-of day. Raises ChildUnknown, ChildNotThen."""
    q, place = look.question, _place(look, child)
    chains = _chains(look, place)
    facts, gaps = timeline.facts_with_gaps(look.reading, look.log, Scope.county(), child, **look.at)
    noted = ("identity", "marks", *note_fields(facts))
    people = look.people([child, *_holders(chains)], noted)
    person = people[child]
    names = look.school_names()
    return {
        "child_id": str(child),
        **who(people, child),
        "sex": sexes(look, [child]).get(child),
        "birth_date": person.identity.birth_date if person.identity else None,
        "school_code": place.school,
        "school_name": names.get(place.school, "") if place.school else None,
        **look.class_of(place.class_key, place.grade),
        "tracking_status": place.status.value,
        "register_status": place.register_status.value,
        "since": place.since,
        "village_code": place.village,
        "residence_code": place.residence,
        "groups": [mark.code for mark in person.marks.on(q.as_of).entries] if person.marks else [],
        **_when(look),
        "incomplete": [_GAP.format(position=position) for position in gaps],
        "chains": chains_json(look, chains, people),
        "timeline": [
            {
                "event": entry.event,
                "title": entry.title,
                "occurred_on": entry.occurred_on,
                "recorded_at": instant_text(entry.recorded_at),
                "actor": entry.actor,
                "position": entry.position,
                "about": about(fact.event, words_of(fact.event, person)),
                "data": entry.data,
            }
            for fact in facts
            for entry in [timeline.entry(fact)]
        ],
    }


def chains_json(look: Look, chains: Chains, people: Mapping[UUID, Person]) -> dict[str, list[Row]]:
    """Both chains, the county first, the child last."""
    names = look.school_names()
    return {
        "government": [_node(look, names, node, people) for node in chains.government],
        "education": [_node(look, names, node, people) for node in chains.education],
    }


def _node(look: Look, names: dict[str, str], node: Node, people: Mapping[UUID, Person]) -> Row:
    kind = node.scope.kind
    return {
        "level": node.level,
        "post": node.title or None,
        "scope_kind": kind.value,
        "scope_code": node.scope.code,
        "scope_name": scope_name(look, names, kind, node.scope.code),
        "role": node.role.value if node.role else None,
        "state": node.state.value,
        "holders": [
            {
                "name": people[holder.subject].name if holder.subject else None,
                "account": holder.account or None,
                "first_day": holder.first_day,
                "last_day": holder.last_day,
            }
            for holder in node.holders
        ],
    }


def _place(look: Look, child: UUID) -> roster.Place:
    found = roster.place_of(look.reading, Scope.county(), [child], **look.at).get(child)
    if found is not None:
        return found
    if not any(read_readable(look.log, [child], up_to=look.position)):
        raise ChildUnknown(key=child)
    day: date = look.question.as_of
    raise ChildNotThen(key=child, day=day)


def _chains(look: Look, place: roster.Place) -> Chains:
    whole = responsibility.child_place(look.reading, place)
    found = responsibility.chains(look.reading, Scope.county(), [whole], **look.at)
    return found[whole.child]


def _holders(chains: Chains) -> Iterable[UUID | None]:
    return [h.subject for nodes in chains for node in nodes for h in node.holders]


def _when(look: Look) -> Row:
    return {
        "as_of": look.question.as_of,
        "known_at": instant_text(look.instant),
        "position": look.position,
    }
