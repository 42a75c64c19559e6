"""Opening number series and taking numbers from them."""

from datetime import date

from core.actor import SYSTEM, Actor
from core.db import operation, rows
from core.queries import NumberSeriesContext, kept, number_series


@operation
def open_number_series(
    company_id: int, *, kind: str, actor: Actor, channel_id: int | None = None, prefix: str = "", digits: int = 8, start: int = 1
) -> NumberSeriesContext:
    """The series of a kind of document exists, with a sequence of its own; an existing one is left as it is.

    Two callers at once get the same series.
    """
    rows(
        "INSERT INTO core_numberseries (company_id, kind, channel_id, prefix, digits, start) VALUES (%s, %s, %s::bigint, %s, %s, %s)"
        " ON CONFLICT (company_id, kind, channel_id) DO NOTHING RETURNING id",
        (company_id, kind, channel_id, prefix, digits, start),
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
    taken = rows("SELECT nextval(%s::text::regclass) AS n FROM generate_series(1, %s::bigint)", (series.sequence, count))
    return [series.write(row.n, on=on) for row in taken]
