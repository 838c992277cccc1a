"""The library's ``Application`` on our recorder: repository, ``save`` and notification log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    OperationalError,
    ProcessRecorder,
    Recording,
    TrackingRecorder,
)
from eventsourcing.utils import Environment

from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.mapper import CkbxMapper

AggregateT = TypeVar("AggregateT", bound=Aggregate)


class LogFactory(InfrastructureFactory[TrackingRecorder]):
    """Hands the application the one log of the store; there are no other recorders."""

    def __init__(self, env: Environment, recorder: ApplicationRecorder) -> None:
        super().__init__(env)
        self._recorder = recorder

    def application_recorder(self) -> ApplicationRecorder:
        """The event log."""
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Refused: streams are short, snapshots are not used."""
        _not_used(purpose)

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> TrackingRecorder:
        """Refused: a projection keeps its position beside its own rows."""
        _not_used(str(tracking_recorder_class or "tracking"))

    def process_recorder(self) -> ProcessRecorder:
        """Refused, see :meth:`tracking_recorder`."""
        _not_used("process")


class CkbxApplication(Application[UUID]):
    """Base of the use cases: loads aggregates by class, saves them under a command.

    ``recorder`` stays open when the application closes: it belongs to the composition root.
    """

    def __init__(self, recorder: ApplicationRecorder, env: dict[str, str] | None = None) -> None:
        self._given_recorder = recorder
        super().__init__(env)

    def construct_factory(self, env: Environment) -> LogFactory:
        return LogFactory(env, self._given_recorder)

    def construct_mapper(self) -> CkbxMapper:
        return CkbxMapper()

    def get(self, kind: type[AggregateT], id_: UUID, *, version: int | None = None) -> AggregateT:
        """An aggregate as its events left it, or as it was at a version.

        Raises the library's AggregateNotFoundError when the stream has no events.
        """
        aggregate: AggregateT = self.repository.get(
            id_, version=version, projector_func=projector(kind)
        )
        return aggregate

    def save(self, *objs: Any, **kwargs: Any) -> list[Recording[UUID]]:
        """Store the pending events of aggregates in one append.

        Keywords: ``command`` (UUID), ``reply`` (bytes), ``expect`` (stream to version),
        ``writes`` (vault rows), as in :class:`ckbx.eventlog.ports.Append`. A repeated command
        stores nothing and returns an empty list. Raises ConcurrencyConflict, StoreUnavailable.
        """
        try:
            return super().save(*objs, **kwargs)
        except IntegrityError as error:
            raise _cause(error) or ConcurrencyConflict() from error
        except OperationalError as error:
            raise _cause(error) or StoreUnavailable(why=str(error)) from error


def projector(
    kind: type[AggregateT],
) -> Callable[[AggregateT | None, Iterable[DomainEvent]], AggregateT | None]:
    """The library's projector function for one aggregate class; None for no events."""

    def project(initial: AggregateT | None, events: Iterable[DomainEvent]) -> AggregateT | None:
        aggregate = initial
        for event in events:
            if aggregate is None:
                aggregate = kind(event.originator_id)
            aggregate.replay([event])
        return aggregate

    return project


def _cause(error: Exception) -> CkbxError | None:
    return error.__cause__ if isinstance(error.__cause__, CkbxError) else None


def _not_used(what: str) -> NoReturn:
    msg = f"this store has no recorder for {what}"
    raise InfrastructureFactoryError(msg)
