"""Contracts as people read them: in a list, and one with its next twelve months and what may be done now."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from catalog.queries import offers
from catalog.rules import Offer, PriceAsk, PurchaseType
from core import clock
from core.db import rows
from core.queries import company_context
from customers.queries import rank_codes
from orders.queries import Sight
from subscriptions.models import Subscription
from subscriptions.queries.plans import PLAN_COLUMNS, PlanRow, plan_row, shown_plan
from subscriptions.rules import (
    ChangeKind,
    ChangeShown,
    ContractRow,
    ContractStatus,
    ContractView,
    CycleShown,
    CycleStatus,
    Facts,
    ItemShown,
    PlaceShown,
    Rhythm,
    Slot,
    interval_words,
    no_cancel,
    no_change,
    no_pause,
    no_skip,
    no_unskip,
    read_interval,
    reason_words,
    slots,
)

YEAR_AHEAD = timedelta(days=366)
PAST_SHOWN = 60


def limits(sight: Sight) -> Q:
    """The limit of a sight as a filter on contracts."""
    if sight.everything:
        return Q()
    if sight.customer_ids is not None:
        return Q(customer_id__in=sight.customer_ids)
    return Q(company_id=sight.company_id) if sight.company_id is not None else Q(pk__in=[])


def visible(sight: Sight) -> QuerySet[Subscription]:
    """The contracts somebody may see: the only gate to them."""
    return Subscription.objects.filter(limits(sight))


def visible_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of a contract by its public id, if the asker may see it."""
    return visible(sight).filter(public_id=ref).values_list("id", flat=True).first()


_ROWS = """
SELECT s.id AS key, s.public_id AS id, s.number, s.customer_id AS customer_key, p.code AS plan_code,
    CASE WHEN %(language)s = 'en' AND p.name_en <> '' THEN p.name_en ELSE p.name END AS plan_name, s.status, s.interval, s.started_at,
    c.number AS next_number, CASE WHEN s.status = 'active' THEN c.planned_on END AS next_on, coalesce(c.status = 'failed', false) AS failing,
    (SELECT jsonb_agg(jsonb_build_array(v.sku, coalesce(t.name, pr.code) || CASE WHEN v.option <> '' THEN ' ' || v.option ELSE '' END, i.quantity)
        ORDER BY i.position)
     FROM subscriptions_subscriptionitem i JOIN catalog_variant v ON v.id = i.variant_id JOIN catalog_product pr ON pr.id = v.product_id
     LEFT JOIN LATERAL (SELECT pt.name FROM catalog_producttext pt WHERE pt.product_id = pr.id
        ORDER BY pt.language = %(language)s DESC, pt.id LIMIT 1) t ON true
     WHERE i.subscription_id = s.id) AS items
FROM subscriptions_subscription s JOIN subscriptions_plan p ON p.id = s.plan_id
LEFT JOIN subscriptions_cycle c ON c.subscription_id = s.id AND c.status IN ('planned', 'failed')
WHERE {conditions} ORDER BY {order} LIMIT %(limit)s
"""
_OPEN_FIRST = "s.status IN ('active', 'paused') DESC, c.planned_on NULLS LAST, s.id DESC"


def contracts_of(customer_ids: Sequence[int], *, language: str = "", limit: int = 200) -> list[ContractRow]:
    """The contracts of these ledger entries, running ones first, the soonest delivery first. One statement."""
    given = {"customers": sorted(set(customer_ids)), "limit": limit, "language": _language(language)}
    return _rows("s.customer_id = ANY(%(customers)s::bigint[])", given, order=_OPEN_FIRST)


def contract_rows(
    sight: Sight, *, limit: int, before: tuple[datetime, int] | None = None, status: str | None = None, language: str = ""
) -> list[ContractRow]:
    """Contracts, newest first, by keyset over (started_at, key). One statement."""
    conditions = ["true"] if sight.everything else []
    given: dict[str, Any] = {"limit": limit, "language": _language(language)}
    if sight.customer_ids is not None:
        conditions.append("s.customer_id = ANY(%(customers)s::bigint[])")
        given["customers"] = list(sight.customer_ids)
    elif not sight.everything:
        conditions.append("s.company_id = %(company)s::bigint")
        given["company"] = sight.company_id
    if status is not None:
        conditions.append("s.status = %(status)s")
        given["status"] = status
    if before is not None:
        conditions.append("(s.started_at, s.id) < (%(before_at)s, %(before_id)s)")
        given["before_at"], given["before_id"] = before
    return _rows(" AND ".join(conditions), given, order="s.started_at DESC, s.id DESC")


def _rows(conditions: str, given: dict[str, Any], *, order: str) -> list[ContractRow]:
    found = rows(_ROWS.format(conditions=conditions, order=order), given, prepare=False)
    with translation.override(given["language"]):
        return [
            ContractRow(
                **{
                    **r._asdict(),
                    "items": tuple((sku, name, quantity) for sku, name, quantity in r.items or ()),
                    "interval_label": interval_words(r.interval, translate=_),
                }
            )
            for r in found
        ]


def _language(asked: str) -> str:
    return asked or translation.get_language() or "ja"


_PLAN = f"SELECT {PLAN_COLUMNS} FROM subscriptions_plan p WHERE p.id = %s"
_CYCLES = """
SELECT c.id, c.number, c.delivery, c.planned_on, c.due_on, c.status, c.reason, c.tries, o.public_id AS order_ref, o.number AS order_number,
    o.status AS order_status, (SELECT sum(l.amount)::bigint FROM orders_line l WHERE l.order_id = o.id AND l.purchase_type = 'subscription'
        AND l.until_revision IS NULL AND (c.number > 1 OR l.variant_id IN (SELECT i.variant_id FROM subscriptions_subscriptionitem i
            WHERE i.subscription_id = c.subscription_id))) AS amount
FROM subscriptions_cycle c LEFT JOIN orders_order o ON o.id = c.order_id WHERE c.subscription_id = %s ORDER BY c.number DESC
"""
_ITEMS = "SELECT i.variant_id, i.quantity FROM subscriptions_subscriptionitem i WHERE i.subscription_id = %s ORDER BY i.position"
_CHANGES = """
SELECT at, kind, number, before, after, reason, actor_kind, actor_id, actor_label FROM subscriptions_subscriptionchange
WHERE subscription_id = %s ORDER BY id DESC LIMIT 200
"""


def contract_view(contract_ref: UUID, sight: Sight, *, language: str = "", at: datetime | None = None) -> ContractView | None:
    """A contract with its next twelve months at today's prices and what may be done now; None where the asker may not see it.

    Eight statements, whatever its length.
    """
    key = visible_key(contract_ref, sight=sight)
    if key is None:
        return None
    at, language = at or clock.now(), _language(language)
    row = rows("SELECT s.* FROM subscriptions_subscription s WHERE s.id = %s", (key,))[0]
    plan = plan_row(rows(_PLAN, (row.plan_id,))[0])
    with translation.override(language):
        return _view(
            row,
            plan,
            cycles=rows(_CYCLES, (key,)),
            items=rows(_ITEMS, (key,)),
            changes=rows(_CHANGES, (key,)),
            language=language,
            at=at,
        )


def facts_of(row: Any, plan: PlanRow, *, cycles: Sequence[Any], today: date, exception: bool = False) -> Facts:
    """Where a contract stands, from its row and its cycles."""
    opened = next((c for c in cycles if c.status in ("planned", "failed")), None)
    return Facts(
        number=row.number,
        status=ContractStatus(row.status),
        today=today,
        minimum_cycles=plan.minimum_cycles,
        change_deadline_days=plan.change_deadline_days,
        skip_allowed=plan.skip_allowed,
        skip_limit=plan.skip_limit,
        pause_allowed=plan.pause_allowed,
        deliveries=sum(1 for c in cycles if c.status == "generated"),
        open_number=opened.number if opened else None,
        open_on=opened.planned_on if opened else None,
        open_status=CycleStatus(opened.status) if opened else None,
        skipped={c.number for c in cycles if c.status == "skipped"},
        last_number=row.last_number,
        exception=exception,
    )


def _view(
    row: Any, plan: PlanRow, *, cycles: Sequence[Any], items: Sequence[Any], changes: Sequence[Any], language: str, at: datetime
) -> ContractView:
    today = company_context(row.company_id).business_date(at)
    facts = facts_of(row, plan, cycles=cycles, today=today)
    coming = _coming(row, plan, facts=facts, cycles=cycles, today=today)
    priced = _priced(row, items, coming, language=language, at=at)
    first = coming[0].delivery if coming else facts.deliveries + 1
    cycle_rows = {c.number: c for c in cycles}
    shown = tuple(_coming_shown(slot, facts=facts, cycle=cycle_rows.get(slot.number), priced=priced, items=items) for slot in coming)
    ahead_from = coming[0].number if coming else None
    cancel_refusal = no_cancel(facts)
    return ContractView(
        key=row.id,
        id=row.public_id,
        number=row.number,
        version=row.version,
        company_id=row.company_id,
        customer_key=row.customer_id,
        channel_id=row.channel_id,
        language=row.language,
        status=row.status,
        status_words=_(ContractStatus.labels()[ContractStatus(row.status)]),
        plan=shown_plan(plan, language=language),
        interval=row.interval,
        interval_label=interval_words(row.interval, translate=_),
        currency=row.currency,
        items=tuple(_item_shown(item, priced.get((item.variant_id, first))) for item in items),
        place=PlaceShown(**{name: getattr(row, name) for name in PlaceShown.__slots__}),
        payment_method=row.payment_method,
        means_id=row.means_id,
        deliveries=facts.deliveries,
        started_at=row.started_at,
        paused_until_on=row.paused_until_on,
        pause_reason=reason_words(row.pause_reason, translate=_),
        ended_at=row.ended_at,
        end_reason=reason_words(row.end_reason, translate=_),
        last_delivery=row.last_number,
        coming=shown,
        past=tuple(_past_shown(c) for c in cycles if ahead_from is None or c.number < ahead_from)[:PAST_SHOWN],
        history=tuple(_change_shown(c) for c in changes),
        year_amount=sum(c.amount or 0 for c in shown if c.status != "skipped"),
        may_pause=facts.status is ContractStatus.ACTIVE and no_pause(facts) is None and row.last_number is None,
        may_resume=facts.status is ContractStatus.PAUSED,
        may_change=facts.status is ContractStatus.ACTIVE and row.last_number is None,
        may_cancel=cancel_refusal is None and row.last_number is None,
        cancel_refusal=cancel_refusal.text(_) if cancel_refusal else "",
        change_until=facts.deadline(facts.open_on) if facts.open_on and facts.status is ContractStatus.ACTIVE else None,
        may_change_next=no_change(facts) is None,
    )


def _coming(row: Any, plan: PlanRow, *, facts: Facts, cycles: Sequence[Any], today: date) -> list[Slot]:
    """The slots still to come: skipped ones right before the open one that lie in the future, then a year from the open one."""
    if facts.open_number is None or facts.status is ContractStatus.PAUSED:
        return []
    opened = next(c for c in cycles if c.number == facts.open_number)
    rhythm = Rhythm(interval=read_interval(row.interval), anchor_on=row.anchor_on, anchor_number=row.anchor_number)
    ahead = plan.ahead()
    before = [
        Slot(number=c.number, delivery=opened.delivery, planned_on=c.planned_on, order_on=ahead.order_on(c.planned_on), skipped=True)
        for c in reversed(cycles)
        if c.status == "skipped" and c.number < facts.open_number and c.planned_on >= today
    ]
    found = slots(
        rhythm,
        number=facts.open_number,
        delivery=opened.delivery,
        skipped=facts.skipped,
        ahead=ahead,
        until=today + YEAR_AHEAD,
        last_number=row.last_number,
        maximum=plan.maximum_cycles,
    )
    return before + found


def _priced(row: Any, items: Sequence[Any], coming: Sequence[Slot], *, language: str, at: datetime) -> dict[tuple[int, int], Offer]:
    """Offers by (variant, delivery) for everything that comes."""
    deliveries = sorted({slot.delivery for slot in coming}) or [1]
    wanted = [(item, delivery) for item in items for delivery in deliveries]
    if not wanted:
        return {}
    rank = rank_codes([row.customer_id], brand_id=row.brand_id).get(row.customer_id, "")
    asks = [
        PriceAsk(variant_id=i.variant_id, quantity=i.quantity, purchase_type=PurchaseType.SUBSCRIPTION, cycle=d, rank_code=rank)
        for i, d in wanted
    ]
    answers = offers(asks, company_id=row.company_id, channel_id=row.channel_id, language=language, at=at)
    return {(i.variant_id, d): answer for (i, d), answer in zip(wanted, answers, strict=True) if isinstance(answer, Offer)}


def _item_shown(item: Any, offer: Offer | None) -> ItemShown:
    return ItemShown(
        variant_id=item.variant_id,
        sku=offer.sku if offer else "",
        name=f"{offer.name} {offer.option}".strip() if offer else _("An article that is not sold at the moment"),
        quantity=item.quantity,
        amount=offer.unit_price * item.quantity if offer else None,
    )


def _coming_shown(slot: Slot, *, facts: Facts, cycle: Any, priced: dict[tuple[int, int], Offer], items: Sequence[Any]) -> CycleShown:
    offered = [(item, priced.get((item.variant_id, slot.delivery))) for item in items]
    amounts = [offer.unit_price * item.quantity for item, offer in offered if offer is not None]
    status = cycle.status if cycle is not None else "planned"
    is_open = slot.number == facts.open_number
    changeable = facts.in_time(slot.planned_on)
    return CycleShown(
        number=slot.number,
        delivery=None if slot.skipped else slot.delivery,
        planned_on=slot.planned_on,
        order_on=cycle.due_on if cycle is not None and is_open else slot.order_on,
        status=status,
        amount=sum(amounts) if len(amounts) == len(offered) and not slot.skipped else None,
        reason=cycle.reason if cycle is not None else "",
        reason_words=reason_words(cycle.reason, translate=_) if cycle is not None else "",
        change_until=facts.deadline(slot.planned_on) if changeable else None,
        may_skip=not slot.skipped and no_skip(facts, slot.number, slot.planned_on) is None,
        may_unskip=slot.skipped and no_unskip(facts, slot.number, slot.planned_on) is None,
    )


def _past_shown(cycle: Any) -> CycleShown:
    return CycleShown(
        number=cycle.number,
        delivery=cycle.delivery if cycle.status == "generated" else None,
        planned_on=cycle.planned_on,
        order_on=cycle.due_on,
        status=cycle.status,
        amount=cycle.amount,
        order_ref=cycle.order_ref,
        order_number=cycle.order_number or "",
        order_status=cycle.order_status or "",
        reason=cycle.reason,
        reason_words=reason_words(cycle.reason, translate=_),
    )


def _change_shown(change: Any) -> ChangeShown:
    kind = ChangeKind(change.kind)
    return ChangeShown(
        at=change.at,
        kind=kind,
        words=_(ChangeKind.labels()[kind]),
        number=change.number,
        before=_value_shown(kind, change.before),
        after=_value_shown(kind, change.after),
        reason=reason_words(change.reason, translate=_),
        by=change.actor_label or change.actor_id,
    )


def _value_shown(kind: ChangeKind, value: str) -> str:
    """A kept value in the reader's words: intervals and payment methods are kept as codes."""
    if value and kind in (ChangeKind.INTERVAL, ChangeKind.STARTED):
        return interval_words(value, translate=_)
    if kind is ChangeKind.PAYMENT and value in set(PaymentMethod):
        return _(PaymentMethod.labels()[PaymentMethod(value)])
    return value
