"""Points are granted in lots, spent soonest to expire first, returned to where they came from, and expire."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from customers.events import PointsExpired, PointsGranted, PointsReturned, PointsSpent
from customers.operations.rows import locked_customers
from customers.queries.groups import groups_of
from customers.rules import (
    CustomerStatus,
    GiveBack,
    Grant,
    Lot,
    PointKind,
    PointsMoved,
    PointSource,
    Spend,
    balance,
    erased,
    not_found,
    plan_spending,
)

MOST_POINTS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LotEntry:
    """A change of a lot, about to be written."""

    lot_id: int
    customer_id: int
    kind: PointKind
    points: int
    reference: str
    deed_key: str
    part: int = 0


_GRANT = """
WITH given AS MATERIALIZED (
    SELECT g.*, nextval('customers_pointlot_id_seq') AS lot_id
    FROM unnest(%(customer)s::bigint[], %(brand)s::bigint[], %(source)s::text[], %(points)s::int[], %(expires)s::timestamptz[],
                %(reference)s::text[], %(once)s::text[], %(programme)s::bigint[], %(rate)s::int[])
        AS g (customer, brand, source, points, expires, reference, once, programme, rate)
),
lot AS (
    INSERT INTO customers_pointlot (id, customer_id, brand_id, source, granted, remaining, granted_at, expires_at, programme_id, rate_bp)
    SELECT lot_id, customer, brand, source, points, points, %(at)s, expires, programme, rate FROM given
)
INSERT INTO customers_pointentry (lot_id, customer_id, kind, points, reference, once_key, deed_key, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT lot_id, customer, 'granted', points, reference, once, once, %(at)s, %(kind)s, %(id)s, %(label)s, %(behalf)s FROM given
RETURNING lot_id, once_key
"""


@operation
def grant_points(asks: Sequence[Grant], *, actor: Actor, at: datetime) -> list[PointsMoved | Refusal]:
    """Each customer has a new lot of points, once per key: the same key again answers what it gave then.

    Locks the customers; four statements. Announces PointsGranted. Refuses "customers.not_found", "customers.erased",
    "customers.points_impossible", "customers.points_expired" for a lot that would be dead at once.
    """
    locked = locked_customers([ask.customer_id for ask in asks])
    moved = _moved_before([ask.once_key for ask in asks])
    answers: list[PointsMoved | Refusal] = []
    new: dict[str, Grant] = {}
    for ask in asks:
        customer = locked.get(ask.customer_id)
        if ask.once_key in moved or ask.once_key in new:
            points = moved.get(ask.once_key, ask.points)
            answers.append(PointsMoved(customer_id=ask.customer_id, points=points, repeated=True))
        elif customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
        elif fault := _fault_of_amount(ask.points):
            answers.append(fault)
        elif ask.expires_at is not None and ask.expires_at <= at:
            answers.append(Refusal("customers.points_expired", _("These points would have expired already."), field="/expires_at"))
        else:
            new[ask.once_key] = ask
            answers.append(PointsMoved(customer_id=ask.customer_id, points=ask.points))
    if new:
        lots = {row.once_key: row.lot_id for row in rows(_GRANT, _grant_columns(list(new.values()), actor, at))}
        announce(
            *(PointsGranted(customer_id=g.customer_id, lot_id=lots[key], points=g.points, brand_id=g.brand_id) for key, g in new.items())
        )
    return answers


def _grant_columns(grants: Sequence[Grant], actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "customer": [grant.customer_id for grant in grants],
        "brand": [grant.brand_id for grant in grants],
        "source": [str(grant.source) for grant in grants],
        "points": [grant.points for grant in grants],
        "expires": [grant.expires_at for grant in grants],
        "reference": [grant.reference for grant in grants],
        "once": [grant.once_key for grant in grants],
        "programme": [grant.programme_id for grant in grants],
        "rate": [grant.rate_bp for grant in grants],
        "at": at,
        "kind": str(actor.kind),
        "id": actor.id,
        "label": actor.label,
        "behalf": actor.on_behalf_of,
    }


def _fault_of_amount(points: int) -> Refusal | None:
    if 0 < points <= MOST_POINTS:
        return None
    return Refusal("customers.points_impossible", _("Points are a whole number above zero."), field="/points")


def _moved_before(keys: Sequence[str]) -> dict[str, int]:
    """How many points each key has moved already; keys that never moved any are left out."""
    found = rows(
        "SELECT deed_key AS deed, abs(sum(points)) AS points FROM customers_pointentry WHERE deed_key = ANY(%s::text[]) GROUP BY 1",
        (list(keys),),
    )
    return {row.deed: int(row.points) for row in found}


@operation
def spend_points(asks: Sequence[Spend], *, actor: Actor, at: datetime) -> list[PointsMoved | Refusal]:
    """The points are taken from the customer's whole group, soonest to expire first, or not at all; once per key.

    Locks the customers, then their lots, in id order; constant statements. Never goes below zero, whoever spends at the same
    time. Announces PointsSpent. Refuses "customers.points_short" with what is there, "customers.points_impossible".
    """
    groups = groups_of([ask.customer_id for ask in asks])
    locked = locked_customers({member for group in groups.values() for member in group})
    moved = _moved_before([ask.once_key for ask in asks])
    lots, owner, brand = _locked_lots(list(locked))
    answers: list[PointsMoved | Refusal] = []
    entries: list[LotEntry] = []
    spent: list[Spend] = []
    for ask in asks:
        if ask.once_key in moved:
            answers.append(PointsMoved(customer_id=ask.customer_id, points=moved[ask.once_key], repeated=True))
            continue
        members = groups.get(ask.customer_id, ())
        usable = [lot for number, lot in lots.items() if owner[number] in members and brand[number] in (None, ask.brand_id)]
        plan = plan_spending(ask.points, usable, at=at)
        if fault := _fault_of_spending(ask, members, plan is None, balance(usable, at=at)):
            answers.append(fault)
            continue
        for number, taken in enumerate(plan or ()):
            lots[taken.lot_id] = replace(lots[taken.lot_id], remaining=lots[taken.lot_id].remaining - taken.points)
            entries.append(
                LotEntry(
                    lot_id=taken.lot_id,
                    customer_id=owner[taken.lot_id],
                    kind=PointKind.SPENT,
                    points=-taken.points,
                    reference=ask.reference,
                    deed_key=ask.once_key,
                    part=number,
                )
            )
        moved[ask.once_key] = ask.points
        spent.append(ask)
        answers.append(PointsMoved(customer_id=ask.customer_id, points=ask.points))
    write_entries(entries, actor, at)
    announce(*(PointsSpent(customer_id=s.customer_id, points=s.points, reference=s.reference, brand_id=s.brand_id) for s in spent))
    return answers


def _fault_of_spending(ask: Spend, members: Sequence[int], short: bool, there: int) -> Refusal | None:
    if not members:
        return not_found()
    if fault := _fault_of_amount(ask.points):
        return fault
    if not short:
        return None
    message = _("There are %(there)s points, not %(wanted)s.")
    return Refusal("customers.points_short", message, {"there": there, "wanted": ask.points}, "/points")


def _key(deed_key: str, part: int) -> str:
    """The first entry carries the deed's own key, so that the database refuses a second deed of that key."""
    return f"{deed_key}#{part + 1}" if part else deed_key


def _locked_lots(customer_ids: Sequence[int]) -> tuple[dict[int, Lot], dict[int, int], dict[int, int | None]]:
    found = rows(
        "SELECT id, customer_id, brand_id, remaining, expires_at, granted_at, source FROM customers_pointlot"
        " WHERE customer_id = ANY(%s::bigint[]) AND remaining > 0 ORDER BY id FOR UPDATE",
        (list(customer_ids),),
    )
    lots = {row.id: Lot(row.id, row.remaining, row.expires_at, row.granted_at, PointSource(row.source)) for row in found}
    return lots, {row.id: row.customer_id for row in found}, {row.id: row.brand_id for row in found}


def write_entries(entries: Sequence[LotEntry], actor: Actor, at: datetime) -> None:
    """Write the entries and keep each lot's remainder equal to their sum, in one statement."""
    if not entries:
        return
    run(
        """
        WITH entry AS (
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[])
                AS e (lot_id, customer_id, kind, points, reference, once_key, deed_key)
        ), lot AS (
            UPDATE customers_pointlot l SET remaining = l.remaining + s.points
            FROM (SELECT lot_id, sum(points) AS points FROM entry GROUP BY lot_id) s WHERE l.id = s.lot_id
        )
        INSERT INTO customers_pointentry (lot_id, customer_id, kind, points, reference, once_key, deed_key, at,
            actor_kind, actor_id, actor_label, on_behalf_of)
        SELECT lot_id, customer_id, kind, points, reference, once_key, deed_key, %s, %s, %s, %s, %s FROM entry
        """,
        (
            [e.lot_id for e in entries],
            [e.customer_id for e in entries],
            [str(e.kind) for e in entries],
            [e.points for e in entries],
            [e.reference for e in entries],
            [_key(e.deed_key, e.part) for e in entries],
            [e.deed_key for e in entries],
            at, str(actor.kind), actor.id, actor.label, actor.on_behalf_of,
        ),
    )  # fmt: skip


@operation
def return_points(asks: Sequence[GiveBack], *, actor: Actor, at: datetime) -> list[PointsMoved | Refusal]:
    """What a spend took is back in the lots it was taken from, once; lots that have expired since expire anew.

    Locks the lots in id order; constant statements. Announces PointsReturned. Refuses "customers.spend_not_found".
    """
    keys = list(dict.fromkeys(ask.spend_key for ask in asks))
    rows(
        "SELECT l.id FROM customers_pointlot l WHERE l.id IN (SELECT lot_id FROM customers_pointentry"
        " WHERE deed_key = ANY(%s::text[])) ORDER BY l.id FOR UPDATE",
        (keys,),
    )
    taken = defaultdict(list)
    for row in rows(
        "SELECT deed_key AS deed, lot_id, customer_id, -points AS points FROM customers_pointentry"
        " WHERE deed_key = ANY(%s::text[]) AND kind = 'spent' ORDER BY id",
        (keys,),
    ):
        taken[row.deed].append(row)
    returned = _moved_before([f"return:{key}" for key in keys])
    answers: list[PointsMoved | Refusal] = []
    entries: list[LotEntry] = []
    events: list[PointsReturned] = []
    for ask in asks:
        parts = taken.get(ask.spend_key)
        if not parts:
            answers.append(Refusal("customers.spend_not_found", _("No points were spent under this key."), field="/spend_key"))
            continue
        total, once = sum(part.points for part in parts), f"return:{ask.spend_key}"
        answers.append(PointsMoved(customer_id=parts[0].customer_id, points=total, repeated=once in returned))
        if once in returned:
            continue
        returned[once] = total
        for number, part in enumerate(parts):
            entry = LotEntry(
                lot_id=part.lot_id,
                customer_id=part.customer_id,
                kind=PointKind.RETURNED,
                points=part.points,
                reference=ask.reference,
                deed_key=once,
                part=number,
            )
            entries.append(entry)
        events.append(PointsReturned(customer_id=parts[0].customer_id, points=total, reference=ask.reference))
    write_entries(entries, actor, at)
    announce(*events)
    return answers


@operation
def expire_points(*, actor: Actor, at: datetime, limit: int = 1000) -> int:
    """Up to ``limit`` lots whose time has come are empty; answers how many. Repeat until zero; workers may share the job.

    Locks the lots it takes and skips those others hold. Announces PointsExpired.
    """
    due = rows(
        "SELECT id, customer_id, remaining, (SELECT max(e.id) FROM customers_pointentry e WHERE e.lot_id = l.id) AS last_entry"
        " FROM customers_pointlot l WHERE remaining > 0 AND expires_at <= %s ORDER BY expires_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
        (at, limit),
    )
    entries = [
        LotEntry(
            lot_id=row.id,
            customer_id=row.customer_id,
            kind=PointKind.EXPIRED,
            points=-row.remaining,
            reference="",
            deed_key=f"expire:{row.id}:{row.last_entry}",
        )
        for row in due
    ]
    write_entries(entries, actor, at)
    announce(*(PointsExpired(customer_id=e.customer_id, lot_id=e.lot_id, points=-e.points) for e in entries))
    return len(entries)
