"""Contact's part of an erasure: what was said goes, when and why it was said stays."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.operations.erasing import erase_personal_history

_CASES = """
UPDATE contact_case SET theme = '', caller_name = '', caller_contact = '', handover_note = '', resolution = '', cause_detail = '',
    version = version + 1
WHERE customer_id = ANY(%s::bigint[]) RETURNING id
"""
_WORDS = "UPDATE contact_interaction SET body = '' WHERE case_id = ANY(%s::bigint[]) RETURNING id"


@operation
def blank_cases(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Nothing that was said by or about these customers is left in their cases, nor in the change history; answers how many cases.

    Three statements. Again changes nothing.
    """
    cases = [row.id for row in rows(_CASES, (list(customer_ids),))]
    if not cases:
        return 0
    words = [row.id for row in rows(_WORDS, (cases,))]
    erase_personal_history({"contact_case": cases, "contact_interaction": words}, actor=actor)
    return len(cases)
