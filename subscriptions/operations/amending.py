"""What a contract brings, when, where to and paid how is different from the coming delivery on."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import faults_of_place
from subscriptions.events import SubscriptionChanged
from subscriptions.operations.changing import Answer, date_refused, each
from subscriptions.operations.opening import payment_refused
from subscriptions.operations.state import Held
from subscriptions.rules import (
    ChangeAsk,
    Changed,
    ChangeKind,
    ContractStatus,
    CycleStatus,
    Rhythm,
    ended,
    moved_to,
    no_change,
    read_interval,
)

MOST_OF_ONE = 999
_IN_COURSE = "SELECT plan_id, variant_id FROM subscriptions_planvariant WHERE variant_id = ANY(%s::bigint[])"
_NOW = """
SELECT i.subscription_id, i.variant_id, i.quantity, v.sku FROM subscriptions_subscriptionitem i JOIN catalog_variant v ON v.id = i.variant_id
WHERE i.subscription_id = ANY(%s::bigint[]) ORDER BY i.subscription_id, i.position
"""
_SKUS = "SELECT id, sku FROM catalog_variant WHERE id = ANY(%s::bigint[])"
_CARDS = "SELECT id, customer_id FROM billing_paymentmeans WHERE id = ANY(%s::bigint[]) AND ended_at IS NULL AND reusable"


_PLACE = (
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "country", "postal_code", "prefecture", "city", "street",
    "building", "phone", "time_band",
)  # fmt: skip
_PLACES = f"SELECT id, {', '.join(_PLACE)} FROM subscriptions_subscription WHERE id = ANY(%s::bigint[])"


def _place(row: Any) -> dict[str, str]:
    return {name: getattr(row, name) for name in _PLACE}


class _Known:
    """What the database knows of the articles and cards that a batch of asks names."""

    def __init__(self, asks: Sequence[ChangeAsk]) -> None:
        variants = sorted({item.variant_id for ask in asks for item in ask.items or ()})
        changing = [ask.contract_id for ask in asks if ask.items is not None]
        means = sorted({ask.means_id for ask in asks if ask.means_id is not None})
        self.in_course = {(r.plan_id, r.variant_id) for r in rows(_IN_COURSE, (variants,))} if variants else set()
        self.skus: dict[int, str] = {r.id: r.sku for r in rows(_SKUS, (variants,))} if variants else {}
        self.items: dict[int, list[tuple[int, int, str]]] = {}
        for r in rows(_NOW, (changing,)) if changing else ():
            self.items.setdefault(r.subscription_id, []).append((r.variant_id, r.quantity, r.sku))
        moving = [ask.contract_id for ask in asks if ask.place is not None or ask.time_band is not None]
        self.places: dict[int, dict[str, str]] = {r.id: _place(r) for r in rows(_PLACES, (moving,))} if moving else {}
        self.cards: dict[int, int | None] = {r.id: r.customer_id for r in rows(_CARDS, (means,))} if means else {}


@operation
def change_contracts(asks: Sequence[ChangeAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """The contracts are as asked from the coming delivery on; an ask of which one part is refused changes nothing.

    Announces SubscriptionChanged. Refuses "subscription.too_late", "subscription.date_too_soon", "subscription.date_too_far",
    "subscription.interval_not_offered", "subscription.not_in_course", "subscription.no_items", "subscription.bad_quantity",
    "subscription.payment_not_suited", "subscription.card_missing", "subscription.card_not_theirs", the faults of an
    address, "subscription.resume_first", "subscription.ended", "subscription.not_found".
    """
    known = _Known(asks)
    return each(asks, lambda one, ask: _change(one, ask, known), actor=actor, at=at)


def _change(one: Held, ask: ChangeAsk, known: _Known) -> Answer:
    if refused := _refused(one, ask, known):
        return refused
    kinds: list[ChangeKind] = []
    if ask.interval is not None and ask.interval != one.interval:
        kinds.append(_new_interval(one, ask.interval, reason=ask.reason))
    if ask.next_on is not None and ask.next_on != one.next_on:
        kinds.append(_new_date(one, ask.next_on, reason=ask.reason))
    if ask.items is not None:
        before = known.items.get(one.id, [])
        wanted = [(item.variant_id, item.quantity) for item in ask.items]
        if wanted != [(variant, quantity) for variant, quantity, _sku in before]:
            one.items = wanted
            said = ", ".join(f"{known.skus[variant]} × {quantity}" for variant, quantity in wanted)
            one.note(ChangeKind.ITEMS, before=", ".join(f"{sku} × {n}" for _v, n, sku in before), after=said, reason=ask.reason)
            kinds.append(ChangeKind.ITEMS)
    if ask.place is not None or ask.time_band is not None:
        kinds.append(_new_place(one, ask, known))
    if ask.payment_method is not None or ask.means_id is not None:
        kinds.extend(_new_payment(one, ask))
    if not kinds:
        return Changed(contract_id=one.id, next_on=one.next_on, repeated=True)
    one.dirty = True
    one.events.append(SubscriptionChanged(**one.ids, kinds=tuple(kinds)))
    return Changed(contract_id=one.id, number=one.open.number if one.open else None, next_on=one.next_on)


def _refused(one: Held, ask: ChangeAsk, known: _Known) -> Refusal | None:
    facts = one.facts(exception=ask.exception)
    if refused := ended(facts):
        return refused
    timed = ask.next_on is not None or ask.interval is not None or ask.items is not None
    if timed and (refused := no_change(facts)):
        return refused
    if ask.next_on is not None:
        if one.status is not ContractStatus.ACTIVE or one.open is None:
            return Refusal("subscription.resume_first", _("Resume the contract with the date you want."), {}, "/next_on")
        if refused := date_refused(one, ask.next_on):
            return refused
    if ask.interval is not None and ask.interval not in one.plan.offered:
        said = {"plan": one.plan.name, "interval": ask.interval}
        return Refusal("subscription.interval_not_offered", _("The course “%(plan)s” does not come %(interval)s."), said, "/interval")
    return _items_refused(one, ask, known) or _place_refused(ask) or _payment_refused(one, ask, known)


def _items_refused(one: Held, ask: ChangeAsk, known: _Known) -> Refusal | None:
    if ask.items is None:
        return None
    if not ask.items:
        return Refusal("subscription.no_items", _("A delivery brings at least one article. Cancel the contract instead."), {}, "/items")
    variants = [item.variant_id for item in ask.items]
    held = {variant for variant, _n, _sku in known.items.get(one.id, ())}
    for n, item in enumerate(ask.items):
        if not 1 <= item.quantity <= MOST_OF_ONE or variants.count(item.variant_id) > 1:
            most = {"most": MOST_OF_ONE}
            return Refusal(
                "subscription.bad_quantity", _("Name each article once, with a quantity from 1 to %(most)s."), most, f"/items/{n}/quantity"
            )
        if (one.plan.id, item.variant_id) not in known.in_course and not (item.variant_id in held and item.variant_id in known.skus):
            said = {"sku": known.skus.get(item.variant_id, str(item.variant_id)), "plan": one.plan.name}
            return Refusal("subscription.not_in_course", _("“%(sku)s” is not in the course “%(plan)s”."), said, f"/items/{n}/variant")
    return None


def _place_refused(ask: ChangeAsk) -> Refusal | None:
    faults = faults_of_place(ask.place, pointer="/place") if ask.place is not None else []
    if faults:
        return faults[0]
    if ask.time_band is not None and len(ask.time_band) > 20:
        return Refusal("subscription.unknown_time_band", _("There is no such time band."), {}, "/time_band")
    return None


def _payment_refused(one: Held, ask: ChangeAsk, known: _Known) -> Refusal | None:
    if ask.payment_method is None and ask.means_id is None:
        return None
    method = ask.payment_method or (PaymentMethod.CARD if ask.means_id is not None else PaymentMethod(one.payment_method))
    if refused := payment_refused(one.plan, method, means_id=ask.means_id if ask.means_id is not None else one.means_id):
        return refused
    if ask.means_id is not None and (ask.means_id not in known.cards or known.cards[ask.means_id] not in (None, one.customer_id)):
        return Refusal("subscription.card_not_theirs", _("This card cannot be charged for the contract."), {}, "/means_id")
    return None


def _new_interval(one: Held, interval: str, *, reason: str) -> ChangeKind:
    """The coming delivery keeps its date, those after it follow the new interval."""
    one.note(ChangeKind.INTERVAL, before=one.interval, after=interval, reason=reason)
    opened = one.open
    if opened is not None:
        one.rhythm = Rhythm(interval=read_interval(interval), anchor_on=opened.planned_on, anchor_number=opened.number)
        _drop_skips_after(one, opened.number)
    one.interval = interval
    return ChangeKind.INTERVAL


def _new_date(one: Held, next_on: date, *, reason: str) -> ChangeKind:
    """The coming delivery moves, and those after it with it."""
    opened = one.open
    assert opened is not None
    one.note(ChangeKind.NEXT_DATE, number=opened.number, before=opened.planned_on, after=next_on, reason=reason)
    one.rhythm = moved_to(one.rhythm, number=opened.number, on=next_on)
    _drop_skips_after(one, opened.number)
    opened.planned_on, opened.due_on = next_on, one.plan.ahead().order_on(next_on)
    opened.status, opened.reason, opened.tries, opened.dirty = CycleStatus.PLANNED, "", 0, True
    return ChangeKind.NEXT_DATE


def _drop_skips_after(one: Held, number: int) -> None:
    """Dates that were left out ahead are no dates of the new schedule."""
    for cycle in [c for c in one.cycles.values() if c.number > number and c.status is CycleStatus.SKIPPED]:
        one.drop(cycle)


def _new_place(one: Held, ask: ChangeAsk, known: _Known) -> ChangeKind:
    """The history says that the address changed, not what it is."""
    place = known.places[one.id] if ask.place is None else {name: str(value) for name, value in asdict(ask.place).items()}
    band = known.places[one.id]["time_band"] if ask.time_band is None else ask.time_band
    one.place = {**place, "time_band": band}
    one.note(ChangeKind.ADDRESS, reason=ask.reason)
    return ChangeKind.ADDRESS


def _new_payment(one: Held, ask: ChangeAsk) -> list[ChangeKind]:
    """A delivery that failed is tried again at once: a new card is what it waited for."""
    method = ask.payment_method or (PaymentMethod.CARD if ask.means_id is not None else PaymentMethod(one.payment_method))
    means = ask.means_id if ask.means_id is not None else one.means_id if method is PaymentMethod.CARD else None
    if (method, means) == (one.payment_method, one.means_id):
        return []
    one.note(ChangeKind.PAYMENT, before=one.payment_method, after=method, reason=ask.reason)
    one.payment_method, one.means_id = method, means
    opened = one.open
    if opened is not None and opened.status is CycleStatus.FAILED and one.status is ContractStatus.ACTIVE:
        opened.due_on, opened.tries, opened.dirty = one.today, 0, True
        one.note(ChangeKind.RETRIED, number=opened.number, after=one.today)
    return [ChangeKind.PAYMENT]
