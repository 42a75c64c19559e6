"""Inserts are chosen for parcels when their work begins, once a parcel, and given back when it ends before it left (ADR 0029)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Busy, Refusal
from core.ids import new_id
from core.words import gettext_noop as _
from inventory.operations import ItemDemand, allocate_items, lock_allocated, release_allocations
from inventory.queries import free_items
from orders.operations.shipping import hold_parcels, in_box_with
from orders.queries import ParcelFacts, insert_facts, insert_rules, inserts_given
from orders.rules import ChosenInsert, Given, InsertEnd, InsertTerms, ShipmentStatus, choose

TO_SHIP = (ShipmentStatus.PLANNED, ShipmentStatus.INSTRUCTED)
_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertsChosen:
    """The parcel has its inserts, so many of them; ``repeated`` when they had been chosen before."""

    shipment_id: int
    count: int = 0
    repeated: bool = False


_CHOSEN = "SELECT id, inserts_chosen_at, insert_count FROM orders_shipment WHERE id = ANY(%s::bigint[])"
# Whoever was quicker with a once-only insert for the same customer has it: that row is left out here.
_WRITE = """
INSERT INTO orders_shipmentinsert (shipment_id, order_id, rule_id, customer_id, demand_id, stock_item_id, quantity, is_once, "group", reasons, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.shipment_id, q.order_id, q.rule_id, q.person, q.demand, q.item, q.quantity, q.is_once, q.grouped, q.reasons::jsonb, %(at)s,
    %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(shipments)s::bigint[], %(orders)s::bigint[], %(rules)s::bigint[], %(people)s::bigint[], %(demands)s::uuid[], %(items)s::bigint[],
    %(quantities)s::int[], %(once)s::bool[], %(groups)s::text[], %(reasons)s::text[])
    AS q (shipment_id, order_id, rule_id, person, demand, item, quantity, is_once, grouped, reasons)
ORDER BY q.rule_id, q.person, q.shipment_id ON CONFLICT DO NOTHING RETURNING demand_id
"""
_HOLDS = """
UPDATE orders_shipmentinsert n SET allocation_id = q.allocation FROM unnest(%s::uuid[], %s::bigint[]) AS q (demand, allocation)
WHERE n.demand_id = q.demand
"""
_UNWRITE = "DELETE FROM orders_shipmentinsert WHERE demand_id = ANY(%s::uuid[])"
_NOTE = """
UPDATE orders_shipment s SET inserts_chosen_at = %s, insert_count = q.count, inspected_at = NULL, version = s.version + 1
FROM unnest(%s::bigint[], %s::int[]) AS q (id, count) WHERE s.id = q.id
"""


_ALLOCATIONS = """
SELECT n.allocation_id FROM orders_shipmentline n WHERE n.shipment_id = ANY(%(ids)s::bigint[]) AND n.allocation_id IS NOT NULL
UNION ALL
SELECT n.allocation_id FROM orders_shipmentinsert n WHERE n.shipment_id = ANY(%(ids)s::bigint[]) AND n.ended_at IS NULL AND n.allocation_id IS NOT NULL
"""
_PLACES = "SELECT DISTINCT company_id, location_id FROM orders_shipment WHERE id = ANY(%s::bigint[])"


def hold_contents(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Whoever chooses inserts and then lots holds the shelves of both first, in the house's order; the parcels are held. Five statements."""
    places = rows(_PLACES, (list(shipment_ids),))
    rules = insert_rules([row.company_id for row in places]) if places else {}
    lock_allocated(
        [row.allocation_id for row in rows(_ALLOCATIONS, {"ids": list(shipment_ids)})],
        besides=[rule.stock_item_id for own in rules.values() for rule in own],
        location_ids=[row.location_id for row in places] if rules else [],
        actor=actor, at=at,
    )  # fmt: skip


@operation
def choose_inserts(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[InsertsChosen | Refusal]:
    """Parcels still to leave have their inserts, with their stock, chosen by the rules that are in force now; a result per id.

    Once per parcel: what was chosen stays. A box is served with all that is in it, and waits as a whole. Where no company of theirs has
    a rule, three statements; else a fixed number for all parcels, more only where somebody else took the last piece, or gave
    the same customer the same insert, in this very moment. Refuses "order.not_found", "order.not_open", "order.insert_awaited" (a
    rule says that the parcel waits for what is short). Locks orders, parcels, then stock, each by id.
    """
    orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    rules = insert_rules([o.company_id for o in orders.values()]) if orders else {}
    known = {row.id: row for row in rows(_CHOSEN, (sorted(parcels),))} if parcels else {}
    due = [s.id for s in held if s.status in TO_SHIP and known[s.id].inserts_chosen_at is None and orders[s.order_id].company_id in rules]
    made, waiting = _choose(insert_facts(due, at=at), rules, actor=actor, at=at) if due else ({}, {})
    for stays in [parcels[i] for i in waiting]:  # of a box nothing is chosen while a part of it waits
        for mate in in_box_with(stays, held):
            waiting.setdefault(mate.id, waiting[stays.id])
    torn = [one for i in waiting for one in made.pop(i, ())]
    _take_back(torn, actor=actor, at=at)
    done = [i for i in due if i not in waiting]
    if done:
        run(_NOTE, (at, done, [len(made.get(i, ())) for i in done]))
    return [_answer(i, parcels.get(i), known.get(i), made.get(i, ()), waiting.get(i), is_new=i in done) for i in shipment_ids]


def _answer(
    shipment_id: int, parcel: Any, known: Any, made: Sequence[UUID], waits: InsertTerms | None, *, is_new: bool
) -> InsertsChosen | Refusal:
    if parcel is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    if waits is not None:
        words = _("Parcel %(number)s waits for the insert “%(insert)s”, of which too few are there. Bring some in, or change the rule.")
        return Refusal("order.insert_awaited", words, {"number": parcel.number, "insert": waits.name})
    if is_new:
        return InsertsChosen(shipment_id=shipment_id, count=len(made))
    if parcel.status not in TO_SHIP:
        return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    return InsertsChosen(shipment_id=shipment_id, count=known.insert_count, repeated=True)


def _choose(
    parcels: Sequence[ParcelFacts], rules: Mapping[int, Sequence[InsertTerms]], *, actor: Actor, at: datetime
) -> tuple[dict[int, list[UUID]], dict[int, InsertTerms]]:
    """The demands of what was written, by parcel, and who waits for what; company by company."""
    made: dict[int, list[UUID]] = {}
    waiting: dict[int, InsertTerms] = {}
    for company_id in sorted({p.company_id for p in parcels}):
        left = [p for p in parcels if p.company_id == company_id]
        own = rules[company_id]
        given = inserts_given([p.facts for p in left], own)
        free = free_items([r.stock_item_id for r in own], location_ids=[p.facts.location_id for p in left])
        for _round in range(_ROUNDS):
            choice = choose([p.facts for p in left], own, given=given, free=free, today=left[0].today)
            waiting |= choice.waiting
            written, again = _write(choice.chosen, left, company_id=company_id, given=given, free=free, actor=actor, at=at)
            for shipment_id, demands in written.items():
                made.setdefault(shipment_id, []).extend(demands)
            left = [p for p in left if p.facts.shipment_id in again]
            if not left:
                break
        if left:  # others were quicker every time; to leave anything out now would be a choice nobody made
            raise Busy
    return made, waiting


def _write(
    chosen: Sequence[ChosenInsert], parcels: Sequence[ParcelFacts], *, company_id: int, given: Given, free: dict[tuple[int, int], int],
    actor: Actor, at: datetime,
) -> tuple[dict[int, list[UUID]], set[int]]:  # fmt: skip
    """Write what was chosen; answers with what stands, and the parcels to be asked again because somebody was quicker."""
    if not chosen:
        return {}, set()
    facts = {p.facts.shipment_id: p.facts for p in parcels}
    asks = {new_id(): one for one in chosen}
    of = [(demand, one, facts[one.shipment_id]) for demand, one in asks.items()]
    kept = {
        row.demand_id
        for row in rows(
            _WRITE,
            {
                "shipments": [f.shipment_id for _d, _o, f in of], "orders": [f.order_id for _d, _o, f in of],
                "rules": [o.rule.rule_id for _d, o, _f in of], "people": [f.person for _d, _o, f in of], "demands": [d for d, _o, _f in of],
                "items": [o.rule.stock_item_id for _d, o, _f in of], "quantities": [o.rule.quantity for _d, o, _f in of],
                "once": [o.rule.is_once for _d, o, _f in of], "groups": [o.rule.group for _d, o, _f in of],
                "reasons": [_told(o) for _d, o, _f in of], "at": at,
                "kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            },
        )
    }  # fmt: skip
    wants = [
        ItemDemand(demand_id=d, stock_item_id=o.rule.stock_item_id, location_id=f.location_id, quantity=o.rule.quantity)
        for d, o, f in of
        if d in kept
    ]
    held = allocate_items(wants, company_id=company_id, actor=actor, at=at)
    again = {one.shipment_id for demand, one in asks.items() if demand not in held}
    for demand, one, fact in of:
        if demand not in kept:
            given.persons.add((fact.person, one.rule.rule_id))
        elif demand not in held:
            free[one.rule.stock_item_id, fact.location_id] = 0
    _take_back([d for d, o, _f in of if o.shipment_id in again and d in kept], actor=actor, at=at)
    good = {d: a for d, a in held.items() if asks[d].shipment_id not in again}
    if good:
        run(_HOLDS, (list(good), list(good.values())))
    written: dict[int, list[UUID]] = {}
    for demand in good:
        one, fact = asks[demand], facts[asks[demand].shipment_id]
        written.setdefault(one.shipment_id, []).append(demand)
        given.note(one.rule, fact)
        free[one.rule.stock_item_id, fact.location_id] = free.get((one.rule.stock_item_id, fact.location_id), 0) - one.rule.quantity
    return written, again


def _told(one: ChosenInsert) -> str:
    return orjson.dumps(one.reasons).decode()


def _take_back(demands: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """What was written in this transaction for a parcel that is asked again, or waits, was never there."""
    if demands:
        run(_UNWRITE, (list(demands),))
        release_allocations(demand_ids=list(demands), actor=actor, at=at)


_END = """
WITH gone AS (
    UPDATE orders_shipmentinsert n SET ended_at = %(at)s, "end" = %(end)s FROM orders_shipment s
    WHERE s.id = n.shipment_id AND n.ended_at IS NULL AND s.status IN ('planned', 'instructed', 'cancelled')
      AND n.shipment_id = ANY(%(ids)s::bigint[]) RETURNING n.demand_id, n.shipment_id
), counted AS (
    UPDATE orders_shipment s SET insert_count = 0, version = s.version + 1 WHERE s.id IN (SELECT shipment_id FROM gone) AND s.insert_count > 0
)
SELECT demand_id FROM gone
"""


def give_back_inserts(shipment_ids: Sequence[int], *, end: InsertEnd, actor: Actor, at: datetime) -> None:
    """What these parcels' inserts hold may be given to others again, and counts for nobody. The parcels are held; without any
    nothing is asked.
    """
    asked = {"ids": list(shipment_ids), "at": at, "end": str(end)}
    if shipment_ids and (demands := [row.demand_id for row in rows(_END, asked)]):
        release_allocations(demand_ids=demands, actor=actor, at=at)


# In one box a rule serves once, and so does a group: of what was chosen before its parcels met, the first parcel keeps it.
_TWICE = """
WITH mates AS MATERIALIZED (
    SELECT n.id, n.shipment_id, n.demand_id, row_number() OVER (PARTITION BY s.box, n.rule_id ORDER BY n.shipment_id, n.id) AS turn,
        CASE WHEN n."group" <> '' THEN row_number() OVER (PARTITION BY s.box, n."group" ORDER BY n.shipment_id, n.id) ELSE 1 END AS turn_in_group
    FROM orders_shipmentinsert n JOIN orders_shipment s ON s.id = n.shipment_id
    WHERE s.box = ANY(%(boxes)s::uuid[]) AND s.status = 'planned' AND n.ended_at IS NULL
), gone AS (
    UPDATE orders_shipmentinsert n SET ended_at = %(at)s, "end" = 'combined' FROM mates m
    WHERE n.id = m.id AND (m.turn > 1 OR m.turn_in_group > 1) RETURNING n.demand_id, n.shipment_id
), counted AS (
    UPDATE orders_shipment s SET insert_count = s.insert_count - g.count, version = s.version + 1
    FROM (SELECT shipment_id, count(*)::int AS count FROM gone GROUP BY 1) g WHERE s.id = g.shipment_id
)
SELECT demand_id FROM gone
"""


def give_back_doubles(boxes: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """What these boxes would hold twice, because it was chosen before their parcels met, may be given to others. The parcels are held."""
    if demands := [row.demand_id for row in rows(_TWICE, {"boxes": list(boxes), "at": at})]:
        release_allocations(demand_ids=demands, actor=actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertsTakenOut:
    """The parcel leaves without inserts, or they are chosen anew when its work begins; ``repeated`` when it had none."""

    shipment_id: int
    repeated: bool = False


_FORGET = "UPDATE orders_shipment SET inserts_chosen_at = %s, inspected_at = NULL, version = version + 1 WHERE id = ANY(%s::bigint[])"


@operation
def take_out_inserts(shipment_ids: Sequence[int], *, choose_anew: bool, actor: Actor, at: datetime) -> list[InsertsTakenOut | Refusal]:
    """The inserts of these parcels are given back, a box with all that is in it; with ``choose_anew`` the rules are asked again.

    Refuses "order.not_found", "order.instructed", "order.not_open". Repeating it changes nothing. Locks orders, parcels, then stock.
    """
    _orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    done = {row.id for row in rows(_CHOSEN, (sorted(parcels),)) if not row.insert_count and (row.inserts_chosen_at is None) == choose_anew}
    answers: dict[int, InsertsTakenOut | Refusal] = {}
    going: dict[int, Any] = {}
    for i in shipment_ids:
        parcel = parcels.get(i)
        if parcel is None:
            answers[i] = Refusal("order.not_found", _("There is no such shipment."))
        elif parcel.status == ShipmentStatus.INSTRUCTED:
            words = _("A warehouse has the instruction for parcel %(number)s. Take it back first.")
            answers[i] = Refusal("order.instructed", words, {"number": parcel.number})
        elif parcel.status != ShipmentStatus.PLANNED:
            answers[i] = Refusal("order.not_open", _("The parcel has left, or was cancelled."))
        else:
            mates = in_box_with(parcel, held, (ShipmentStatus.PLANNED,))
            answers[i] = InsertsTakenOut(shipment_id=i, repeated=all(m.id in done for m in mates))
            going |= {m.id: m for m in mates if m.id not in done}
    if going:
        give_back_inserts(sorted(going), end=InsertEnd.TAKEN_OUT, actor=actor, at=at)
        run(_FORGET, (None if choose_anew else at, sorted(going)))
    return [answers[i] for i in shipment_ids]
