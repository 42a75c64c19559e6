"""What a change of a placed order may say, what it comes to, and where two people want different things. Pure; see ADR 0026."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.money import LARGEST_AMOUNT
from core.tax import Rounding, TaxBasis
from core.text import plain
from core.words import gettext_noop as _
from customers.rules import PlaceOfDelivery, faults_of_place
from orders.rules.bands import BANDS
from orders.rules.desk import DESK_METHODS, LATEST_DAYS
from orders.rules.drafts import MAX_QUANTITY, Attribution, DraftDiscount, GiftWish
from orders.rules.gifts import GIFT_FIELDS, gift_text_fault, wish_as_text
from orders.rules.statuses import FeeKind, OrderStatus


class ChangeKind(StrEnum):
    """What an item changes; its target is a line's id, an article's SKU, or a destination's position."""

    QUANTITY = "quantity"
    PRICE = "price"
    ADDED = "added"
    DESTINATION = "destination"
    PAYMENT = "payment"
    GIFT = "gift"

    @classmethod
    def labels(cls) -> dict["ChangeKind", str]:
        return {
            cls.QUANTITY: _("Quantity"),
            cls.PRICE: _("Unit price"),
            cls.ADDED: _("Added"),
            cls.DESTINATION: _("Delivery to"),
            cls.PAYMENT: _("Payment method"),
            cls.GIFT: _("Gift"),
        }


PLACE_FIELDS = (
    "name", "kana", "organisation_name", "postal_code", "prefecture", "city", "street", "building", "phone", "wished_on", "time_band",
)  # fmt: skip
"""What of a destination can be changed."""
PLACE_LIMITS = {
    "name": 320, "kana": 320, "organisation_name": 160, "postal_code": 16, "prefecture": 60, "city": 120, "street": 200, "building": 200,
    "phone": 32, "wished_on": 10, "time_band": 20,
}  # fmt: skip
MOST_ITEMS = 500
LONGEST_REASON = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItem:
    """One value that is to become another: what it was when somebody looked, and what it shall be; both as text."""

    kind: ChangeKind
    target: str = ""
    field: str = ""
    before: str | None = None
    """None: whatever it is now."""
    after: str
    price: str = ""
    """The unit price of an added article, where it isn't today's."""
    waits_until: date | None = None
    """The day until which an added article may be waited for."""
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.target, self.field


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A value that somebody else has changed meanwhile: what it was, what they made of it, what was wanted."""

    item: ChangeItem
    was: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingLine:
    """A line as it was agreed, and what became of it."""

    line_id: int
    ref: UUID
    position: int
    variant_id: int
    sku: str
    name: str
    category_path: str
    purchase_type: str
    cycle: int | None
    destination: int
    outside_line: str
    quantity: int
    cancelled_quantity: int
    shipped_quantity: int
    waiting: int
    list_price: int | None
    unit_price: int
    price_reason: str
    discount: int
    amount: int
    total: int
    tax_class: str
    tax_rate_bp: int
    until_revision: int | None
    attribution: Attribution
    discounts: tuple[DraftDiscount, ...] = ()
    kind: str = "goods"
    temperature_zone: str = "ambient"
    parcel_size: str = ""
    weight_grams: int | None = None
    profile: str = ""
    ready_on: date | None = None
    """From when on what is still here may leave: the day that was promised for what waits, the release day of what lies ready."""

    @property
    def stands(self) -> bool:
        return self.until_revision is None

    @property
    def live(self) -> int:
        """Units that are agreed still, gone or not."""
        return self.quantity - self.cancelled_quantity

    @property
    def open(self) -> int:
        """Units that are still to leave."""
        return self.live - self.shipped_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFee:
    """A fee as agreed."""

    fee_id: int
    kind: FeeKind
    label: str
    amount: int
    total: int
    tax_class: str
    tax_rate_bp: int
    invoiced: bool
    destination: int | None = None

    @property
    def told(self) -> tuple[str, str, int, str]:
        return self.kind, self.label, self.amount, self.tax_class


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPlace:
    """Where a part goes; `has_left` when something of it has."""

    destination_id: int
    position: int
    name: str
    kana: str
    organisation_name: str
    country: str
    postal_code: str
    prefecture: str
    city: str
    street: str
    building: str
    phone: str
    wished_on: date | None
    time_band: str
    has_left: bool
    service: str = ""
    gift: GiftWish | None = None
    message: str = ""
    is_fetched: bool = False
    """Whether its buyer fetches it in a store: the address is the store's."""
    locations: tuple[int, ...] = ()
    """From where its parcels that are still here will leave."""

    def value(self, name: str) -> str:
        told = getattr(self, name)
        return told.isoformat() if isinstance(told, date) else str(told or "")

    @property
    def given(self) -> Mapping[str, str]:
        """Its gift field by field, as text."""
        return wish_as_text(self.gift, message=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """An order as it stands now, as far as a change of it asks."""

    order_id: int
    ref: UUID
    number: str
    company_id: int
    channel_id: int
    brand_id: int | None = None
    channel_kind: str
    customer_id: int
    origin: str
    status: str
    version: int
    revision: int
    language: str
    currency: str
    tax_basis: TaxBasis
    rounding: Rounding
    country: str
    timezone: str
    payment_method: PaymentMethod
    placed_on: date
    goods_total: int
    discount_total: int
    fee_total: int
    tax_total: int
    total: int
    paid_total: int
    instructed: tuple[str, ...]
    """Numbers of the parcels that a warehouse has been told to ship."""
    labelled: tuple[str, ...]
    """Numbers of the parcels still to leave for which a label was made."""
    has_left: bool
    lines: tuple[StandingLine, ...]
    fees: tuple[StandingFee, ...]
    destinations: tuple[StandingPlace, ...]
    is_picked: bool = False
    """Whether a parcel still to leave is in somebody's batch."""
    is_laid_ready: bool = False
    """Whether a parcel lies packed in its store, under its code."""

    def line(self, target: str) -> StandingLine | None:
        return next((n for n in self.lines if str(n.ref) == target), None)

    def place(self, target: str) -> StandingPlace | None:
        return next((d for d in self.destinations if str(d.position) == target), None)


def current(order: StandingOrder, item: ChangeItem) -> str:
    """What the item's value is now, as text."""
    if item.kind is ChangeKind.PAYMENT:
        return str(order.payment_method)
    if item.kind is ChangeKind.DESTINATION:
        place = order.place(item.target)
        return place.value(item.field) if place is not None and item.field in PLACE_FIELDS else ""
    if item.kind is ChangeKind.GIFT:
        place = order.place(item.target)
        return place.given.get(item.field, "") if place is not None else ""
    line = order.line(item.target) if item.kind is not ChangeKind.ADDED else None
    if line is None:
        return "" if item.kind is ChangeKind.ADDED else "0"
    return str(line.live if item.kind is ChangeKind.QUANTITY else line.unit_price)


def differing(order: StandingOrder, items: Sequence[ChangeItem]) -> list[Differing]:
    """Where somebody else has made another value of what the items start from, and not the wanted one."""
    found = []
    for item in items:
        now = current(order, item)
        if item.before is not None and item.before != now and item.after != now:
            found.append(Differing(item=item, was=item.before, theirs=now, mine=item.after))
    return found


def effective(order: StandingOrder, items: Sequence[ChangeItem]) -> list[ChangeItem]:
    """The items that make a difference, each with what it is now; what is so already is left out. Texts are tidied."""
    found = []
    for item in items:
        now = current(order, item)
        after = plain(item.after).strip() if item.kind in (ChangeKind.QUANTITY, ChangeKind.PRICE, ChangeKind.ADDED) else item.after.strip()
        if item.kind is ChangeKind.ADDED or after != now:
            found.append(
                ChangeItem(
                    **{
                        **{f.name: getattr(item, f.name) for f in fields(item)},
                        "before": now,
                        "after": after,
                        "price": plain(item.price).strip(),
                        "reason": item.reason.strip(),
                    }
                )
            )
    return found


def standing_faults(order: StandingOrder) -> list[Refusal]:
    """Why nothing of the order can be changed now, each with what to do instead."""
    about = {"number": order.number}
    if order.status == OrderStatus.CANCELLED:
        return [Refusal("order.cancelled_before", _("Order %(number)s is cancelled. Place a new one instead."), about)]
    if order.status == OrderStatus.PENDING:
        return [Refusal("order.pending", _("The payment of order %(number)s is still being confirmed."), about)]
    if order.origin != "placed":
        return [Refusal("order.imported", _("Order %(number)s was brought in from elsewhere and cannot be changed here."), about)]
    if order.status == OrderStatus.COMPLETED or not any(line.open > 0 for line in order.lines if line.stands):
        return [Refusal("order.already_shipped", _("Order %(number)s has left already. Register a return instead."), about)]
    if order.instructed:
        words = _("A warehouse has the instruction for parcel %(parcel)s. Take it back first, then change the order.")
        return [Refusal("order.instructed", words, {"parcel": order.instructed[0]})]
    return []


def item_faults(order: StandingOrder, items: Sequence[ChangeItem], *, today: date) -> list[Refusal]:
    """What is wrong with single items, each at its place; the same rules as for placing."""
    if not items:
        words = _("Nothing is changed yet. Change a quantity, a price, the address, the day or the payment.")
        return [Refusal("order.change_nothing", words, {}, "/items")]
    if len(items) > MOST_ITEMS:
        return [Refusal("order.change_too_large", _("At most %(most)s changes fit into one set."), {"most": MOST_ITEMS}, "/items")]
    found: list[Refusal] = []
    seen: set[tuple[str, str, str]] = set()
    for n, item in enumerate(items):
        at = f"/items/{n}"
        if item.key in seen:
            found.append(Refusal("order.change_twice", _("The same value is changed twice. Say it once."), {}, at))
        seen.add(item.key)
        if any(
            "\0" in value or "\ud800" <= max(value, default="") <= "\udfff" for value in (item.after, item.price, item.reason, item.target)
        ):
            found.append(Refusal("order.text_unreadable", _("The text holds signs that cannot be kept."), {}, f"{at}/after"))
            continue
        if len(item.reason) > LONGEST_REASON:
            found.append(
                Refusal("order.reason_too_long", _("At most %(limit)s characters fit here."), {"limit": LONGEST_REASON}, f"{at}/reason")
            )
        found += _FAULTS[item.kind](order, item, at=at, today=today)
    if not found and not _left(order, items):
        found.append(Refusal("order.nothing_left", _("Nothing would be left of the order. Cancel it instead."), {}, "/items"))
    return found


def _whole(text: str, *, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most else None


def _quantity_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    line = order.line(item.target)
    if line is None or not line.stands:
        yield _no_line(item, at=at)
        return
    wanted = _whole(item.after, most=MAX_QUANTITY)
    if wanted is None:
        yield Refusal(
            "order.quantity_out_of_range", _("The quantity must be between 1 and %(most)s."), {"most": MAX_QUANTITY}, f"{at}/after"
        )
        return
    about = {"name": line.name, "shipped": line.shipped_quantity}
    if wanted < line.shipped_quantity:
        words = _("%(shipped)s of %(name)s have left already. Leave at least those, and register a return for them.")
        yield Refusal("order.quantity_shipped", words, about, f"{at}/after")
    elif line.purchase_type == "subscription":
        words = _("%(name)s comes by subscription. Change the contract, or cancel this delivery.")
        yield Refusal("order.subscription_line", words, about, f"{at}/after")
    elif line.waiting and wanted:
        words = _("%(name)s waits for goods as a whole. Remove the line, and add the article anew with the other quantity.")
        yield Refusal("order.line_waits", words, about, f"{at}/after")
    elif wanted > line.live and any(place.is_fetched for place in order.destinations):
        yield _no_more_there(at)


def _price_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    line = order.line(item.target)
    if line is None or not line.stands:
        yield _no_line(item, at=at)
        return
    yield from _faults_of_price(item.after, item.reason, at=at, value=f"{at}/after")
    if line.open < 1:
        yield Refusal("order.price_shipped", _("All of %(name)s has left at the agreed price. Issue a credit note instead."), {"name": line.name}, f"{at}/after")  # fmt: skip
    elif line.purchase_type == "subscription":
        words = _("%(name)s comes by subscription. Change the contract, or cancel this delivery.")
        yield Refusal("order.subscription_line", words, {"name": line.name}, f"{at}/after")


def _faults_of_price(price: str, reason: str, *, at: str, value: str) -> Iterable[Refusal]:
    if price.startswith(("-", "−", "－")):
        yield Refusal("order.negative_price", _("A price is never negative."), {}, value)
    elif _whole(price, most=LARGEST_AMOUNT // MAX_QUANTITY) is None:
        yield Refusal("order.price_unreadable", _("Please write the price as a whole number."), {}, value)
    if not reason:
        yield Refusal("order.reason_missing", _("Say why the price is another."), {}, f"{at}/reason")


def _added_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    if not item.target or len(item.target) > 64:
        yield Refusal("order.no_article", _("Name the article to be added by its SKU."), {}, f"{at}/target")
    if not _whole(item.after, most=MAX_QUANTITY):
        yield Refusal(
            "order.quantity_out_of_range", _("The quantity must be between 1 and %(most)s."), {"most": MAX_QUANTITY}, f"{at}/after"
        )
    if item.price:
        yield from _faults_of_price(item.price, item.reason, at=at, value=f"{at}/price")
    if any(place.is_fetched for place in order.destinations):
        yield _no_more_there(at)


def _no_more_there(at: str) -> Refusal:
    words = _("What is fetched in a store can become less, not more. Place another order for the rest.")
    return Refusal("order.no_more_there", words, {}, f"{at}/after")


def _place_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    place = order.place(item.target)
    if place is None or item.field not in PLACE_FIELDS:
        yield _no_place(at)
        return
    if place.has_left:
        yield _place_left(place, at)
        return
    if place.is_fetched and item.field not in ("name", "kana", "phone"):
        words = _("It is fetched in a store. Cancel the order, and place another one that is sent.")
        yield Refusal("order.is_fetched_there", words, {}, f"{at}/after")
        return
    if len(item.after) > PLACE_LIMITS[item.field]:
        yield Refusal("order.too_long", _("At most %(limit)s characters fit here."), {"limit": PLACE_LIMITS[item.field]}, f"{at}/after")
        return
    if item.field == "wished_on":
        yield from _day_faults(item.after, at=at, today=today)
    elif item.field == "time_band" and item.after and item.after not in BANDS:
        yield Refusal("order.time_band", _("Please choose one of the time bands."), {}, f"{at}/after")
    elif item.field in ("name", "postal_code", "prefecture", "city", "street") and not item.after and order.channel_kind != "store":
        yield Refusal("order.field_missing", _("Please fill this in."), {}, f"{at}/after")
    elif item.field in ("postal_code", "phone"):
        told = PlaceOfDelivery(country=place.country, **{item.field: item.after})
        yield from (fault.at(f"{at}/after") for fault in faults_of_place(told))


def _no_place(at: str) -> Refusal:
    return Refusal("order.unknown_destination", _("The order has no such destination."), {}, f"{at}/target")


def _place_left(place: StandingPlace, at: str) -> Refusal:
    words = _("Something has left for %(name)s already. What is still here goes there too, or is removed and ordered anew.")
    return Refusal("order.destination_shipped", words, {"name": place.name}, f"{at}/after")


def _gift_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    """What is wrong with a field of a gift by itself; whether it goes with the others is for ``agree_gift``."""
    place = order.place(item.target)
    if place is None or item.field not in GIFT_FIELDS:
        yield _no_place(at)
        return
    if place.has_left:
        yield _place_left(place, at)
    elif (fault := gift_text_fault(item.field, item.after)) is not None:
        yield fault.at(f"{at}/after")


def _day_faults(text: str, *, at: str, today: date) -> Iterable[Refusal]:
    if not text:
        return
    days = {"from": today.isoformat(), "until": (today + timedelta(days=LATEST_DAYS)).isoformat()}
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.isoformat() != text or not today <= day <= today + timedelta(days=LATEST_DAYS):
        yield Refusal("order.wished_on", _("Please choose a day from %(from)s to %(until)s."), days, f"{at}/after")


def _payment_faults(order: StandingOrder, item: ChangeItem, *, at: str, today: date) -> Iterable[Refusal]:
    if item.after not in DESK_METHODS:
        yield Refusal("order.method_not_offered", _("Please choose one of the ways to pay."), {}, f"{at}/after")
    elif order.paid_total > 0 or order.has_left:
        words = _("Order %(number)s is paid or invoiced in part already. Refund that first, or leave the payment method.")
        yield Refusal("order.method_settled", words, {"number": order.number}, f"{at}/after")
    elif order.payment_method in (PaymentMethod.MARKETPLACE, PaymentMethod.POINTS, PaymentMethod.STORE_CREDIT):
        words = _("Order %(number)s is settled elsewhere; its payment cannot be changed here.")
        yield Refusal("order.method_elsewhere", words, {"number": order.number}, f"{at}/after")


_FAULTS = {
    ChangeKind.QUANTITY: _quantity_faults,
    ChangeKind.PRICE: _price_faults,
    ChangeKind.ADDED: _added_faults,
    ChangeKind.DESTINATION: _place_faults,
    ChangeKind.PAYMENT: _payment_faults,
    ChangeKind.GIFT: _gift_faults,
}


def _no_line(item: ChangeItem, *, at: str) -> Refusal:
    return Refusal("order.no_such_line", _("The order has no such line any more. Load it again."), {"line": item.target}, f"{at}/target")


def _left(order: StandingOrder, items: Sequence[ChangeItem]) -> bool:
    """Whether a unit of anything is left to be agreed on."""
    wanted = {item.target: int(item.after) for item in items if item.kind is ChangeKind.QUANTITY}
    added = any(item.kind is ChangeKind.ADDED for item in items)
    return added or any(wanted.get(str(line.ref), line.live) > 0 for line in order.lines)
