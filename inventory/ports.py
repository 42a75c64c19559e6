"""What inventory asks of others: demand known beforehand, a forecasting library, the files warehouses exchange, another way to route."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.actor import Actor
from core.hooks import Hook
from inventory.rules import Demand, FileKind, FilePlace, FileRow, RowNote, Shortage, Supply, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPieces:
    """So many of a variant that will be wanted on a day."""

    variant_id: int
    day: date
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPieces:
    """So many of a stock item that left a location on a day for demand which had been known beforehand."""

    stock_item_id: int
    location_id: int
    day: date
    quantity: int


class PlannedDemand(Protocol):
    """Answers with demand that is agreed already, such as the deliveries of running contracts; an app's ``hooks`` room does.

    Both sides are asked: what was planned in the past is taken out of the history before the rest is forecast, so that
    nothing is counted twice.
    """

    def planned_demand(self, company_id: int, *, today: date, until: date) -> Sequence[PlannedPieces]:
        """What is agreed for the days from today to before ``until``; what is overdue counts as today."""
        ...

    def taken_demand(self, company_id: int, *, since: date) -> Sequence[TakenPieces]:
        """What left the shelves for such demand since a day."""
        ...


class ForecastLibrary(Protocol):
    """Forecasts many series of daily counts at once, each by several methods; an adapter does."""

    def is_installed(self) -> bool:
        """Whether the packages it needs are here."""
        ...

    def predict(self, series: Sequence[Sequence[int]], *, days: int) -> Sequence[Mapping[str, Sequence[float]]]:
        """For each series the next so many days, by the name of the method; a method that can't is left out."""
        ...


class FileDesk(Protocol):
    """Whoever knows what the rows of some kinds of file mean."""

    def file_kinds(self) -> Sequence[FileKind]:
        """The kinds it answers for."""
        ...

    def take_rows(self, kind: str, rows: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[RowNote]:
        """Rows that came in take effect, each once; what became of each, and of what is missing from the file.

        A refusal points at our field ("/tracking_number"); whoever asked knows what the partner calls it.
        """
        ...

    def give_rows(self, kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[Mapping[str, object]]:
        """The rows that go out now, their values by our fields; what was given once is not given again."""
        ...

    def people_in(self, file_id: int) -> Sequence[str]:
        """Whose personal data a file of its kinds holds ("customer:…"), so that reading it can be written down."""
        ...


PLANNED_DEMAND: Hook[PlannedDemand] = Hook("inventory.PlannedDemand", PlannedDemand)
FORECAST_LIBRARY: Hook[ForecastLibrary] = Hook("inventory.ForecastLibrary", ForecastLibrary)
FILE_DESK: Hook[FileDesk] = Hook("inventory.FileDesk", FileDesk)


class RoutingStrategy(Protocol):
    """Plans from which shelves orders are served; the first one that is wired replaces ``rules.route``.

    Its plan is advice like any other: ``allocate`` locks the shelves, compares and takes, so that no strategy can oversell.
    Shelves that a demand is ``not_from`` are not for it.
    """

    def route(self, demands: Sequence[Demand], supply: Supply) -> Mapping[int, tuple[Take, ...] | Shortage]:
        """A plan for every order of the demands, by order key, that gives all it wants; else what it is short of."""
        ...


ROUTING_STRATEGY: Hook[RoutingStrategy] = Hook("inventory.RoutingStrategy", RoutingStrategy)
