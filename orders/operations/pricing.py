"""From drafts to sums: what every counter shows before and what placing agrees to. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing.rules import PaymentMethod
from catalog.queries import offers
from catalog.rules import Offer, PriceAsk, PurchaseType
from core.clock import business_date
from core.errors import Refusal
from core.queries import tax_rates_on
from core.words import gettext_noop as _
from inventory.queries import planned, supply_for
from inventory.rules import Demand, Shortage, Supply, Take, out_of_stock
from orders.operations.gifting import gifts_of
from orders.operations.offering import offered_on_codes
from orders.ports import PLACING_PARTICIPANT
from orders.queries import PickupStore, PlacingContext, delivery_masters, pickup_stores, placing_context, selling_stores
from orders.rules import (
    NO_MASTERS,
    DeliveryMasters,
    DraftLine,
    OrderDraft,
    Refused,
    Sums,
    check_shape,
    sum_up,
    without_fees,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What drafts of one company, channel and language stand on: its house rules, and the stock of what they want."""

    context: PlacingContext
    supply: Supply
    store: PickupStore | None = None
    """Where they are fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Drafts with what they stand on: a sum or a refusal for each, in order."""

    context: PlacingContext
    results: tuple[Sums | Refused, ...]
    supply: Supply
    masters: DeliveryMasters = NO_MASTERS


def by_counter(drafts: Sequence[OrderDraft]) -> list[list[int]]:
    """Places of the drafts that share company, channel and language, and the store where they are fetched."""
    groups: dict[tuple[int, int, str, int | None, bool], list[int]] = {}
    for i, draft in enumerate(drafts):
        groups.setdefault((draft.company_id, draft.channel_id, draft.language, fetched_at(draft), draft.handed_over), []).append(i)
    return list(groups.values())


def ground_of(drafts: Sequence[OrderDraft], *, at: datetime) -> Ground | Refused:
    """The ground under drafts that share company, channel, language and the store where they are fetched.

    One statement, two where they name a cart or outside number, and one more for what is fetched: only that store's stock is theirs.
    """
    context = placing_context(drafts, at=at)
    if context is None:
        return Refused.because(Refusal("order.unknown_channel", _("The sales channel is not open for this company."), {}, "/channel"))
    asked, sells = fetched_at(drafts[0]), drafts[0].handed_over
    choice = selling_stores if sells else pickup_stores
    store = next(iter(choice(context.company_id, ids=[asked])), None) if asked is not None else None
    if asked is not None and store is None:
        words = _("Nothing can be fetched in this store now. Choose another, or have it sent.")
        return Refused.because(Refusal("order.no_pickup_here", words, {}, "/destinations/0/pickup_at"))
    lines = [line for draft in drafts for line in draft.lines]
    supply = supply_for(
        [line.variant_id for line in lines if line.variant_id is not None],
        skus=[line.sku for line in lines if line.variant_id is None],
        company_id=context.company_id,
        channel_id=context.channel_id,
        at=at,
        holder_ids=[draft.cart_ref for draft in drafts if draft.cart_ref],
        pickup_at=asked,
        over_counter=sells,
    )
    return Ground(context=context, supply=supply, store=store)


def fetched_at(draft: OrderDraft) -> int | None:
    """The store where a draft is fetched, if it is."""
    return next((d.pickup_at_id for d in draft.destinations if d.pickup_at_id is not None), None)


def sold_out(drafts: Sequence[OrderDraft], *, ground: Ground) -> dict[int, Refusal]:
    """Drafts that want more of an article than lies in all places together: a refusal before anything else is asked or locked.

    Only what no other draft of the batch could change; who comes too late among several is told by ``shortages``.
    """
    by_sku = {sku: variant for variant, sku in ground.supply.skus.items()}
    found: dict[int, Refusal] = {}
    for key, draft in enumerate(drafts):
        wanted = [(line.variant_id or by_sku.get(line.sku, 0), line.quantity) for line in draft.lines]
        known = all(variant in ground.supply.parts for variant, _quantity in wanted)
        if known and any(_lacks(ground.supply, *want) for want in wanted) and not check_shape(draft) and not _agrees_to_wait(draft):
            demands = [
                Demand(
                    order_key=key,
                    demand_id=UUID(int=n),
                    variant_id=variant,
                    quantity=quantity,
                    holder_id=draft.cart_ref,
                    prefecture=_prefecture(draft, line),
                )
                for n, (line, (variant, quantity)) in enumerate(zip(draft.lines, wanted, strict=True))
            ]
            found.update(shortages(demands, supply=ground.supply))
    return found


def _agrees_to_wait(draft: OrderDraft) -> bool:
    return any(line.waits_until is not None for line in draft.lines)


def _prefecture(draft: OrderDraft, line: DraftLine) -> str:
    """Where a line goes, for the rules of routing."""
    place = line.destination - 1
    return draft.destinations[place].place.prefecture if 0 <= place < len(draft.destinations) else ""


def _lacks(supply: Supply, variant_id: int, quantity: int) -> bool:
    parts = supply.parts.get(variant_id, ())
    return any(sum(shelf.free for shelf in supply.shelves.get(p.stock_item_id, ())) < quantity * p.quantity for p in parts)


def price_drafts(drafts: Sequence[OrderDraft], *, ground: Ground, ranks: Mapping[int, str], at: datetime) -> Priced:
    """Price drafts on their common ground, in a handful of statements however many they are.

    `ranks` holds the rank codes of known customers by customer id.
    """
    context = ground.context
    results: list[Sums | Refused | None] = [
        Refused(tuple(wrong)) if (wrong := (*check_shape(d), *_contracts_missing(d), *_not_paid_there(d, ground.store))) else None
        for d in drafts
    ]
    offered = _offers(drafts, results, ranks=ranks, context=context, at=at)
    today = business_date(at, context.timezone)
    rates = tax_rates_on(today, context.country)
    by_codes = offered_on_codes(drafts, offered, rates_bp=rates, at=at)
    masters = delivery_masters(context.company_id, on=today) if offered else NO_MASTERS
    gifts = gifts_of(drafts, offered, profiles=masters.profiles, on=today)
    for key, own_offers in offered.items():
        given, on_codes = gifts.get(key, ()), by_codes.get(key)
        if isinstance(given, Refused):
            results[key] = given
            continue
        if isinstance(on_codes, Refused):
            results[key] = on_codes
            continue
        draft = on_codes.draft if on_codes is not None else drafts[key]
        own_fees = [without_fees(gift) for gift in given] if draft.fees is not None else given
        summed = sum_up(
            draft,
            own_offers,
            order_discounts=(*draft.discounts, *(on_codes.discounts if on_codes is not None else ())),
            masters=masters,
            rates_bp=rates,
            rounding=context.rounding,
            gifts=own_fees,
            on=today,
        )
        results[key] = Refused.because(summed) if isinstance(summed, Refusal) else _as_expected(draft, summed)
    return Priced(context=context, results=tuple(r for r in results if r is not None), supply=ground.supply, masters=masters)


def _contracts_missing(draft: OrderDraft) -> list[Refusal]:
    """A subscription line promises future deliveries: without anybody who keeps that promise it is not taken."""
    if PLACING_PARTICIPANT.all():
        return []
    return [
        Refusal("order.no_subscriptions", _("Subscriptions cannot be ordered here yet."), {}, f"/lines/{n}/purchase_type")
        for n, line in enumerate(draft.lines)
        if line.purchase_type is PurchaseType.SUBSCRIPTION
    ]


def _not_paid_there(draft: OrderDraft, store: PickupStore | None) -> list[Refusal]:
    """A store whose terms say so hands over only what was paid in advance."""
    if store is None or draft.handed_over or store.terms.pays_at_store or draft.payment_method != PaymentMethod.CASH_AT_STORE:
        return []
    words = _("%(store)s hands over only what was paid in advance. Choose another way to pay.")
    return [Refusal("order.paid_in_advance", words, {"store": store.name}, "/payment_method")]


def _offers(
    drafts: Sequence[OrderDraft],
    results: list[Sums | Refused | None],
    *,
    ranks: Mapping[int, str],
    context: PlacingContext,
    at: datetime,
) -> dict[int, list[Offer]]:
    """The offer for every line of every well-formed draft, in one statement; a draft with a refused line gets its reasons."""
    asks = [
        PriceAsk(
            variant_id=n.variant_id,
            sku=n.sku,
            quantity=n.quantity,
            purchase_type=n.purchase_type,
            cycle=n.cycle,
            rank_code=ranks.get(draft.customer_id or 0, ""),
        )
        for draft, result in zip(drafts, results, strict=True)
        if result is None
        for n in draft.lines
    ]
    if not asks:
        return {}
    answers = iter(offers(asks, company_id=context.company_id, channel_id=context.channel_id, language=drafts[0].language, at=at))
    found: dict[int, list[Offer]] = {}
    for key, draft in enumerate(drafts):
        if results[key] is not None:
            continue
        own = [next(answers) for _line in draft.lines]
        refusals = tuple(a.at(f"/lines/{n}/sku") for n, a in enumerate(own) if isinstance(a, Refusal))
        if refusals:
            results[key] = Refused(refusals)
        else:
            found[key] = [a for a in own if isinstance(a, Offer)]
    return found


def _as_expected(draft: OrderDraft, sums: Sums) -> Sums | Refused:
    if draft.expected_total is not None and draft.expected_total != sums.total:
        return Refused.because(
            Refusal(
                "order.total_changed",
                _("The total is now %(total)s, not %(expected)s. Please look at the order again before confirming."),
                {"total": sums.total, "expected": draft.expected_total},
                "/expected_total",
            )
        )
    return sums


def demands_of(key: int, sums: Sums, *, draft: OrderDraft, line_refs: Sequence[UUID]) -> list[Demand]:
    """What an order wants of the stock, one demand per line; what its checkout holds is for it."""
    return [
        Demand(
            order_key=key,
            demand_id=ref,
            variant_id=line.offer.variant_id,
            quantity=line.draft.quantity,
            holder_id=draft.cart_ref,
            prefecture=_prefecture(draft, line.draft),
        )
        for ref, line in zip(line_refs, sums.lines, strict=True)
    ]


Plans = Mapping[int, tuple[Take, ...] | Shortage]
"""From where each order would be served."""


def shortages(demands: Sequence[Demand], *, supply: Supply, plans: Plans | None = None) -> dict[int, Refusal]:
    """Orders that the stock, as read without a lock, cannot serve; pointing at the line that falls short."""
    found = {}
    for key, plan in (planned(demands, supply) if plans is None else plans).items():
        if isinstance(plan, Shortage):
            places = [d.variant_id for d in demands if d.order_key == key]
            found[key] = out_of_stock(plan, supply=supply).at(f"/lines/{places.index(plan.variant_id)}/quantity")
    return found
