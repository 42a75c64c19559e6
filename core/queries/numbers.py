"""How documents are numbered: a series with a sequence of its own, usable inside a colleague's SQL."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import rows
from core.models import Restart


@dataclass(frozen=True, slots=True)
class NumberSeriesContext:
    """A series of numbers. The counter is the sequence ``core_number_<id>``, or one per period of a series that counts anew.

    Gaps are allowed.
    """

    id: int
    kind: str
    prefix: str
    digits: int
    restarts: Restart = Restart.NEVER

    @property
    def sequence(self) -> str:
        return f"core_number_{self.id:d}"

    def period(self, on: date) -> str:
        """ "2026" or "202611" where the series counts anew, else ""."""
        return {Restart.NEVER: "", Restart.YEARLY: f"{on.year:04d}", Restart.MONTHLY: f"{on.year:04d}{on.month:02d}"}[self.restarts]

    def prefix_on(self, on: date) -> str:
        """The prefix with its date parts filled in."""
        return self.prefix.replace("{yyyy}", f"{on.year:04d}").replace("{yy}", f"{on.year % 100:02d}").replace("{mm}", f"{on.month:02d}")

    def write(self, number: int, *, on: date) -> str:
        """A number as people read it: prefix, then at least so many digits."""
        return f"{self.prefix_on(on)}{number:0{self.digits}d}"

    def next_sql(self, on: date) -> str:
        """An SQL expression that counts one further; holds no placeholder and nothing that a person typed."""
        if period := self.period(on):
            return f"core_next_number({self.id:d}, '{period}')"
        return f"nextval('{self.sequence}')"

    def sql(self, on: date) -> str:
        """An SQL expression that takes the next number, for the SELECT of an INSERT: one per row, in the same statement.

        Holds no placeholder and nothing that a person typed: a CHECK keeps prefixes to letters, digits, hyphens, slashes.
        """
        return f"core_number_text('{self.prefix_on(on)}', {self.digits:d}, {self.next_sql(on)})"


def number_series(company_id: int, *, kind: str, channel_id: int | None = None) -> NumberSeriesContext | None:
    """The series of a channel, else the company's, for a kind of document; None where none has been opened."""
    found = rows(
        "SELECT id, kind, prefix, digits, restarts FROM core_numberseries WHERE company_id = %s AND kind = %s AND (channel_id IS NULL OR channel_id = %s::bigint)"
        " ORDER BY channel_id NULLS LAST LIMIT 1",
        (company_id, kind, channel_id),
    )
    return _series(found[0]) if found else None


def series_of_kind(kind: str, *, company_ids: list[int]) -> list[NumberSeriesContext]:
    """Every series of a kind of document that these companies and their channels have."""
    found = rows(
        "SELECT id, kind, prefix, digits, restarts FROM core_numberseries WHERE kind = %s AND company_id = ANY(%s::bigint[])",
        (kind, company_ids),
    )
    return [_series(row) for row in found]


def _series(row: Any) -> NumberSeriesContext:
    return NumberSeriesContext(row.id, row.kind, row.prefix, row.digits, Restart(row.restarts))
