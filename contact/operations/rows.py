"""Cases as operations lock them, and the words they leave behind."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contact.rules import Deed, Direction
from core.actor import Actor
from core.db import rows
from customers.rules import Visibility

_LOCK = """
SELECT c.id, c.public_id, c.company_id, c.customer_id, c.number, c.state, c.desk, c.priority, c.owner_id, c.last_at, c.solved_at
FROM contact_case c WHERE c.id = ANY(%s::bigint[]) ORDER BY c.id FOR NO KEY UPDATE
"""
_SAY = """
INSERT INTO contact_interaction (case_id, deed, channel, direction, body, visibility, to_whom, at, once_key, author_kind, author_id, author_label)
SELECT w.case_id, w.deed, w.channel, w.direction, w.body, w.visibility, w.to_whom, w.at, w.once_key, %(kind)s, %(who)s, %(label)s
FROM unnest(%(case_id)s::bigint[], %(deed)s::text[], %(channel)s::text[], %(direction)s::text[], %(body)s::text[], %(visibility)s::text[],
    %(to_whom)s::text[], %(at)s::timestamptz[], %(once_key)s::text[]) WITH ORDINALITY
    AS w (case_id, deed, channel, direction, body, visibility, to_whom, at, once_key, place) ORDER BY w.place
RETURNING id
"""
_STAFF = "SELECT id FROM customers_account WHERE id = ANY(%s::bigint[]) AND kind = 'staff' AND is_active"


def locked_cases(case_ids: Iterable[int]) -> dict[int, Any]:
    """The cases of these ids, locked in id order until the transaction ends."""
    wanted = sorted({number for number in case_ids if 0 < number < 2**63})
    return {row.id: row for row in rows(_LOCK, (wanted,))} if wanted else {}


def staff_among(account_ids: Collection[int]) -> frozenset[int]:
    """Those of the accounts that are staff's and in use; no statement for none."""
    wanted = sorted(number for number in account_ids if 0 < number < 2**63)
    return frozenset(row.id for row in rows(_STAFF, (wanted,))) if wanted else frozenset()


def word(case_id: int, *, deed: Deed, body: str, at: datetime, to_whom: str = "") -> dict[str, Any]:
    """A word among staff that an operation leaves in the case."""
    return {
        "case_id": case_id,
        "deed": str(deed),
        "channel": None,
        "direction": str(Direction.INTERNAL),
        "body": body.strip(),
        "visibility": str(Visibility.STAFF),
        "to_whom": to_whom,
        "at": at,
        "once_key": None,
    }


def write_words(words: Sequence[Mapping[str, Any]], *, actor: Actor) -> list[int]:
    """The words stand in their cases, signed by the actor; their ids in the order given. One statement, none for no words."""
    if not words:
        return []
    columns = {name: [one[name] for one in words] for name in words[0]}
    found = rows(_SAY, {**columns, "kind": str(actor.kind), "who": actor.id, "label": actor.label}, prepare=False)
    return [row.id for row in found]


def told_of(case: Any) -> dict[str, Any]:
    """What every event of the case tells."""
    return {"case_id": case.id, "case_ref": case.public_id, "company_id": case.company_id, "customer_id": case.customer_id}
