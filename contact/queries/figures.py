"""How the desk is doing, for the first page of the back office."""

from dataclasses import dataclass
from datetime import datetime

from core.db import rows

_FIGURES = """
SELECT count(*) AS unsolved, count(*) FILTER (WHERE due_at < %(at)s) AS overdue, count(*) FILTER (WHERE owner_id IS NULL) AS ownerless,
    count(*) FILTER (WHERE complaint) AS complaints, count(*) FILTER (WHERE state = 'waiting') AS waiting
FROM contact_case WHERE state <> 'solved'
"""


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """Unsolved cases: all, past their time, looked after by nobody, complaints, waiting for the other side."""

    unsolved: int
    overdue: int
    ownerless: int
    complaints: int
    waiting: int


def desk_figures(*, at: datetime) -> DeskFigures:
    """The figures of now, from the index of unsolved cases."""
    return DeskFigures(*rows(_FIGURES, {"at": at})[0])
