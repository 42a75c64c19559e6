"""A subscription line opens a contract in the transaction that places its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.ids import new_id
from core.operations import series_for
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from orders.ports import PlacedOrder
from subscriptions.events import SubscriptionStarted
from subscriptions.queries import PlanRow, chosen_plan, plans_by_variant
from subscriptions.rules import ContractStatus, Rhythm, next_slot, read_interval

SERIES_PREFIX = "T"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A contract that an order opens: the lines of one course, interval and destination."""

    order: PlacedOrder
    plan: PlanRow
    interval: str
    destination: int
    lines: tuple[tuple[UUID, int, int], ...]
    """(line, variant, quantity)"""


@operation
def open_contracts(orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Every subscription line of a new order has its contract; a line that is a delivery of one already opens none.

    Lines of one order with the same course, interval and destination form one contract, whose delivery 1 is that order.
    One answer per order; three statements, whatever the number. Announces SubscriptionStarted. Refuses
    "subscription.no_plan", "subscription.unknown_plan", "subscription.which_plan", "subscription.interval_not_offered",
    "subscription.payment_not_suited", "subscription.card_missing".
    """
    answers: list[Refusal | None] = [None] * len(orders)
    asked = {n: _lines_that_open(order) for n, order in enumerate(orders)}
    asked = {n: lines for n, lines in asked.items() if lines}
    if not asked:
        return answers
    plans: dict[int, list[PlanRow]] = {}
    for company_id in sorted({orders[n].company_id for n in asked}):
        variants = [orders[n].lines[i][1] for n, lines in asked.items() if orders[n].company_id == company_id for i in lines]
        plans |= plans_by_variant(variants, company_id=company_id, at=at)
    wanted: list[_Wanted] = []
    for n, lines in asked.items():
        found = _contracts_of(orders[n], lines, plans=plans)
        if isinstance(found, Refusal):
            answers[n] = found
        else:
            wanted += found
    if wanted:
        _write(wanted, actor=actor, at=at)
    return answers


def _lines_that_open(order: PlacedOrder) -> list[int]:
    return [
        n
        for n, line in enumerate(order.draft.lines)
        if line.purchase_type is PurchaseType.SUBSCRIPTION and not (line.subscription and line.subscription.contract)
    ]


def _contracts_of(order: PlacedOrder, lines: Sequence[int], *, plans: dict[int, list[PlanRow]]) -> list[_Wanted] | Refusal:
    """The contracts an order opens, or why it cannot be placed so."""
    groups: dict[tuple[int, str, int], list[tuple[UUID, int, int]]] = {}
    by_id: dict[int, PlanRow] = {}
    for n in lines:
        draft, (ref, variant_id, _form, quantity) = order.draft.lines[n], order.lines[n]
        wish = draft.subscription
        found = chosen_plan(
            plans.get(variant_id, ()),
            plan_code=wish.plan_code if wish else "",
            interval=wish.interval if wish else "",
            sku=draft.sku or str(variant_id),
        )
        if isinstance(found, Refusal):
            return found.at(f"/lines/{n}/{found.field}")
        plan, interval = found
        if refused := payment_refused(plan, order.draft.payment_method, means_id=order.draft.means_id):
            return refused
        by_id[plan.id] = plan
        group = groups.setdefault((plan.id, interval, draft.destination), [])
        same = next((k for k, (_ref, variant, _n) in enumerate(group) if variant == variant_id), None)
        if same is None:
            group.append((ref, variant_id, quantity))
        else:  # the same article twice is one article of the contract
            group[same] = (group[same][0], variant_id, group[same][2] + quantity)
    return [
        _Wanted(order=order, plan=by_id[plan_id], interval=interval, destination=destination, lines=tuple(group))
        for (plan_id, interval, destination), group in groups.items()
    ]


def payment_refused(plan: PlanRow, method: PaymentMethod, *, means_id: int | None) -> Refusal | None:
    """Why a contract of the course cannot be paid like this; None where it can."""
    if (plan.methods and method not in plan.methods) or method in (PaymentMethod.MARKETPLACE, PaymentMethod.CASH_AT_STORE):
        return Refusal(
            "subscription.payment_not_suited",
            _("A subscription to “%(plan)s” cannot be paid this way."),
            {"plan": plan.name},
            "/payment_method",
        )
    if method is PaymentMethod.CARD and means_id is None:
        return Refusal("subscription.card_missing", _("Say which card is to be charged for the deliveries to come."), {}, "/means_id")
    return None


_WRITE = """
WITH doc AS MATERIALIZED (SELECT %(doc)s::jsonb AS d),
s AS (
    INSERT INTO subscriptions_subscription (public_id, company_id, number, customer_id, channel_id, site_id, brand_id, plan_id, status, interval,
        anchor_on, anchor_number, language, currency, payment_method, means_id, family_name, given_name, family_kana, given_kana,
        organisation_name, country, postal_code, prefecture, city, street, building, phone, time_band, first_order_id, first_line_ref,
        started_at, ended_at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT r.public_id, r.company_id, {number}, r.customer_id, r.channel_id, r.site_id, r.brand_id, r.plan_id, r.status, r.interval,
        r.anchor_on, 1, r.language, r.currency, r.payment_method, r.means_id, r.family_name, r.given_name, r.family_kana, r.given_kana,
        r.organisation_name, r.country, r.postal_code, r.prefecture, r.city, r.street, r.building, r.phone, r.time_band, r.first_order_id,
        r.first_line_ref, r.started_at, r.ended_at, r.actor_kind, r.actor_id, r.actor_label, r.on_behalf_of
    FROM doc, jsonb_populate_recordset(NULL::subscriptions_subscription, d->'contracts') r
    RETURNING id, public_id
),
i AS (
    INSERT INTO subscriptions_subscriptionitem (subscription_id, position, variant_id, quantity)
    SELECT s.id, (e->>'position')::int, (e->>'variant_id')::bigint, (e->>'quantity')::int
    FROM doc, jsonb_array_elements(d->'items') e JOIN s ON s.public_id = (e->>'s')::uuid
),
c AS (
    INSERT INTO subscriptions_cycle (subscription_id, number, delivery, planned_on, due_on, status, order_id, settled_at)
    SELECT s.id, (e->>'number')::int, (e->>'number')::int, (e->>'planned_on')::date, (e->>'due_on')::date, e->>'status',
        (e->>'order_id')::bigint, (e->>'settled_at')::timestamptz
    FROM doc, jsonb_array_elements(d->'cycles') e JOIN s ON s.public_id = (e->>'s')::uuid
),
h AS (
    INSERT INTO subscriptions_subscriptionchange (subscription_id, at, kind, number, after, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT s.id, r.started_at, 'started', 1, r.interval, r.actor_kind, r.actor_id, r.actor_label, r.on_behalf_of
    FROM doc, jsonb_populate_recordset(NULL::subscriptions_subscription, d->'contracts') r JOIN s USING (public_id)
)
SELECT id, public_id FROM s
"""


def _write(wanted: Sequence[_Wanted], *, actor: Actor, at: datetime) -> None:
    """Insert the contracts of one company with articles, deliveries 1 and 2, and history in one statement."""
    by_company: dict[int, list[_Wanted]] = {}
    for one in wanted:
        by_company.setdefault(one.order.company_id, []).append(one)
    events = []
    for company_id, own in by_company.items():
        doc: dict[str, list[dict[str, Any]]] = {"contracts": [], "items": [], "cycles": []}
        refs = [new_id() for _one in own]
        currency = company_context(company_id).currency
        seconds = [_describe(doc, one, ref=ref, currency=currency, actor=actor, at=at) for one, ref in zip(own, refs, strict=True)]
        series = series_for(company_id, kind="subscription", prefix=SERIES_PREFIX)
        sql = _WRITE.replace("{number}", series.sql(own[0].order.placed_on))
        ids = {r.public_id: r.id for r in rows(sql, {"doc": orjson.dumps(doc).decode()})}
        events += [
            SubscriptionStarted(
                contract_id=ids[ref],
                contract_ref=ref,
                company_id=company_id,
                customer_id=one.order.customer_id,
                plan_code=one.plan.code,
                interval=one.interval,
                order_id=one.order.order_id,
                order_ref=one.order.order_ref,
                next_on=second,
            )
            for one, ref, second in zip(own, refs, seconds, strict=True)
        ]
    announce(*events)


def _describe(doc: dict[str, list[dict[str, Any]]], one: _Wanted, *, ref: UUID, currency: str, actor: Actor, at: datetime) -> date | None:
    """Put a contract into the document; answers with the date of delivery 2."""
    order, draft = one.order, one.order.draft
    destination = draft.destinations[one.destination - 1]
    place = destination.place
    first_on = destination.wished_on or order.placed_on
    more = one.plan.maximum_cycles is None or one.plan.maximum_cycles > 1
    doc["contracts"].append(
        {
            "public_id": ref, "company_id": order.company_id, "customer_id": order.customer_id, "channel_id": draft.channel_id,
            "site_id": draft.site_id, "brand_id": draft.brand_id, "plan_id": one.plan.id, "interval": one.interval,
            "status": ContractStatus.ACTIVE if more else ContractStatus.COMPLETED, "ended_at": None if more else at,
            "anchor_on": first_on, "language": draft.language, "currency": currency,
            "payment_method": draft.payment_method, "means_id": draft.means_id, "family_name": place.family_name,
            "given_name": place.given_name, "family_kana": place.family_kana, "given_kana": place.given_kana,
            "organisation_name": place.organisation_name, "country": place.country, "postal_code": place.postal_code,
            "prefecture": place.prefecture, "city": place.city, "street": place.street, "building": place.building, "phone": place.phone,
            "time_band": destination.time_band, "first_order_id": order.order_id, "first_line_ref": one.lines[0][0], "started_at": at,
            "actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label, "on_behalf_of": actor.on_behalf_of,
        }
    )  # fmt: skip
    for position, (_line, variant_id, quantity) in enumerate(one.lines, 1):
        doc["items"].append({"s": ref, "position": position, "variant_id": variant_id, "quantity": quantity})
    first = {"s": ref, "number": 1, "planned_on": first_on, "status": "generated", "order_id": order.order_id, "settled_at": at}
    doc["cycles"].append(first)
    if not more:
        return None
    rhythm = Rhythm(interval=read_interval(one.interval), anchor_on=first_on, anchor_number=1)
    second, _rhythm = next_slot(rhythm, after=1, delivery=2, skipped=(), ahead=one.plan.ahead(), today=order.placed_on)
    doc["cycles"].append({"s": ref, "number": 2, "planned_on": second.planned_on, "due_on": second.order_on, "status": "planned"})
    return second.planned_on
