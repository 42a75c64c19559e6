"""What an order costs: discounts spread over lines, fees by rule, tax once per rate. Pure; worked tables in docs/algorithms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from catalog.rules import Offer
from core.errors import Refusal
from core.money import spread
from core.tax import RateTotal, Rounding, TaxBasis, TaxedAmount, spread_discount, tax_totals
from core.words import gettext_noop as _
from orders.rules.carriage import NO_CARRIAGE, Carriage, carriage, stops_of, things_of
from orders.rules.delivery import CASH, DeliveryMasters
from orders.rules.drafts import DraftDiscount, DraftLine, OrderDraft
from orders.rules.fees import FeeLine
from orders.rules.gifts import AgreedGift
from orders.rules.statuses import FeeKind


@dataclass(slots=True, kw_only=True)
class SummedLine:
    """A line with its price, its discounts and its share of the total with tax, in minor units."""

    draft: DraftLine
    offer: Offer
    unit_price: int
    price_reason: str
    tax_rate_bp: int
    discounts: list[DraftDiscount]
    discount: int
    amount: int
    total: int = 0


@dataclass(slots=True, kw_only=True)
class SummedFee:
    """A fee with its share of the total with tax."""

    kind: FeeKind
    label: str
    amount: int
    tax_class: str
    tax_rate_bp: int
    total: int = 0
    destination: int | None = None
    """Of which destination it is, where it is of one."""
    rule_id: int | None = None
    explanation: str = ""
    """What of the rule decided, in the company's own names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """An order's money: lines and fees with their shares, and the totals they add up to exactly; how it is delivered, and its gifts."""

    lines: tuple[SummedLine, ...]
    fees: tuple[SummedFee, ...]
    taxes: tuple[RateTotal, ...]
    tax_basis: TaxBasis
    currency: str
    goods_total: int
    discount_total: int
    fee_total: int
    tax_total: int
    total: int
    gifts: tuple[AgreedGift, ...] = ()
    carriage: Carriage = NO_CARRIAGE

    @property
    def on_codes(self) -> tuple[DraftDiscount, ...]:
        """What each typed code takes off, over all lines."""
        found: dict[str, DraftDiscount] = {}
        for discount in (d for line in self.lines for d in line.discounts if d.code):
            known = found.get(discount.code)
            found[discount.code] = discount if known is None else replace(known, amount=known.amount + discount.amount)
        return tuple(found.values())

    @property
    def other_discount(self) -> int:
        """What is taken off otherwise."""
        return self.discount_total - sum(d.amount for d in self.on_codes)

    @property
    def waived(self) -> tuple[FeeLine, ...]:
        """Fees that are not asked, each with the condition it is waived by."""
        return self.carriage.waived


def sum_up(
    draft: OrderDraft,
    offers: Sequence[Offer],
    *,
    order_discounts: Sequence[DraftDiscount],
    masters: DeliveryMasters,
    rates_bp: Mapping[str, int],
    rounding: Rounding,
    on: date | None = None,
    gifts: Sequence[AgreedGift] = (),
) -> Sums | Refusal:
    """Everything an order costs by the rules of the day. Order-level discounts are spread over the lines and keep their source.

    Gifts bring their own fees. Refuses "order.discount_too_large" when more is taken off than the goods cost, "order.mixed_prices" when lines
    are priced in different currencies or tax bases, and where no service delivers what is wished.
    """
    basis, currency = TaxBasis(offers[0].tax_basis), offers[0].currency
    if any(o.currency != currency or o.tax_basis != basis for o in offers):
        return Refusal("order.mixed_prices", _("The lines are priced in different currencies or tax bases."), {}, "/lines")
    if unknown := {o.tax_class for o in offers} - set(rates_bp):
        words = _("No tax rate is in force for %(classes)s.")
        return Refusal("order.no_tax_rate", words, {"classes": ", ".join(sorted(unknown))}, "/lines")
    lines = _lines(draft, offers, rates_bp=rates_bp)
    if any(line.amount < 0 for line in lines):
        return _too_large()
    for discount in order_discounts:
        over = [lines[place] for place in discount.lines] if discount.lines else lines
        if discount.amount > sum(line.amount for line in over):
            return _too_large()
        _take_off(over, discount)
    goods_net = sum(line.amount for line in lines)

    def carried_for(cash: int) -> Carriage | Refusal:
        return _carried(draft, offers, masters=masters, goods_total=goods_net, cash=cash, on=on)

    def charged(carried: Carriage) -> tuple[list[SummedFee], list[RateTotal]]:
        fees = _fees(draft, carried, rates_bp=rates_bp, gifts=gifts)
        return fees, tax_totals(_taxed(lines, fees), basis, rounding)

    carried = _payable(draft, goods_net, carried_for, charged)
    if isinstance(carried, Refusal):
        return carried
    fees, taxes = charged(carried)
    _share_totals(lines, fees, taxes=taxes, basis=basis)
    return Sums(
        lines=tuple(lines),
        fees=tuple(fees),
        taxes=tuple(taxes),
        tax_basis=basis,
        currency=currency,
        goods_total=goods_net + sum(line.discount for line in lines),
        discount_total=sum(line.discount for line in lines),
        fee_total=sum(f.amount for f in fees),
        tax_total=sum(t.tax for t in taxes),
        total=sum(t.included for t in taxes),
        gifts=tuple(gifts),
        carriage=carried,
    )


def net_amounts(draft: OrderDraft, offers: Sequence[Offer], *, rates_bp: Mapping[str, int]) -> list[int]:
    """What each line comes to after the draft's own discounts; every tax class has a rate. None below nothing."""
    lines = _lines(draft, offers, rates_bp=rates_bp)
    for discount in draft.discounts:
        if discount.amount <= sum(line.amount for line in lines):
            _take_off(lines, discount)
    return [max(0, line.amount) for line in lines]


def _take_off(lines: Sequence[SummedLine], discount: DraftDiscount) -> None:
    shares = spread_discount(discount.amount, lines=[TaxedAmount(n.offer.tax_class, n.tax_rate_bp, n.amount) for n in lines])
    for line, share in zip(lines, shares, strict=True):
        if share:
            line.discounts.append(DraftDiscount(amount=share, source=discount.source, reason=discount.reason, code=discount.code))
            line.discount += share
            line.amount -= share


def _taxed(lines: Sequence[SummedLine], fees: Sequence[SummedFee]) -> list[TaxedAmount]:
    taxed = [TaxedAmount(n.offer.tax_class, n.tax_rate_bp, n.amount) for n in lines]
    return taxed + [TaxedAmount(f.tax_class, f.tax_rate_bp, f.amount) for f in fees]


def _payable(
    draft: OrderDraft,
    goods_total: int,
    carried_for: Callable[[int], Carriage | Refusal],
    charged: Callable[[Carriage], tuple[list[SummedFee], list[RateTotal]]],
) -> Carriage | Refusal:
    """How it is delivered so that a driver may take all that is asked at the door. With its fees an order may be more than one
    service takes; another one is asked then, which may cost more again."""
    cash = goods_total
    while True:
        carried = carried_for(cash)
        if isinstance(carried, Refusal) or str(draft.payment_method) != CASH:
            return carried
        total = sum(t.included for t in charged(carried)[1])
        if total <= cash or not _asks_too_much(carried, total=total):
            return carried
        cash = total


def _asks_too_much(carried: Carriage, *, total: int) -> bool:
    limits = [part.service.most_cash for part in carried.consignments if part.service is not None]
    return any(most is not None and total > most for most in limits)


def _carried(
    draft: OrderDraft, offers: Sequence[Offer], *, masters: DeliveryMasters, goods_total: int, cash: int, on: date | None
) -> Carriage | Refusal:
    stops, things = stops_of(draft), things_of(draft, offers)
    return carriage(stops, things, masters=masters, channel_id=draft.channel_id, goods_total=goods_total, cash=cash, on=on)


def _lines(draft: OrderDraft, offers: Sequence[Offer], *, rates_bp: Mapping[str, int]) -> list[SummedLine]:
    """The lines with their own discounts taken off, before anything is spread over them."""
    found = []
    for line, offer in zip(draft.lines, offers, strict=True):
        unit_price = offer.unit_price if line.unit_price is None else line.unit_price
        own = sum(d.amount for d in line.discounts)
        found.append(
            SummedLine(
                draft=line,
                offer=offer,
                unit_price=unit_price,
                price_reason=offer.price_reason if line.unit_price is None else line.price_reason,
                tax_rate_bp=rates_bp[offer.tax_class],
                discounts=list(line.discounts),
                discount=own,
                amount=unit_price * line.quantity - own,
            )
        )
    return found


def _too_large() -> Refusal:
    return Refusal("order.discount_too_large", _("The discount is larger than what the goods cost."), {}, "/discounts")


def _fees(draft: OrderDraft, carried: Carriage, *, rates_bp: Mapping[str, int], gifts: Sequence[AgreedGift]) -> list[SummedFee]:
    given = [fee for fee in draft.fees or () if fee.amount]
    by_rule = carried.fees if draft.fees is None else ()
    found = [
        SummedFee(
            kind=f.kind, label=f.label, amount=f.amount, tax_class=f.tax_class, tax_rate_bp=rates_bp[f.tax_class],
            destination=f.destination if f.kind is not FeeKind.CASH_ON_DELIVERY else None, rule_id=f.rule_id, explanation=f.explanation,
        )
        for f in by_rule
    ]  # fmt: skip
    return found + [
        SummedFee(
            kind=fee.kind, label=fee.label, amount=fee.amount, tax_class=fee.tax_class, tax_rate_bp=rates_bp[fee.tax_class],
            destination=fee.destination,
        )
        for fee in (*given, *(fee for gift in gifts for fee in gift.fees))
    ]  # fmt: skip


def _share_totals(lines: Sequence[SummedLine], fees: Sequence[SummedFee], *, taxes: Sequence[RateTotal], basis: TaxBasis) -> None:
    """Give every line and fee its part of the total with tax; the parts of a rate add up to the rate's total."""
    if basis is TaxBasis.INCLUDED:
        for line in lines:
            line.total = line.amount
        for fee in fees:
            fee.total = fee.amount
        return
    for rate in taxes:
        parts: list[SummedLine | SummedFee] = [n for n in lines if (n.offer.tax_class, n.tax_rate_bp) == (rate.tax_class, rate.rate_bp)]
        parts += [f for f in fees if (f.tax_class, f.tax_rate_bp) == (rate.tax_class, rate.rate_bp)]
        for part, share in zip(parts, spread(rate.included, [p.amount for p in parts]), strict=True):
            part.total = share


def part_of_total(total: int, *, quantity: int, before: int, now: int) -> int:
    """The money of `now` units of a line when `before` units went before: parts add up to the line's total exactly."""
    return total * (before + now) // quantity - total * before // quantity
