"""Who is responsible: folded from the events of any number of post registers, asked by day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.answer import (
    Answer,
    Answerer,
    Chains,
    Gap,
    Holder,
    Node,
    State,
    Vacancy,
)
from ckbx.domain.responsibility.chain import (
    ChildPlace,
    child_path,
    class_scopes,
    region_scopes,
    school_scopes,
)
from ckbx.domain.responsibility.events import PostEstablished, PostEvent, PostRevised
from ckbx.domain.responsibility.fold import fold
from ckbx.domain.responsibility.post import (
    ANSWER_RANK,
    REGIONS,
    Line,
    Post,
    Role,
    Scope,
    ScopeKind,
    Tenure,
)
from ckbx.domain.shared.ids import finished_from

# Scopes whose absence is worth a line whatever the county's arrangement; a county that
# also uses grade posts is held to them as well.
BASE_KINDS = {
    Line.GOVERNMENT: frozenset({ScopeKind.COUNTY, ScopeKind.TOWNSHIP, ScopeKind.VILLAGE}),
    Line.EDUCATION: frozenset({ScopeKind.COUNTY, ScopeKind.SCHOOL, ScopeKind.CLASS}),
}


class Directory:
    """All posts known, indexed by scope; days are local dates.

    ``districts`` maps a school to the township whose 学区/中心校 leads it (education-line
    posts on a township); a school missing there is named by :meth:`unset_of_school`.
    Answers about one school hold when the streams of :func:`register.streams_above` were
    folded; the whole-county questions need every register.
    """

    def __init__(self, county: str, districts: Mapping[str, str] | None = None) -> None:
        self.county = county
        self.districts: Mapping[str, str] = districts or {}
        self.posts: dict[UUID, Post] = {}
        self._by_scope: dict[Line, dict[Scope, list[Post]]] = {line: {} for line in Line}
        self._expected = dict(BASE_KINDS)
        self._officers: set[UUID] = set()
        self._memo: tuple[date, dict[Line, dict[Scope, tuple[Node, ...]]]]
        self._forget()

    @classmethod
    def of(
        cls,
        county: str,
        events: Iterable[Any],
        districts: Mapping[str, str] | None = None,
    ) -> Directory:
        """The directory folded from events (of one stream in order, streams in any order)."""
        directory = cls(county, districts)
        for event in events:
            directory.apply(event)
        return directory

    def apply(self, event: PostEvent) -> None:
        """Fold one event."""
        post = fold(self.posts, event)
        self._forget()
        around = self._by_scope[post.line].setdefault(post.scope, [])
        around[:] = sorted([*(p for p in around if p.id != post.id), post], key=_order)
        if isinstance(event, PostEstablished) and post.scope.kind is ScopeKind.GRADE:
            self._expected[post.line] |= {ScopeKind.GRADE}
        if isinstance(event, PostEstablished | PostRevised):
            is_officer = post.role is Role.BUREAU_OFFICER
            (self._officers.add if is_officer else self._officers.discard)(post.id)

    def _forget(self) -> None:
        self._memo = (date.min, {line: {} for line in Line})
        self._latest: dict[str, Tenure] = {}
        self._accounts: dict[str, list[Post]] | None = None

    def posts_at(self, line: Line, scope: Scope) -> Sequence[Post]:
        """The posts of exactly this scope, the one to answer first in front."""
        return self._by_scope[line].get(scope, ())

    def holders(self, post: UUID, day: date) -> tuple[Tenure, ...]:
        """Who holds a post that day, the later 起 first. Raises PostUnknown."""
        found = self.posts.get(post)
        if found is None:
            raise errors.PostUnknown(post=post)
        return found.holders(day)

    def subject_of(self, account: str) -> UUID | None:
        """The person an account stood for most lately, or None (so a person gets one subject)."""
        if not self._latest:
            self._latest = self._latest_tenures()
        latest = self._latest.get(account)
        return latest.holder if latest else None

    def _latest_tenures(self) -> dict[str, Tenure]:
        found: dict[str, Tenure] = {}
        for post in self.posts.values():
            for t in post.tenures:
                known = found.get(t.account)
                if known is None or (t.first_day, t.number) > (known.first_day, known.number):
                    found[t.account] = t
        return found

    def posts_of(self, account: str, day: date) -> list[Post]:
        """The posts an account holds that day: what access is derived from."""
        if self._accounts is None:
            self._accounts = {}
            for post in self.posts.values():
                for name in {t.account for t in post.tenures}:
                    self._accounts.setdefault(name, []).append(post)
        return [
            post
            for post in self._accounts.get(account, ())
            if any(t.account == account for t in post.holders(day))
        ]

    def chain_for(self, place: ChildPlace, day: date) -> Chains:
        """Both chains of a child on a day, the county first."""
        return Chains(
            self._chain(Line.GOVERNMENT, place, day), self._chain(Line.EDUCATION, place, day)
        )

    def _path(self, place: ChildPlace, line: Line) -> list[Scope]:
        return child_path(place, line, self.districts.get(place.school, ""))

    def _chain(self, line: Line, place: ChildPlace, day: date) -> tuple[Node, ...]:
        known = self._nodes_on(day)[line]
        posts = self._by_scope[line]
        nodes: list[Node] = []
        for scope in reversed(self._path(place, line)):
            if scope in known:
                nodes += known[scope]
            elif scope in posts:
                nodes += known.setdefault(scope, self._nodes(line, scope, day))
            elif scope.kind in self._expected[line]:
                nodes.append(_unset(scope))
        return tuple(nodes)

    def _nodes_on(self, day: date) -> dict[Line, dict[Scope, tuple[Node, ...]]]:
        """Nodes found for the day asked about last: one list of children asks about one day."""
        memo = self._memo
        if memo[0] != day:
            memo = self._memo = (day, {line: {} for line in Line})
        return memo[1]

    def _nodes(self, line: Line, scope: Scope, day: date) -> tuple[Node, ...]:
        posts = self.posts_at(line, scope)
        found = [node for post in reversed(posts) if (node := _node(post, day))]
        if not found and scope.kind in self._expected[line]:
            return (_unset(scope),)
        return tuple(sorted(found, key=_by_level))

    def copies_for(self, place: ChildPlace, day: date) -> tuple[Answerer, ...]:
        """Holders of the child's other village in the county: they see it and get copies."""
        scopes = region_scopes(self.county, place.other_home)[:1]
        posts = [p for s in scopes for p in self.posts_at(Line.GOVERNMENT, s)]
        return tuple(a for post in posts for a in _answerers(post, day))

    def answerable(
        self,
        line: Line,
        at: ChildPlace | Scope,
        day: date,
        *,
        beyond: Collection[str] = (),
        officers: Sequence[str] = (),
    ) -> Answer:
        """Who answers that day: the nearest enclosing scope with a holder.

        Within one scope by role (principal before bureau leader), then the deeper level;
        holders side by side all answer, the later 起 first; above the top all bureau
        officers do. A holder without an account cannot be told, so the next above answers
        and ``via`` says it. ``beyond``: accounts that missed the duty, so the next above is asked
        for. ``officers``: accounts that are bureau officers without a post. Raises
        PlaceNeeded for a student's scope.
        """
        path = self._path(at, line) if isinstance(at, ChildPlace) else self._enclosing(at, day)
        missed = frozenset(beyond)
        gaps: list[Gap] = []
        for scope in path:
            to = self._answer_at(line, scope, day, missed, gaps)
            if to:
                return Answer(line, day, to, tuple(gaps), at_top=False)
        top = self._top(day, officers)
        return Answer(line, day, top, tuple(gaps), at_top=True)

    def _answer_at(
        self, line: Line, scope: Scope, day: date, missed: frozenset[str], gaps: list[Gap]
    ) -> tuple[Answerer, ...]:
        posts = [p for p in self.posts_at(line, scope) if p.stands(day)]
        if not posts and scope.kind in self._expected[line]:
            gaps.append(Gap(State.UNSET, "", scope))
        for rung in _rungs(posts):
            found = [(post, _answerers(post, day)) for post in rung]
            gaps += [gap for post, people in found if (gap := _gap(post, people))]
            to = [a for _, people in found for a in people if a.account and a.account not in missed]
            if to:
                return tuple(to)
        return ()

    def _top(self, day: date, officers: Sequence[str]) -> tuple[Answerer, ...]:
        posts = sorted((self.posts[id_] for id_ in self._officers), key=_order)
        found = [a for post in posts for a in _answerers(post, day)]
        known = {a.account for a in found}
        title, role = "控辍保学专干", Role.BUREAU_OFFICER
        found += [Answerer(o, None, title, role, None) for o in officers if o not in known]
        return tuple(found)

    def _enclosing(self, scope: Scope, day: date) -> list[Scope]:
        if scope.kind is ScopeKind.STUDENT:
            raise errors.PlaceNeeded
        county = Scope(ScopeKind.COUNTY, self.county)
        if scope.kind in REGIONS:
            return [*region_scopes(self.county, scope.code), county]
        school, *rest = scope.code.split("/")
        if scope.kind is ScopeKind.CLASS:
            path = class_scopes(scope.code, day)
        else:
            path = school_scopes(school, grade=int(rest[0]) if rest else None)
        if school in self.districts:
            path.append(Scope(ScopeKind.TOWNSHIP, self.districts[school]))
        return [*path, county]

    def vacant_posts(self, day: date) -> list[Vacancy]:
        """空岗: posts that had a holder and have none that day, by line, level and scope.

        Posts of classes past grade 9 are not counted.
        """
        vacant = []
        for post in self.posts.values():
            if post.stands(day) and not post.holders(day) and not _graduated(post.scope, day):
                ended = max(t.last_day for t in post.tenures if t.last_day and t.last_day < day)
                vacant.append(Vacancy(post, ended + timedelta(days=1)))
        return sorted(vacant, key=lambda v: (v.post.line, v.post.level, v.post.scope, v.post.title))

    def unset_scopes(self, line: Line, scopes: Iterable[Scope], day: date) -> list[Scope]:
        """未设: those of the scopes for which nobody was ever appointed by that day."""
        return [
            scope
            for scope in dict.fromkeys(scopes)
            if not any(post.stands(day) for post in self.posts_at(line, scope))
        ]

    def unset_of_school(self, school: str, classes: Iterable[str], day: date) -> list[Scope]:
        """未设 scopes of one school (education line): one line in ``doctor`` and at T-7.

        ``classes`` are its class keys. A township scope with an empty code means: the
        county has 学区 posts and nobody said which of them leads this school.
        """
        scopes = [scope for key in classes for scope in class_scopes(key, day)]
        scopes.append(Scope(ScopeKind.SCHOOL, school))
        expected = self._expected[Line.EDUCATION]
        wanted = (s for s in scopes if s.kind in expected)
        unset = sorted(self.unset_scopes(Line.EDUCATION, wanted, day))
        uses_districts = any(s.kind is ScopeKind.TOWNSHIP for s in self._by_scope[Line.EDUCATION])
        if uses_districts and school not in self.districts:
            unset.append(Scope(ScopeKind.TOWNSHIP, ""))
        return unset

    def all_set_on(self, scopes: Iterable[Scope]) -> date | None:
        """The first day on which each of these (education line) has had a holder, past or to
        come; None while one has nobody. What nobody said of 学区 is set by no appointment.
        """
        firsts = []
        for scope in scopes:
            tenures = [t for p in self.posts_at(Line.EDUCATION, scope) for t in p.tenures]
            if not tenures:
                return None
            firsts.append(min(t.first_day for t in tenures))
        return max(firsts, default=None)


def _graduated(scope: Scope, day: date) -> bool:
    return scope.kind is ScopeKind.CLASS and finished_from(scope.code) <= day


def _by_level(node: Node) -> int:
    return node.level


def _node(post: Post, day: date) -> Node | None:
    """The node of a post, None where it does not stand that day."""
    held = post.holders(day)
    if not held:
        vacant = post.stands(day)
        return _node_of(State.VACANT, post, ()) if vacant else None
    holders = tuple([Holder(t.account, t.holder, t.first_day, t.last_day) for t in held])
    return _node_of(State.HELD, post, holders)


def _unset(scope: Scope) -> Node:
    return Node(State.UNSET, 0, "", scope, None, ())


def _node_of(state: State, post: Post, holders: tuple[Holder, ...]) -> Node:
    return Node(state, post.level, post.title, post.scope, post.role, holders, post.id)


def _order(post: Post) -> tuple[int, int, int, str]:
    """Nearest to answer first: by role, the deeper level, 校长 before 副校长."""
    return ANSWER_RANK.get(post.role, len(Role)), -post.level, len(post.title), post.title


def _answerers(post: Post, day: date) -> list[Answerer]:
    return [
        Answerer(t.account, t.holder, post.title, post.role, post.scope) for t in post.holders(day)
    ]


def _gap(post: Post, people: list[Answerer]) -> Gap | None:
    if any(a.account for a in people):
        return None
    return Gap(State.NO_ACCOUNT if people else State.VACANT, post.title, post.scope)


def _rungs(posts: list[Post]) -> Iterator[list[Post]]:
    """Posts of one scope that answer together, in order; the county's officers come last of all.

    Posts arrive sorted by role and level.
    """
    rung: list[Post] = []
    for post in posts:
        top = post.role is Role.BUREAU_OFFICER and post.scope.kind is ScopeKind.COUNTY
        if post.role not in ANSWER_RANK or top:
            continue
        if rung and (rung[-1].role, rung[-1].level) != (post.role, post.level):
            yield rung
            rung = []
        rung.append(post)
    if rung:
        yield rung
