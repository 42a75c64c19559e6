"""The reasons people contact a company for."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason, and what a case of it means unless told otherwise."""

    id: int
    company_id: int
    code: str
    name: str
    desk: str
    complaint: bool
    due_hours: int


_REASONS = """
SELECT id, company_id, code, name, desk, complaint, due_hours FROM contact_casereason
WHERE company_id = ANY(%s::bigint[]) AND ended_at IS NULL ORDER BY company_id, position, id
"""


def reasons_of(company_ids: Sequence[int]) -> dict[tuple[int, str], ReasonRow]:
    """The reasons of these companies that are in use, by company and code, in their order. One statement."""
    return {(row.company_id, row.code): ReasonRow(*row) for row in rows(_REASONS, (list(company_ids),))}
