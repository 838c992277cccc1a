"""What stands on a paper about one child: the person, the place, the chains, the case, its rounds.

What is not recorded is not given: the paper leaves a line to write on. Names and typed words
come from the vault under one access record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from ckbx.application.case_view import look_at_cases
from ckbx.application.office import Office
from ckbx.documents.paper import Paper
from ckbx.domain.child.child import Child
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.school.school import County
from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.case_words import note_refs
from ckbx.ledgers.paper_case import Facts, RoundUnknown, case_values
from ckbx.ledgers.paper_leave import (
    PAPER,
    cohort_of,
    deferral_values,
    facts_of_deferral,
    refs_of_facts,
)
from ckbx.ledgers.paper_legal import legal_values
from ckbx.ledgers.paper_people import (
    Names,
    Values,
    person_values,
    place_values,
    places_of,
    responsible_values,
)
from ckbx.ledgers.paper_subjects import PaperAboutNobody, Subject
from ckbx.ledgers.question import Look
from ckbx.ledgers.sexes import sexes
from ckbx.vault import Person
from projections import responsibility

_TOGETHER: Final = 200


class PapersNotMade(InputRefused):
    code = "papers_not_made"
    message = "有 {count} 份文书没有写：{why}"


def paper_values(
    look: Look, office: Office, paper: Paper, subject: Subject, *, round_: int | None = None
) -> Values:
    """Every placeholder that has a value. ``round_``: the persuasion round a form is about.

    Raises PaperAboutNobody, RoundUnknown.
    """
    (found,) = many_values(look, office, paper, [subject], round_=round_)
    if isinstance(found, InputRefused):
        raise found
    return found


def many_values(
    look: Look,
    office: Office,
    paper: Paper,
    subjects: Sequence[Subject],
    *,
    round_: int | None = None,
) -> Iterator[Values | InputRefused]:
    """The same for each of many, in their order, or why there is no paper about one of them.

    What they share is read once for some hundred, under one access record.
    """
    for start in range(0, len(subjects), _TOGETHER):
        batch = _Batch(look, office, paper, subjects[start : start + _TOGETHER])
        for subject in batch.subjects:
            try:
                values = batch.values(subject, round_)
            except (PaperAboutNobody, RoundUnknown) as refused:
                yield refused
            else:
                yield {name: value for name, value in values.items() if value}


class _Batch:
    """Subjects of one paper with everything that was read about them."""

    def __init__(
        self, look: Look, office: Office, paper: Paper, subjects: Sequence[Subject]
    ) -> None:
        self.look, self.office, self.subjects = look, office, subjects
        self.paper = paper.name
        ids = list(dict.fromkeys(subject.child for subject in subjects))
        events = look.log.load(ids)
        self.children = {id_: Child(id_).replay(events[id_]) for id_ in ids}
        self.cohorts = {id_: cohort_of(events[id_]) for id_ in ids}
        self.asked = {id_: facts_of_deferral(office, paper.name, id_) for id_ in ids}
        self.places = places_of(look, list(self.children.values()))
        of = [subject.case for subject in subjects if subject.case is not None]
        views = look_at_cases(office, of, look.question.as_of) if of else []
        self.views = {view.case.id: view for view in views}
        self.facts = _facts(look, office, of)
        self.known = responsibility.directory(look.reading, look.position)
        self.chains = {
            id_: self.known.chain_for(place, look.question.as_of)
            for id_, place in self.places.items()
        }
        self.people = self._people(ids)
        self.sexes = sexes(look, ids)
        self.county = _county_name(look, office)
        self.schools = look.school_names()
        self.names = Names(self.people, self.known)

    def _people(self, children: Sequence[UUID]) -> Mapping[UUID, Person]:
        """Everybody named on a paper, the children's notes and contacts: one record."""
        events = [event for each in self.facts.values() for event in each]
        refs = sorted({f"note:{ref}" for event in events for ref in note_refs(event).values()})
        refs += refs_of_facts([fact for asked in self.asked.values() for fact in asked])
        joined = [each for e in events for each in getattr(e, "participants", ())]
        refs += sorted({f"note:{each.person}" for each in joined if each.person})
        accounts = {each.account for each in joined if each.account}
        accounts |= {event.actor for event in events}
        accounts |= {name for event in events for name in getattr(event, "servers", ())}
        accounts |= {a for event in events if (a := getattr(event, "account", None))}
        subjects = [self.known.subject_of(account) for account in sorted(accounts)]
        nodes = [node for chains in self.chains.values() for line in chains for node in line]
        holders = [h.subject for node in nodes for h in node.holders]
        return self.look.people([*children, *subjects, *holders], ("identity", "contact", *refs))

    def values(self, subject: Subject, round_: int | None) -> Values:
        """Of one subject. Raises PaperAboutNobody, RoundUnknown."""
        look, child = self.look, self.children[subject.child]
        person = self.people[child.id]
        if person.erased:
            raise PaperAboutNobody(child=child.id)
        place, chains = self.places[child.id], self.chains[child.id]
        values: Values = {
            "县名": self.county,
            **person_values(person, self.sexes.get(child.id)),
            **place_values(look, self.schools, place, child),
            **responsible_values(look, self.schools, chains, self.names),
            "就学状态": child.status_on(look.question.as_of).label,
        }
        if self.paper == PAPER:
            values |= deferral_values(self.asked[child.id], person.notes, self.cohorts[child.id])
        if subject.case is not None:
            told = Facts(self.facts.get(subject.case, []), person.notes, self.names)
            view = self.views[subject.case]
            values |= case_values(self.office, view, told, look.question.as_of, round_)
            values |= legal_values(self.paper, told)
        return values


def _facts(look: Look, office: Office, cases: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Facts of each case and of its legal steps, by day."""
    of = {case: case for case in cases}
    of |= {LegalSteps.stream(office.county, case): case for case in cases}
    found: dict[UUID, list[Any]] = {}
    for each in look.log.read_streams(list(of), up_to=look.position) if of else ():
        found.setdefault(of[each.event.originator_id], []).append(each.event)
    return {
        case: sorted(events, key=lambda event: event.occurred_on) for case, events in found.items()
    }


def _county_name(look: Look, office: Office) -> str:
    stream = County.stream(office.county)
    county = County(stream).replay(look.log.load([stream]).get(stream, []))
    return str(getattr(county, "name", "") or "")
