"""How documents are numbered: a series with a sequence of its own, usable inside a colleague's SQL."""

from dataclasses import dataclass
from datetime import date

from core.db import rows


@dataclass(frozen=True, slots=True)
class NumberSeriesContext:
    """A series of numbers. The counter is the sequence ``core_number_<id>``; gaps are allowed."""

    id: int
    kind: str
    prefix: str
    digits: int

    @property
    def sequence(self) -> str:
        return f"core_number_{self.id:d}"

    def prefix_on(self, on: date) -> str:
        """The prefix with its date parts filled in."""
        return self.prefix.replace("{yyyy}", f"{on.year:04d}").replace("{yy}", f"{on.year % 100:02d}").replace("{mm}", f"{on.month:02d}")

    def write(self, number: int, *, on: date) -> str:
        """A number as people read it: prefix, then at least so many digits."""
        return f"{self.prefix_on(on)}{number:0{self.digits}d}"

    def sql(self, on: date) -> str:
        """An SQL expression that takes the next number, for the SELECT of an INSERT: one per row, in the same statement.

        Holds no placeholder and nothing that a person typed: a CHECK keeps prefixes to letters, digits, hyphens, slashes.
        """
        return f"core_number_text('{self.prefix_on(on)}', {self.digits:d}, nextval('{self.sequence}'))"


def number_series(company_id: int, *, kind: str, channel_id: int | None = None) -> NumberSeriesContext | None:
    """The series of a channel, else the company's, for a kind of document; None where none has been opened."""
    found = rows(
        "SELECT id, kind, prefix, digits FROM core_numberseries WHERE company_id = %s AND kind = %s AND (channel_id IS NULL OR channel_id = %s::bigint)"
        " ORDER BY channel_id NULLS LAST LIMIT 1",
        (company_id, kind, channel_id),
    )
    return NumberSeriesContext(*found[0]) if found else None
