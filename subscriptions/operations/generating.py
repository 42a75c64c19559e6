"""Due deliveries become orders: claimed in chunks, placed as a batch, settled and planned on in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Busy, HouseError, Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from customers.rules import Person, PlaceOfDelivery
from orders.operations import place_orders
from orders.rules import DraftDestination, DraftLine, OrderDraft, Placed, Refused, SubscriptionWish
from subscriptions.events import CycleGenerated
from subscriptions.operations.settling import fail_cycles, finish_contracts
from subscriptions.queries import PlanRow, plan_rows
from subscriptions.rules import Generated, Rhythm, next_slot, read_interval

CHUNK = 500
"""So many deliveries share a transaction: enough to share the cost of its statements, few enough not to lose much."""

_COLUMNS = """
SELECT c.id, c.number, c.delivery, c.planned_on, c.cart_ref, s.id AS contract_id, s.public_id, s.company_id, s.customer_id, s.channel_id, s.site_id,
    s.brand_id, s.plan_id, s.interval, s.anchor_on, s.anchor_number, s.last_number, s.language, s.payment_method, s.means_id, s.family_name,
    s.given_name, s.family_kana, s.given_kana, s.organisation_name, s.country, s.postal_code, s.prefecture, s.city, s.street, s.building,
    s.phone, s.time_band, u.family_name AS buyer_family, u.given_name AS buyer_given, u.organisation_name AS buyer_organisation
FROM subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id JOIN customers_customer u ON u.id = s.customer_id
"""
# Contract and delivery are both locked, so that whoever waited for neither sees what is still due; whatever another
# generator or a change holds is passed by. A company whose history is being written is left to its writer.
_CLAIM = f"""{_COLUMNS}
WHERE c.due_on <= %(on)s AND s.status = 'active' AND (%(company)s::bigint IS NULL OR s.company_id = %(company)s)
    AND (%(company)s::bigint IS NOT NULL OR NOT EXISTS (SELECT FROM core_company h WHERE h.id = s.company_id AND h.history_until_at IS NOT NULL))
ORDER BY c.due_on, c.id LIMIT %(most)s FOR UPDATE OF s, c SKIP LOCKED
"""
_CLAIM_THESE = f"""{_COLUMNS}
WHERE c.id = ANY(%(ids)s::bigint[]) AND c.due_on <= %(on)s AND s.status = 'active'
ORDER BY c.id FOR UPDATE OF s, c SKIP LOCKED
"""
# Read after the lock, in a statement of its own.
_BRINGS = """
SELECT i.subscription_id, array_agg(i.variant_id ORDER BY i.position) AS variants, array_agg(i.quantity ORDER BY i.position) AS quantities
FROM subscriptions_subscriptionitem i WHERE i.subscription_id = ANY(%s::bigint[]) GROUP BY i.subscription_id
"""
_SKIPPED = """
SELECT c.subscription_id, c.number FROM unnest(%s::bigint[], %s::int[]) AS u (id, number)
JOIN subscriptions_cycle c ON c.subscription_id = u.id AND c.number > u.number WHERE c.status = 'skipped'
"""
_SETTLE = """
UPDATE subscriptions_cycle c SET status = 'generated', order_id = u.order_id, due_on = NULL, reason = '', settled_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, order_id) WHERE c.id = u.id
"""
_PLAN_ON = """
INSERT INTO subscriptions_cycle (subscription_id, number, delivery, planned_on, due_on)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::date[], %s::date[])
"""


def generate_due(
    *, on: date, most: int = 10_000, company_id: int | None = None, actor: Actor, at: datetime, chunk: int = CHUNK
) -> Generated:
    """Every delivery whose order is due has it, exactly one, however many generators run and whenever they die.

    Chunks commit on their own, each order together with its delivery and the plan of the next one. A delivery that
    cannot be ordered says why and stops only itself. Companies whose history is being written are passed by, unless named.
    Call it outside any transaction; the orders in `charge` want `take_payments` afterwards. Announces OrderPlaced,
    CycleGenerated, CycleFailed, SubscriptionPaused, SubscriptionCompleted.
    """
    total = Generated()
    left = most
    while left > 0:
        size = min(chunk, left)
        claimed: list[int] = []
        made = _one_chunk(claimed, on=on, most=size, company_id=company_id, actor=actor, at=at)
        total = _sum(total, made)
        left -= len(claimed)
        if len(claimed) < size:
            return total
    return replace(total, more=True)


def _sum(one: Generated, other: Generated) -> Generated:
    return Generated(
        orders=one.orders + other.orders,
        failed=one.failed + other.failed,
        completed=one.completed + other.completed,
        charge=one.charge + other.charge,
    )


def _one_chunk(claimed: list[int], *, on: date, most: int, company_id: int | None, actor: Actor, at: datetime) -> Generated:
    """The next due deliveries; when one of them breaks the batch, the halves are tried apart until it is found."""
    try:
        return _generate_next(claimed, on=on, most=most, company_id=company_id, actor=actor, at=at)
    except Busy:
        raise
    except (IntegrityError, DataError, HouseError) as error:
        return _without_the_bad(list(claimed), error, on=on, actor=actor, at=at)


def _without_the_bad(ids: Sequence[int], error: Exception, *, on: date, actor: Actor, at: datetime) -> Generated:
    if len(ids) == 1:
        refusal = error.refusal if isinstance(error, HouseError) else NOT_STORABLE
        fail_cycles({ids[0]: refusal.code}, actor=actor, at=at)
        return Generated(failed=1)
    total = Generated()
    half = len(ids) // 2
    for part in (ids[:half], ids[half:]):
        try:
            total = _sum(total, _generate_these(part, on=on, actor=actor, at=at))
        except Busy:
            raise
        except (IntegrityError, DataError, HouseError) as found:
            total = _sum(total, _without_the_bad(part, found, on=on, actor=actor, at=at))
    return total


NOT_STORABLE = Refusal("order.not_storable", _("The order holds a value the database does not accept."))


@operation(steady_plans=True)
def _generate_next(claimed: list[int], *, on: date, most: int, company_id: int | None, actor: Actor, at: datetime) -> Generated:
    due = rows(_CLAIM, {"on": on, "company": company_id, "most": most})
    claimed[:] = [c.id for c in due]
    return _generate(due, on=on, actor=actor, at=at)


@operation(steady_plans=True)
def _generate_these(ids: Sequence[int], *, on: date, actor: Actor, at: datetime) -> Generated:
    return _generate(rows(_CLAIM_THESE, {"ids": list(ids), "on": on}), on=on, actor=actor, at=at)


def _generate(due: Sequence[Any], *, on: date, actor: Actor, at: datetime) -> Generated:
    """Place the orders of claimed deliveries and write down what came of each."""
    if not due:
        return Generated()
    plans = plan_rows([c.plan_id for c in due])
    brings = {r.subscription_id: r for r in rows(_BRINGS, ([c.contract_id for c in due],))}
    drafts: list[OrderDraft] = []
    ordered: list[Any] = []
    failed: dict[int, str] = {}
    for cycle in due:
        items = brings.get(cycle.contract_id)
        if items is None:
            failed[cycle.id] = "subscription.no_items"
        else:
            drafts.append(_draft(cycle, items, plans[cycle.plan_id], on=on))
            ordered.append(cycle)
    placed: list[tuple[Any, Placed]] = []
    for cycle, result in zip(ordered, place_orders(drafts, actor=actor, at=at) if drafts else (), strict=True):
        if isinstance(result, Refused):
            failed[cycle.id] = result.code
        else:
            placed.append((cycle, result))
    ended = _settle(placed, plans=plans, on=on, at=at) if placed else []
    if ended:
        finish_contracts(ended, actor=actor, at=at)
    if failed:
        fail_cycles(failed, actor=actor, at=at)
    charge = tuple(p.order_id for c, p in placed if c.payment_method == PaymentMethod.CARD and p.total)
    return Generated(orders=len(placed), failed=len(failed), completed=len(ended), charge=charge)


def _draft(cycle: Any, items: Any, plan: PlanRow, *, on: date) -> OrderDraft:
    place = PlaceOfDelivery(
        family_name=cycle.family_name,
        given_name=cycle.given_name,
        family_kana=cycle.family_kana,
        given_kana=cycle.given_kana,
        organisation_name=cycle.organisation_name,
        country=cycle.country,
        postal_code=cycle.postal_code,
        prefecture=cycle.prefecture,
        city=cycle.city,
        street=cycle.street,
        building=cycle.building,
        phone=cycle.phone,
    )
    wished_on = cycle.planned_on if cycle.planned_on > on else plan.ahead().earliest_from(on)
    wish = SubscriptionWish(plan_code=plan.code, interval=cycle.interval, contract=cycle.public_id)
    return OrderDraft(
        company_id=cycle.company_id,
        channel_id=cycle.channel_id,
        site_id=cycle.site_id,
        brand_id=cycle.brand_id,
        customer_id=cycle.customer_id,
        person=Person(
            family_name=cycle.buyer_family,
            given_name=cycle.buyer_given,
            organisation_name=cycle.buyer_organisation,
            language=cycle.language,
        ),
        lines=tuple(
            DraftLine(
                variant_id=variant,
                quantity=quantity,
                purchase_type=PurchaseType.SUBSCRIPTION,
                cycle=cycle.delivery,
                subscription=wish,
            )
            for variant, quantity in zip(items.variants, items.quantities, strict=True)
        ),
        destinations=(DraftDestination(place=place, wished_on=wished_on, time_band=cycle.time_band),),
        payment_method=PaymentMethod(cycle.payment_method),
        means_id=cycle.means_id if cycle.payment_method == PaymentMethod.CARD else None,
        language=cycle.language,
        cart_ref=cycle.cart_ref,
        days_agreed=True,
    )


def _settle(placed: Sequence[tuple[Any, Placed]], *, plans: dict[int, PlanRow], on: date, at: datetime) -> list[int]:
    """The deliveries have their orders and the next ones are planned; answers with the contracts that want a closer look.

    Those are contracts without a next delivery, and those whose schedule has to leave out days gone by.
    """
    run(_SETTLE, (at, [c.id for c, _p in placed], [p.order_id for _c, p in placed]))
    skipped: dict[int, set[int]] = {}
    for r in rows(_SKIPPED, ([c.contract_id for c, _p in placed], [c.number for c, _p in placed])):
        skipped.setdefault(r.subscription_id, set()).add(r.number)
    aheads = {key: plan.ahead() for key, plan in plans.items()}
    following: list[tuple[int, int, int, date, date]] = []
    special: list[int] = []
    for cycle, _placed in placed:
        rhythm = Rhythm(interval=read_interval(cycle.interval), anchor_on=cycle.anchor_on, anchor_number=cycle.anchor_number)
        delivery = cycle.delivery + 1
        slot, moved = next_slot(
            rhythm,
            after=cycle.number,
            delivery=delivery,
            skipped=skipped.get(cycle.contract_id, ()),
            ahead=aheads[cycle.plan_id],
            today=on,
        )
        most, last = plans[cycle.plan_id].maximum_cycles, cycle.last_number
        if moved is not rhythm or (most is not None and delivery > most) or (last is not None and slot.number > last):
            special.append(cycle.contract_id)
        else:
            following.append((cycle.contract_id, slot.number, delivery, slot.planned_on, slot.order_on))
    if following:
        run(_PLAN_ON, tuple([str(v) if isinstance(v, date) else v for v in column] for column in zip(*following, strict=True)))
    announce(*(_generated(cycle, result.order_id, result.public_id) for cycle, result in placed))
    return special


def _generated(cycle: Any, order_id: int, order_ref: UUID) -> CycleGenerated:
    return CycleGenerated(
        contract_id=cycle.contract_id,
        contract_ref=cycle.public_id,
        company_id=cycle.company_id,
        customer_id=cycle.customer_id,
        number=cycle.number,
        delivery=cycle.delivery,
        order_id=order_id,
        order_ref=order_ref,
    )
