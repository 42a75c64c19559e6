"""What a counter hands in when somebody orders, and what it gets back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.errors import Refusal
from core.text import name_key
from core.words import gettext_noop as _
from customers.rules import Person, PlaceOfDelivery
from orders.rules.gift_kinds import Knot, NoshiPlacement
from orders.rules.profiles import Gate
from orders.rules.scripts import SaidScript
from orders.rules.statuses import FeeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Where a line's response came from; kept on the line for ever."""

    campaign_ref: str = ""
    campaign_name: str = ""
    route_medium: str = ""
    outbound_at: datetime | None = None
    offer_from_at: datetime | None = None
    offer_until_at: datetime | None = None
    ad_code: str = ""
    referral_code: str = ""
    recommendation_ref: str = ""


NO_ATTRIBUTION = Attribution()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscount:
    """Minor units taken off, and why. A ``code`` that was typed for it is asked about anew whenever the draft is priced."""

    amount: int
    source: str
    reason: str = ""
    code: str = ""
    lines: tuple[int, ...] = ()
    """The places of the lines over which one on the whole order is spread; () is all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionWish:
    """What a subscription line asks for: a course and how often; or the contract that this delivery fulfils."""

    plan_code: str = ""
    """"" is the course of the product, where it has one only."""
    interval: str = ""
    """As the course offers it, such as "1m" or "30d"; "" is the course's usual one."""
    contract: UUID | None = None
    """The contract that exists already: the line is one of its deliveries and opens none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A wanted quantity of a variant, named by id or SKU. `unit_price` is for staff and marketplaces only, with its reason."""

    sku: str = ""
    variant_id: int | None = None
    quantity: int = 1
    purchase_type: PurchaseType = PurchaseType.NORMAL
    cycle: int | None = None
    """Which delivery of a subscription this is, from 1."""
    subscription: SubscriptionWish | None = None
    destination: int = 1
    unit_price: int | None = None
    price_reason: str = ""
    discounts: tuple[DraftDiscount, ...] = ()
    attribution: Attribution = NO_ATTRIBUTION
    outside_line: str = ""
    waits_until: date | None = None
    """The latest promised day the buyer agreed to, should the line not be here; without one it is refused as out of stock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftWish:
    """How a destination's goods are given: what is chosen is named by the codes of the company's masters.

    ``knot`` None is the noshi's usual one, ``names`` stand on it from the right. ``sender_name`` "" is the buyer. ``hides_prices`` None
    hides them where it goes to somebody else.
    """

    noshi: str = ""
    title: str = ""
    knot: Knot | None = None
    placement: NoshiPlacement = NoshiPlacement.INSIDE
    names: tuple[str, ...] = ()
    wrapping: str = ""
    card: str = ""
    sender_name: str = ""
    hides_prices: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDestination:
    """Where lines go, when, and how; with a ``gift`` it is one. ``gift_message`` stands on its card."""

    place: PlaceOfDelivery
    wished_on: date | None = None
    time_band: str = ""
    service: str = ""
    """The code of the delivery service that was chosen; "" leaves the choice to the house."""
    is_gift: bool = False
    gift_message: str = ""
    gift: GiftWish | None = None
    pickup_at_id: int | None = None
    """The store (a location) where the buyer fetches it; the place is then the store's address in the buyer's name."""
    pickup_at: str = ""
    """The same by its code, where a counter knows that only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFee:
    """A fee given by a marketplace or the order desk instead of the fee rules."""

    kind: FeeKind
    amount: int
    label: str = ""
    tax_class: str = "standard"
    destination: int | None = None
    """Of which destination it is, where it is of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the buyer was shown before agreeing."""

    terms_version: str
    shown: str
    shown_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """One order as a counter wants it placed.

    Who buys: `customer_id` when known, else `identity` (provider, subject) or `person`. `cart_ref` and
    `outside_number` make repeats harmless. `expected_total` (minor units, tax included) refuses an order whose price
    has moved since it was shown. `fees=None` lets the fee rules speak.
    """

    company_id: int
    channel_id: int
    lines: tuple[DraftLine, ...]
    destinations: tuple[DraftDestination, ...]
    payment_method: PaymentMethod
    means_id: int | None = None
    """The card (billing's payment means) that is to be charged; a card order without one is charged elsewhere (a terminal, a partner)."""
    customer_id: int | None = None
    account_id: int | None = None
    identity: tuple[str, str] | None = None
    person: Person | None = None
    site_id: int | None = None
    brand_id: int | None = None
    language: str = "ja"
    outside_number: str = ""
    cart_ref: UUID | None = None
    estimate_id: int | None = None
    """The estimate whose prices these are; it counts as ordered with this order."""
    remark: str = ""
    taken_by_id: int | None = None
    taken_at_id: int | None = None
    discounts: tuple[DraftDiscount, ...] = ()
    coupon_codes: tuple[str, ...] = ()
    """As typed: what they take off, or why not, is said by whoever knows them."""
    fees: tuple[DraftFee, ...] | None = None
    expected_total: int | None = None
    confirmation: Confirmation | None = None
    handed_over: bool = False
    """Its buyer takes it along from the store of its destination: only what lies there can be sold, whether or not orders are fetched there."""
    said: tuple[SaidScript, ...] = ()
    """What was read to the buyer at the order desk; kept with the order."""
    paper_id: int | None = None
    """The received paper it was typed from; it has its order with this one."""
    told: tuple[Gate, ...] = ()
    """Gates of workflow profiles that whoever takes the order vouches for: what the buyer was told, or asked for."""
    days_agreed: bool = False
    """The days and bands were agreed elsewhere (a marketplace, a contract): they stand, and parcels leave as well as they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The order that now exists; `repeated` when the same cart or outside number had made it before."""

    order_id: int
    public_id: UUID
    number: str
    customer_id: int
    total: int
    currency: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an order was not placed: every reason, each with the field it is about."""

    reasons: tuple[Refusal, ...] = field(default=())

    @property
    def code(self) -> str:
        return self.reasons[0].code if self.reasons else "order.refused"

    @classmethod
    def because(cls, *reasons: Refusal) -> "Refused":
        return cls(reasons)


def waits_for_card(draft: OrderDraft, *, total: int) -> bool:
    """Whether the order is accepted only once its card is authorised."""
    return draft.payment_method == PaymentMethod.CARD and draft.means_id is not None and total > 0


def goes_to_another(draft: OrderDraft, number: int) -> bool:
    """Whether somebody else than the buyer gets what goes to a destination (from 1), as far as names tell; of a buyer not named it does."""
    person, place = draft.person, draft.destinations[number - 1].place
    if person is None:
        return True
    own = name_key(f"{person.family_name}{person.given_name}") or name_key(person.organisation_name)
    theirs = name_key(f"{place.family_name}{place.given_name}") or name_key(place.organisation_name)
    return own != theirs


MAX_LINES = 500
MAX_QUANTITY = 99_999


def check_shape(draft: OrderDraft) -> Sequence[Refusal]:
    """What is wrong with a draft before anything is looked up."""
    found: list[Refusal] = []
    if not draft.lines:
        found.append(Refusal("order.no_lines", _("An order needs at least one line."), {}, "/lines"))
    if len(draft.lines) > MAX_LINES:
        found.append(Refusal("order.too_many_lines", _("An order takes at most %(most)s lines."), {"most": MAX_LINES}, "/lines"))
    if not draft.destinations:
        found.append(Refusal("order.no_destination", _("An order needs a delivery address."), {}, "/destinations"))
    for place, line in enumerate(draft.lines[:MAX_LINES]):
        at = f"/lines/{place}"
        if not 1 <= line.quantity <= MAX_QUANTITY:
            found.append(
                Refusal(
                    "order.quantity_out_of_range",
                    _("The quantity must be between 1 and %(most)s."),
                    {"most": MAX_QUANTITY},
                    f"{at}/quantity",
                )
            )
        if not 1 <= line.destination <= max(1, len(draft.destinations)):
            found.append(
                Refusal("order.unknown_destination", _("The line names a destination the order does not have."), {}, f"{at}/destination")
            )
        if line.unit_price is not None and line.unit_price < 0:
            found.append(Refusal("order.negative_price", _("A price is never negative."), {}, f"{at}/unit_price"))
        if any(d.amount <= 0 for d in line.discounts):
            found.append(Refusal("order.discount_not_positive", _("A discount must be more than nothing."), {}, f"{at}/discounts"))
    if any(d.amount <= 0 for d in draft.discounts):
        found.append(Refusal("order.discount_not_positive", _("A discount must be more than nothing."), {}, "/discounts"))
    if any(d.pickup_at_id is not None for d in draft.destinations):
        found += _pickup_faults(draft)
    else:
        found += _empty_destinations(draft)
    if draft.customer_id is None and draft.identity is None and draft.person is None:
        found.append(Refusal("order.no_customer", _("Say who is ordering."), {}, "/customer"))
    return found


def _empty_destinations(draft: OrderDraft) -> list[Refusal]:
    """Addresses that no line goes to, once every line names one of them: postage would be asked for nothing."""
    named = {line.destination for line in draft.lines}
    if not named or max(named) > len(draft.destinations):
        return []
    words = _("Nothing goes to this address. Let a line go there, or take the address out.")
    return [
        Refusal("order.destination_empty", words, {}, f"/destinations/{n - 1}")
        for n in range(1, len(draft.destinations) + 1)
        if n not in named
    ]


def _pickup_faults(draft: OrderDraft) -> list[Refusal]:
    """What is fetched is fetched whole, in one store, and not paid to a driver."""
    found = []
    if len(draft.destinations) > 1:
        words = _("What is fetched in a store is an order of its own. Order what shall be sent separately.")
        found.append(Refusal("order.pickup_alone", words, {}, "/destinations"))
    if draft.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        words = _("What is fetched in a store cannot be paid to a driver. Choose another way to pay.")
        found.append(Refusal("order.pickup_method", words, {}, "/payment_method"))
    if any(line.purchase_type is PurchaseType.SUBSCRIPTION for line in draft.lines):
        words = _("Subscriptions are sent. Order what shall be fetched in a store separately.")
        found.append(Refusal("order.pickup_subscription", words, {}, "/destinations/0"))
    return found
