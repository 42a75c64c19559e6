"""What a changed order comes to: its goods piece by piece, the fees that follow, tax once per rate. Pure; see ADR 0026."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.rules import PaymentMethod
from catalog.rules import Offer, ProductKind, PurchaseType, TemperatureZone
from core.errors import Refusal
from core.money import spread
from core.tax import RateTotal, TaxBasis, tax_within
from customers.rules import PlaceOfDelivery
from orders.rules.carriage import Carriage, carriage, stops_of, things_of
from orders.rules.changes import ChangeItem, ChangeKind, StandingFee, StandingLine, StandingOrder
from orders.rules.delivery import DeliveryMasters
from orders.rules.drafts import DraftDestination, DraftDiscount, DraftFee, DraftLine, OrderDraft
from orders.rules.gifts import AgreedGift
from orders.rules.statuses import FeeKind
from orders.rules.sums import Sums, sum_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Units of one price in the order as it would be: of a line that stays, takes another's place, has left in part, or is new."""

    line: StandingLine | None
    sku: str
    quantity: int
    unit_price: int | None
    """None: today's price of an added article."""
    price_reason: str
    discounts: tuple[DraftDiscount, ...] = ()
    fixed: tuple[int, int] | None = None
    """(amount, total) of units that have been invoiced, or may be at any moment: they cost what they cost."""
    is_new: bool = False
    """Whether these units are agreed on now: the line's place is taken by a new one, or there was none."""
    waits_until: date | None = None
    place: int = 0
    """Where it stands among the items, for added articles."""


def pieces_of(order: StandingOrder, items: Sequence[ChangeItem]) -> list[Piece]:
    """The goods of the order with the items done to them. Discounts that were granted stay on the units that stay, in proportion."""
    wanted = {item.key: item for item in items}
    found: list[Piece] = []
    for line in order.lines:
        quantity = wanted.get((ChangeKind.QUANTITY, str(line.ref), ""))
        price = wanted.get((ChangeKind.PRICE, str(line.ref), ""))
        if not line.stands:
            if line.live > 0:
                found.append(_gone(line))
        elif quantity is None and price is None:
            found.append(_as_is(line))
        else:
            found += _changed(line, int(quantity.after) if quantity else line.live, price)
    for n, item in enumerate(items):
        if item.kind is ChangeKind.ADDED:
            found.append(
                Piece(
                    line=None, sku=item.target, quantity=int(item.after), unit_price=int(item.price) if item.price else None,
                    price_reason=item.reason if item.price else "", is_new=True, waits_until=item.waits_until, place=n,
                )
            )  # fmt: skip
    return found


def _as_is(line: StandingLine) -> Piece:
    return Piece(
        line=line, sku=line.sku, quantity=line.quantity, unit_price=line.unit_price, price_reason=line.price_reason, discounts=line.discounts,
        fixed=(line.amount, line.total) if line.shipped_quantity else None,
    )  # fmt: skip


def _gone(line: StandingLine) -> Piece:
    """The units of a line that have left, when another line has taken the place of the rest."""
    units = line.shipped_quantity if line.stands else line.live
    amount, total = line.amount * units // line.quantity, line.total * units // line.quantity
    off = line.unit_price * units - amount
    return Piece(
        line=line, sku=line.sku, quantity=units, unit_price=line.unit_price, price_reason=line.price_reason,
        discounts=_shares(line.discounts, off), fixed=(amount, total),
    )  # fmt: skip


def _changed(line: StandingLine, quantity: int, price: ChangeItem | None) -> list[Piece]:
    gone = [_gone(line)] if line.shipped_quantity else []
    rest = quantity - line.shipped_quantity
    if rest < 1:
        return gone
    unit_price = int(price.after) if price else line.unit_price
    left = line.discount - sum(d.amount for piece in gone for d in piece.discounts)
    off = min(left * min(rest, line.open) // line.open if line.open else 0, unit_price * rest)
    piece = Piece(
        line=line, sku=line.sku, quantity=rest, unit_price=unit_price, price_reason=price.reason if price else line.price_reason,
        discounts=_shares(line.discounts, off), is_new=True,
    )  # fmt: skip
    return [*gone, piece]


def _shares(discounts: Sequence[DraftDiscount], amount: int) -> tuple[DraftDiscount, ...]:
    """The discounts of a line in proportion, so that they come to this amount; what comes to nothing is left out."""
    whole = sum(d.amount for d in discounts)
    through = [0]
    for d in discounts:
        through.append(through[-1] + d.amount)
    parts = [amount * through[n + 1] // whole - amount * through[n] // whole for n in range(len(discounts))] if whole else []
    return tuple(DraftDiscount(amount=part, source=d.source, reason=d.reason) for d, part in zip(discounts, parts, strict=True) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStep:
    """A sum before and after, in minor units."""

    before: int
    after: int

    @property
    def more(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDifference:
    """What a change comes to: every part of the order's money before and after, what was paid, and what follows."""

    goods: MoneyStep
    discounts: MoneyStep
    fees: MoneyStep
    tax: MoneyStep
    total: MoneyStep
    paid: int = 0

    @property
    def to_pay(self) -> int:
        """What is owed still after the change."""
        return max(self.total.after - self.paid, 0)

    @property
    def too_much(self) -> int:
        """What was paid over the new total: it is the customer's deposit, to be refunded or used."""
        return max(self.paid - self.total.after, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculated:
    """The order as it would be: its pieces, in the order of the sums' lines, and what everything comes to."""

    pieces: tuple[Piece, ...]
    sums: Sums
    method: PaymentMethod
    fees_kept: bool
    """Whether the fees stay as they were agreed, because they were given by hand or have been invoiced."""


def recalculate(
    order: StandingOrder,
    items: Sequence[ChangeItem],
    *,
    offers: Mapping[str, Offer],
    masters: DeliveryMasters,
    rates_bp: Mapping[str, int],
    gifts: Sequence[AgreedGift] = (),
) -> Recalculated | Refusal:
    """The sums of the order with the items done to it, by the same arithmetic as placing.

    ``offers`` are today's prices of added articles by SKU, ``rates_bp`` the tax rates of the day the order was placed. Fees follow the
    rules where they did before; fees that were given by hand or invoiced stay, except that cash on delivery brings and takes its charge.
    ``gifts`` are those that change, or of which more or less is to be wrapped; the fees of the others stay.
    A new address, day or payment asks for a service anew, and is refused where none delivers so.
    """
    pieces = pieces_of(order, items)
    method = next((PaymentMethod(i.after) for i in items if i.kind is ChangeKind.PAYMENT), order.payment_method)
    to = destinations_of(order, items)
    draft = OrderDraft(
        company_id=order.company_id,
        channel_id=order.channel_id,
        customer_id=order.customer_id,
        lines=tuple(
            DraftLine(
                variant_id=piece.line.variant_id if piece.line else None, sku=piece.sku, quantity=piece.quantity, unit_price=piece.unit_price,
                purchase_type=PurchaseType(piece.line.purchase_type) if piece.line else PurchaseType.NORMAL, price_reason=piece.price_reason,
                discounts=piece.discounts, destination=piece.line.destination if piece.line else 1,
            )
            for piece in pieces
        ),
        destinations=to,
        payment_method=method,
        fees=_kept_fees(order, method=method, to=to, masters=masters),
        days_agreed=not asks_anew(items),
    )  # fmt: skip
    sums = sum_up(
        draft,
        [offers[piece.sku] if piece.line is None else _offer_of(piece.line, order) for piece in pieces],
        order_discounts=(),
        masters=masters,
        rates_bp=rates_bp,
        rounding=order.rounding,
        gifts=[*gifts, *_kept_gifts(order, besides={gift.destination for gift in gifts})],
        on=order.placed_on,
    )
    if isinstance(sums, Refusal):
        return sums
    if order.tax_basis is TaxBasis.EXCLUDED:
        sums = _with_fixed_shares(sums, pieces, order)
    return Recalculated(pieces=tuple(pieces), sums=sums, method=method, fees_kept=draft.fees is not None)


def _kept_gifts(order: StandingOrder, *, besides: Collection[int]) -> list[AgreedGift]:
    """The fees of gifts that nobody touches, as they were agreed."""
    return [
        AgreedGift(
            destination=fee.destination,
            fees=(DraftFee(kind=fee.kind, label=fee.label, amount=fee.amount, tax_class=fee.tax_class, destination=fee.destination),),
        )
        for fee in order.fees
        if _of_gift(fee) and fee.destination is not None and fee.destination not in besides
    ]


def _of_gift(fee: StandingFee) -> bool:
    """Whether it is for the gift of a destination; postage of one is not."""
    return fee.kind is FeeKind.GIFT and fee.destination is not None


def _offer_of(line: StandingLine, order: StandingOrder) -> Offer:
    """What was agreed of a line, in the form in which placing gets it from the catalogue."""
    return Offer(
        variant_id=line.variant_id, product_id=0, sku=line.sku, name=line.name, option="", category_path=line.category_path,
        unit_price=line.unit_price, list_price=line.list_price, currency=order.currency, tax_basis=order.tax_basis, tax_class=line.tax_class,
        price_reason=line.price_reason, kind=ProductKind(line.kind), temperature_zone=TemperatureZone(line.temperature_zone), max_quantity=None,
        parcel_size=line.parcel_size, weight_grams=line.weight_grams,
    )  # fmt: skip


_ASKING = ("postal_code", "prefecture", "wished_on", "time_band")


def asks_anew(items: Iterable[ChangeItem]) -> bool:
    """Whether the items change what decides how and when something is delivered."""
    return any(i.kind is ChangeKind.PAYMENT or (i.kind is ChangeKind.DESTINATION and i.field in _ASKING) for i in items)


def destinations_of(order: StandingOrder, items: Sequence[ChangeItem]) -> tuple[DraftDestination, ...]:
    """Where everything goes once the items are done, as far as delivery asks."""
    said = {(i.target, i.field): i.after for i in items if i.kind is ChangeKind.DESTINATION}
    found = []
    for d in order.destinations:
        told = {name: said.get((str(d.position), name), d.value(name)) for name in _ASKING}
        found.append(
            DraftDestination(
                place=PlaceOfDelivery(prefecture=told["prefecture"], postal_code=told["postal_code"]),
                wished_on=date.fromisoformat(told["wished_on"]) if told["wished_on"] else None,
                time_band=told["time_band"],
                service=d.service,
                pickup_at_id=0 if d.is_fetched else None,
            )
        )
    return tuple(found)


def _carried(
    order: StandingOrder, *, method: PaymentMethod, to: tuple[DraftDestination, ...], masters: DeliveryMasters, goods: int
) -> Carriage:
    """How the goods as they stand are delivered, and what that costs by the rules of the day the order was placed."""
    lines = [line for line in order.lines if line.live > 0]
    draft = OrderDraft(
        company_id=order.company_id, channel_id=order.channel_id, destinations=to, payment_method=method, days_agreed=True,
        lines=tuple(DraftLine(variant_id=n.variant_id, quantity=n.live, destination=n.destination) for n in lines),
    )  # fmt: skip
    found = carriage(
        stops_of(draft), things_of(draft, [_offer_of(n, order) for n in lines]), masters=masters, channel_id=order.channel_id,
        goods_total=goods, cash=order.total, on=order.placed_on,
    )  # fmt: skip
    return Carriage() if isinstance(found, Refusal) else found


def _kept_fees(
    order: StandingOrder, *, method: PaymentMethod, to: tuple[DraftDestination, ...], masters: DeliveryMasters
) -> tuple[DraftFee, ...] | None:
    """The fees as they stand; None where the rules speak: they did before, and nothing was invoiced."""
    goods = sum(line.amount * line.live // line.quantity for line in order.lines)
    before = _carried(order, method=order.payment_method, to=destinations_of(order, ()), masters=masters, goods=goods)
    by_rule = sorted((r.kind, r.label, r.amount, r.tax_class) for r in before.fees)
    own = [fee for fee in order.fees if not _of_gift(fee)]
    if not order.has_left and by_rule == sorted(fee.told for fee in own):
        return None
    kept = [DraftFee(kind=f.kind, label=f.label, amount=f.amount, tax_class=f.tax_class, destination=f.destination) for f in own]
    if method != order.payment_method:
        kept = [fee for fee in kept if fee.kind is not FeeKind.CASH_ON_DELIVERY]
        kept += [
            DraftFee(kind=r.kind, label=r.label, amount=r.amount, tax_class=r.tax_class)
            for r in _carried(order, method=method, to=to, masters=masters, goods=goods).fees
            if r.kind is FeeKind.CASH_ON_DELIVERY
        ]
    return tuple(kept)


def _with_fixed_shares(sums: Sums, pieces: Sequence[Piece], order: StandingOrder) -> Sums:
    """On prices without tax a line's share of the total moves with its neighbours: what was invoiced keeps its own, the rest shares the rest."""
    invoiced = [fee for fee in order.fees if fee.invoiced]
    taxes: list[RateTotal] = []
    for rate in sums.taxes:
        key = (rate.tax_class, rate.rate_bp)
        own = [
            (line, piece.fixed) for line, piece in zip(sums.lines, pieces, strict=True) if (line.offer.tax_class, line.tax_rate_bp) == key
        ]
        fees = [f for f in sums.fees if (f.tax_class, f.tax_rate_bp) == key]
        held = 0
        for line, fixed in own:
            if fixed is not None:
                line.total = fixed[1]
                held += fixed[1]
        free = [line for line, fixed in own if fixed is None]
        for fee in fees:
            agreed = next(
                (f for f in invoiced if (*f.told, f.destination) == (fee.kind, fee.label, fee.amount, fee.tax_class, fee.destination)), None
            )
            if agreed is None:
                free.append(fee)  # type: ignore[arg-type]
            else:
                fee.total = agreed.total
                held += agreed.total
        left = rate.included - held
        if free and left >= 0 and any(part.amount for part in free):
            for part, share in zip(free, spread(left, [part.amount for part in free]), strict=True):
                part.total = share
            taxes.append(rate)
        else:
            included = held + sum(part.total for part in free)
            tax = tax_within(included, rate_bp=rate.rate_bp, rounding=order.rounding)
            taxes.append(RateTotal(rate.tax_class, rate.rate_bp, taxable=included - tax, tax=tax))
    return replace(sums, taxes=tuple(taxes), tax_total=sum(t.tax for t in taxes), total=sum(t.included for t in taxes))


def difference(order: StandingOrder, sums: Sums) -> MoneyDifference:
    """What the change comes to, part by part."""
    return MoneyDifference(
        goods=MoneyStep(before=order.goods_total, after=sums.goods_total),
        discounts=MoneyStep(before=order.discount_total, after=sums.discount_total),
        fees=MoneyStep(before=order.fee_total, after=sums.fee_total),
        tax=MoneyStep(before=order.tax_total, after=sums.tax_total),
        total=MoneyStep(before=order.total, after=sums.total),
        paid=order.paid_total,
    )
