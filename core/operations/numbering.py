"""Opening number series and taking numbers from them."""

from datetime import date, datetime

from core.actor import SYSTEM, Actor
from core.db import operation, rows
from core.models import Restart
from core.queries import NumberSeriesContext, kept, number_series


@operation
def open_number_series(
    company_id: int,
    *,
    kind: str,
    actor: Actor,
    channel_id: int | None = None,
    prefix: str = "",
    digits: int = 8,
    start: int = 1,
    restarts: Restart = Restart.NEVER,
) -> NumberSeriesContext:
    """The series of a kind of document exists, with a sequence of its own; an existing one is left as it is.

    Two callers at once get the same series.
    """
    rows(
        "INSERT INTO core_numberseries (company_id, kind, channel_id, prefix, digits, start, restarts) VALUES (%s, %s, %s::bigint, %s, %s, %s, %s)"
        " ON CONFLICT (company_id, kind, channel_id) DO NOTHING RETURNING id",
        (company_id, kind, channel_id, prefix, digits, start, restarts),
    )
    found = number_series(company_id, kind=kind, channel_id=channel_id)
    assert found is not None
    return found


def series_for(company_id: int, *, kind: str, channel_id: int | None = None, prefix: str = "", digits: int = 8) -> NumberSeriesContext:
    """The series to number a document from: the channel's, else the company's, opened now if there is none yet.

    Kept for up to five seconds, so that a busy shop asks the database once. Opening one writes: call it inside an operation,
    or outside any transaction.
    """

    def load() -> NumberSeriesContext:
        found = number_series(company_id, kind=kind, channel_id=channel_id)
        return found or open_number_series(company_id, kind=kind, prefix=prefix, digits=digits, actor=SYSTEM)

    return kept(("number series", company_id, kind, channel_id), load=load)


def take_numbers(series: NumberSeriesContext, *, count: int, on: date) -> list[str]:
    """So many new numbers in one statement, in rising order, never given to anybody else; a rollback leaves a gap."""
    if count <= 0:
        return []
    taken = rows(f"SELECT {series.next_sql(on)} AS n FROM generate_series(1, %s::bigint)", (count,))
    return [series.write(row.n, on=on) for row in taken]


_OPEN_PERIODS = """
SELECT core_open_number(s.id, to_char(d.day, CASE s.restarts WHEN 'yearly' THEN 'YYYY' ELSE 'YYYYMM' END))
FROM core_numberseries s JOIN core_company c ON c.id = s.company_id
CROSS JOIN LATERAL (VALUES ((%(at)s::timestamptz AT TIME ZONE c.timezone)::date), ((%(at)s::timestamptz AT TIME ZONE c.timezone)::date + 3)) AS d (day)
WHERE s.restarts <> 'never' ORDER BY s.id, d.day
"""


@operation
def open_number_periods(*, actor: Actor, at: datetime) -> int:
    """The counters of this period and of one that begins within three days are there, so that nobody waits at its first document."""
    return len(rows(_OPEN_PERIODS, {"at": at}))
