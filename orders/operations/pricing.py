"""From drafts to sums: what every counter shows before and what placing agrees to. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.queries import offers
from catalog.rules import Offer, PriceAsk
from core.clock import business_date
from core.errors import Refusal
from core.queries import tax_rates_on
from core.words import gettext_noop as _
from inventory.queries import supply_for
from inventory.rules import Demand, Supply
from orders.ports import OFFER_SOURCE, PricedCart
from orders.queries import PlacingContext, placing_context
from orders.rules import DraftDiscount, OrderDraft, Refused, Sums, check_shape, sum_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Drafts of one company, channel and language with their context: a sum or a refusal for each, in order."""

    context: PlacingContext
    results: tuple[Sums | Refused, ...]
    supply: Supply


def price_drafts(drafts: Sequence[OrderDraft], *, at: datetime) -> Priced | Refused:
    """Price drafts that share company, channel and language, in four statements however many they are."""
    context = placing_context(drafts, at=at)
    if context is None:
        return Refused.because(Refusal("order.unknown_channel", _("The sales channel is not open for this company."), {}, "/channel"))
    results: list[Sums | Refused | None] = []
    asks: list[PriceAsk] = []
    for draft in drafts:
        wrong = check_shape(draft)
        results.append(Refused(tuple(wrong)) if wrong else None)
        if not wrong:
            asks += [
                PriceAsk(variant_id=n.variant_id, sku=n.sku, quantity=n.quantity, purchase_type=n.purchase_type, cycle=n.cycle)
                for n in draft.lines
            ]
    found = offers(asks, company_id=context.company_id, channel_id=context.channel_id, language=drafts[0].language, at=at) if asks else []
    answers = iter(found)
    rates = tax_rates_on(business_date(at, context.timezone), context.country)
    offered: dict[int, list[Offer]] = {}
    for key, draft in enumerate(drafts):
        if results[key] is None:
            own = [next(answers) for _line in draft.lines]
            refusals = tuple(a.at(f"/lines/{n}/sku") for n, a in enumerate(own) if isinstance(a, Refusal))
            if refusals:
                results[key] = Refused(refusals)
            else:
                offered[key] = [a for a in own if isinstance(a, Offer)]
    discounts = _offered_discounts(drafts, offered, context=context, at=at)
    for key, own_offers in offered.items():
        summed = sum_up(
            drafts[key],
            own_offers,
            order_discounts=(*drafts[key].discounts, *discounts.get(key, ())),
            fee_rules=context.fee_rules,
            rates_bp=rates,
            rounding=context.rounding,
        )
        results[key] = Refused.because(summed) if isinstance(summed, Refusal) else _as_expected(drafts[key], summed)
    variants = sorted({o.variant_id for own_offers in offered.values() for o in own_offers})
    supply = supply_for(variants, company_id=context.company_id, channel_id=context.channel_id)
    return Priced(context=context, results=tuple(r for r in results if r is not None), supply=supply)


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


def _offered_discounts(
    drafts: Sequence[OrderDraft], offered: dict[int, list[Offer]], *, context: PlacingContext, at: datetime
) -> dict[int, list[DraftDiscount]]:
    sources = OFFER_SOURCE.all()
    if not sources or not offered:
        return {}
    carts = [
        PricedCart(
            key=key,
            company_id=context.company_id,
            channel_id=context.channel_id,
            customer_id=drafts[key].customer_id,
            goods_total=sum(o.unit_price * n.quantity for o, n in zip(own, drafts[key].lines, strict=True)),
            lines=tuple((o.sku, n.quantity, o.unit_price * n.quantity) for o, n in zip(own, drafts[key].lines, strict=True)),
        )
        for key, own in offered.items()
    ]
    found: dict[int, list[DraftDiscount]] = {}
    for source in sources:
        for offer in source.discounts(carts, at=at):
            found.setdefault(offer.key, []).append(DraftDiscount(amount=offer.amount, source=offer.source, reason=offer.reason))
    return found


def demands_of(key: int, sums: Sums, line_refs: Sequence[UUID]) -> list[Demand]:
    """What an order wants of the stock, one demand per line."""
    return [
        Demand(order_key=key, demand_id=ref, variant_id=line.offer.variant_id, quantity=line.draft.quantity)
        for ref, line in zip(line_refs, sums.lines, strict=True)
    ]
