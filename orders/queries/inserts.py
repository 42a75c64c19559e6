"""Inserts: the rules in force, what parcels look like to them, what was given already, and why something is in a parcel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.db import rows
from inventory.queries import free_items
from orders.queries.leaving import may_be_prepared_sql
from orders.queries.profiles import workflow_profiles
from orders.queries.purchases import STANDS
from orders.rules import Choice, Given, InsertFacts, InsertTerms, Profiles, WhenShort, choose, strictest

_RULES = """
SELECT r.*, coalesce(ch.name, '') AS channel FROM orders_insertrule r JOIN inventory_stockitem i ON i.id = r.stock_item_id
LEFT JOIN core_saleschannel ch ON ch.id = r.channel_id
WHERE r.company_id = ANY(%s::bigint[]) AND r.ended_at IS NULL AND i.ended_at IS NULL ORDER BY r.position, r.id
"""
_WORDS = ("skus", "ad_codes", "media", "campaigns", "ranks", "prefectures", "profiles")
_SAME = ("name", "position", "stock_item_id", "quantity", "group", "is_once", "cycle_from", "cycle_until", "first_order", "f_from", "f_until",
         "amount_from", "amount_until", "channel_id", "channel", "from_on", "until_on")  # fmt: skip


def insert_rules(company_ids: Sequence[int]) -> dict[int, list[InsertTerms]]:
    """The rules in force of each company that has any, in their order. One statement."""
    found: dict[int, list[InsertTerms]] = {}
    for row in rows(_RULES, (sorted(set(company_ids)),)):
        found.setdefault(row.company_id, []).append(_terms(row))
    return found


def _terms(row: Any) -> InsertTerms:
    words: dict[str, Any] = {name: frozenset(getattr(row, name)) for name in _WORDS}
    return InsertTerms(rule_id=row.id, when_short=WhenShort(row.when_short), **{name: getattr(row, name) for name in _SAME}, **words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    """A parcel as rules see it, with what a screen shows of it."""

    facts: InsertFacts
    ref: UUID
    number: str
    order_number: str
    company_id: int
    today: date
    buyer_ref: UUID


# The purchase number counts days with orders that stand, up to this order's own, as the purchase facts do.
_FACTS = f"""
SELECT s.id AS shipment_id, s.public_id AS ref, s.number, s.order_id, o.number AS order_number, s.location_id, s.company_id, s.box, who.person,
    k.public_id AS buyer_ref, o.channel_id, d.prefecture, o.total AS amount, (%(at)s::timestamptz AT TIME ZONE co.timezone)::date AS today,
    g.skus, g.profiles, g.cycles, g.ad_codes, g.media, g.campaigns, before.first AS is_first_order, before.days AS f_number,
    ARRAY(SELECT DISTINCT r.code::text FROM customers_rankassignment ra JOIN customers_customerrank r ON r.id = ra.rank_id
        WHERE ra.customer_id = who.person AND ra.from_at <= %(at)s AND (ra.until_at IS NULL OR ra.until_at > %(at)s)) AS ranks
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN core_company co ON co.id = s.company_id JOIN customers_customer c ON c.id = o.customer_id
CROSS JOIN LATERAL (SELECT coalesce(c.principal_id, c.id) AS person) who JOIN customers_customer k ON k.id = who.person
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT l.sku::text), '{{}}') AS skus,
        coalesce(array_agg(DISTINCT l.profile || ' ' || l.purchase_type), '{{}}') AS profiles, array_agg(DISTINCT l.cycle) FILTER (WHERE l.cycle IS NOT NULL) AS cycles,
        array_agg(DISTINCT l.ad_code::text) FILTER (WHERE l.ad_code <> '') AS ad_codes,
        array_agg(DISTINCT l.route_medium::text) FILTER (WHERE l.route_medium <> '') AS media,
        array_agg(DISTINCT l.campaign_ref::text) FILTER (WHERE l.campaign_ref <> '') AS campaigns
    FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id WHERE sl.shipment_id = s.id
) g
CROSS JOIN LATERAL (
    SELECT count(DISTINCT e.placed_on) FILTER (WHERE e.placed_on <> s_o.placed_on) + 1 AS days, count(e.id) = 0 AS first
    FROM (SELECT o.placed_on, o.placed_at, o.id) s_o (placed_on, placed_at, id) LEFT JOIN LATERAL (
        SELECT o.placed_on, o.id FROM orders_order o
        WHERE o.customer_id IN (SELECT m.id FROM customers_customer m WHERE m.id = who.person OR m.principal_id = who.person)
          AND (o.placed_at, o.id) < (s_o.placed_at, s_o.id) AND {STANDS}
    ) e ON true
) before
WHERE s.id = ANY(%(ids)s::bigint[]) ORDER BY s.id
"""


def insert_facts(shipment_ids: Sequence[int], *, at: datetime) -> list[ParcelFacts]:
    """All that rules ask of these parcels. One statement, and the workflow profiles of their companies as kept."""
    found = rows(_FACTS, {"ids": list(shipment_ids), "at": at}, prepare=False)
    profiles = {company: workflow_profiles(company) for company in {row.company_id for row in found}}
    return [_parcel(row, profiles[row.company_id]) for row in found]


def _parcel(row: Any, profiles: Profiles) -> ParcelFacts:
    bought = [tuple(one.rsplit(" ", 1)) for one in row.profiles]  # a company without profiles may have written anything into its products
    needs = strictest(profile for code, form in bought if (profile := profiles.of(code, form)) is not None)
    facts = InsertFacts(
        shipment_id=row.shipment_id, order_id=row.order_id, location_id=row.location_id, person=row.person, box=row.box,
        channel_id=row.channel_id, skus=frozenset(row.skus), cycles=frozenset(row.cycles or ()), is_first_order=row.is_first_order,
        f_number=row.f_number, ad_codes=frozenset(row.ad_codes or ()), media=frozenset(row.media or ()),
        campaigns=frozenset(row.campaigns or ()), ranks=frozenset(row.ranks), prefecture=row.prefecture, amount=row.amount,
        profiles=frozenset(code for code, _form in bought if code), without_groups=needs.without_groups,
    )  # fmt: skip
    return ParcelFacts(
        facts=facts, ref=row.ref, number=row.number, order_number=row.order_number, company_id=row.company_id, today=row.today,
        buyer_ref=row.buyer_ref,
    )  # fmt: skip


_GIVEN = """
SELECT n.rule_id, n.order_id, n."group", s.box, NULL::bigint AS person FROM orders_shipmentinsert n JOIN orders_shipment s ON s.id = n.shipment_id
WHERE n.ended_at IS NULL AND (n.order_id = ANY(%(orders)s::bigint[])
    OR n.shipment_id IN (SELECT m.id FROM orders_shipment m WHERE m.box IS NOT NULL AND m.box = ANY(%(boxes)s::uuid[])))
UNION ALL
SELECT n.rule_id, NULL, '', NULL, coalesce(c.principal_id, c.id) FROM orders_shipmentinsert n JOIN customers_customer c ON c.id = n.customer_id
WHERE n.ended_at IS NULL AND n.is_once AND n.rule_id = ANY(%(once)s::bigint[])
  AND n.customer_id IN (SELECT k.id FROM customers_customer k WHERE k.id = ANY(%(people)s::bigint[]) OR k.principal_id = ANY(%(people)s::bigint[]))
"""


def inserts_given(parcels: Sequence[InsertFacts], rules: Sequence[InsertTerms]) -> Given:
    """What these orders, boxes and people have already. One statement."""
    given = Given()
    asked = {
        "orders": sorted({p.order_id for p in parcels}), "boxes": [box for box in {p.box for p in parcels} if box],
        "once": [r.rule_id for r in rules if r.is_once], "people": sorted({p.person for p in parcels}),
    }  # fmt: skip
    for row in rows(_GIVEN, asked, prepare=False):
        if row.person is not None:
            given.persons.add((row.person, row.rule_id))
            continue
        for scope in (row.order_id, row.box):
            if scope is not None:
                given.rules.add((scope, row.rule_id))
                if row.group:
                    given.groups.add((scope, row.group))
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertOfParcel:
    """An insert of a parcel, and why it is there: conditions and what met them, as the rule stood then."""

    insert_id: int
    shipment_id: int
    rule_id: int
    rule: str
    item: str
    name: str
    quantity: int
    reasons: tuple[tuple[str, str], ...]
    at: datetime
    ended_at: datetime | None
    end: str | None


_OF_PARCELS = """
SELECT n.id AS insert_id, n.shipment_id, n.rule_id, r.name AS rule, i.code AS item, i.name, n.quantity, n.reasons, n.at, n.ended_at, n."end"
FROM orders_shipmentinsert n JOIN orders_insertrule r ON r.id = n.rule_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
WHERE n.shipment_id = ANY(%s::bigint[]) ORDER BY n.shipment_id, n.ended_at IS NOT NULL, r.position, n.id
"""


def inserts_of_parcels(shipment_ids: Sequence[int]) -> dict[int, list[InsertOfParcel]]:
    """The inserts of parcels, those that ended last. One statement."""
    found: dict[int, list[InsertOfParcel]] = {}
    for row in rows(_OF_PARCELS, (list(shipment_ids),)):
        values = {**row._asdict(), "reasons": tuple((code, value) for code, value in row.reasons)}
        found.setdefault(row.shipment_id, []).append(InsertOfParcel(**values))
    return found


_READY = f"""
SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.company_id = %s AND s.status = 'planned' AND s.inserts_chosen_at IS NULL AND {may_be_prepared_sql()}
ORDER BY s.id LIMIT %s
"""


def parcels_without_inserts(company_id: int, *, limit: int) -> list[int]:
    """Parcels that may be prepared and for which nothing was chosen yet, the oldest first. One statement."""
    return [row.id for row in rows(_READY, (company_id, limit))]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGiven:
    """How often a rule has served parcels: waiting to leave, gone, given back."""

    waiting: int = 0
    gone: int = 0
    back: int = 0


_COUNTED = """
SELECT n.rule_id, count(*) FILTER (WHERE n.ended_at IS NULL AND s.status IN ('planned', 'instructed')) AS waiting,
    count(*) FILTER (WHERE n.ended_at IS NULL AND s.status IN ('shipped', 'delivered', 'returned')) AS gone,
    count(*) FILTER (WHERE n.ended_at IS NOT NULL) AS back
FROM orders_shipmentinsert n JOIN orders_shipment s ON s.id = n.shipment_id WHERE n.rule_id = ANY(%s::bigint[]) GROUP BY n.rule_id
"""


def inserts_by_rule(rule_ids: Sequence[int]) -> Mapping[int, RuleGiven]:
    """How many were given by each rule. One statement."""
    return {row.rule_id: RuleGiven(waiting=row.waiting, gone=row.gone, back=row.back) for row in rows(_COUNTED, (list(rule_ids),))}


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertPreview:
    """What would be chosen now: for each parcel looked at, by which rule and why; and what waits."""

    parcels: tuple[ParcelFacts, ...]
    choice: Choice


MOST_PREVIEWED = 500


def insert_preview(company_id: int, *, at: datetime) -> InsertPreview:
    """What the rules in force would put into the parcels that may leave and were not chosen for yet. Reads only; five statements."""
    parcels = insert_facts(parcels_without_inserts(company_id, limit=MOST_PREVIEWED), at=at)
    rules = insert_rules([company_id]).get(company_id, [])
    facts = [p.facts for p in parcels]
    if not facts or not rules:
        return InsertPreview(parcels=tuple(parcels), choice=Choice((), {}))
    given = inserts_given(facts, rules)
    free = free_items([r.stock_item_id for r in rules], location_ids=[f.location_id for f in facts])
    return InsertPreview(parcels=tuple(parcels), choice=choose(facts, rules, given=given, free=free, today=parcels[0].today))
