"""What an operator typed at the order desk, kept as typed, and the order it amounts to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import chain, repeat
from typing import Any, Self
from uuid import UUID

from django.http import QueryDict

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.errors import HouseError, Refusal
from core.ids import new_id
from core.money import parse_amount
from core.queries import ChannelContext
from core.text import clean_line, clean_text, fold_dashes, plain, prefecture_in_full, whole_number, written_day
from core.words import gettext_noop as _
from customers.rules import Person, PlaceOfDelivery, tidy_person, tidy_place
from orders.admin.entry_places import TypedPlace, destination_of, typed_places
from orders.rules import (
    GIFT_FIELDS,
    MAX_LINES,
    MAX_QUANTITY,
    TOLD_GATES,
    Attribution,
    DraftDestination,
    DraftDiscount,
    DraftLine,
    OrderDraft,
    SubscriptionWish,
    wish_of_text,
)

LINE_WORDS = ("sku", "quantity", "price", "price_reason", "discount", "discount_reason")
PERSON = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name", "phone", "email")
PLACE = ("postal_code", "prefecture", "city", "street", "building")
LOST = "\ufffd"
"""What stands where a letter could not be read."""
SEVERAL_LINES = ("gift_message", "gift_names", "remark", "estimate_note")
LONGEST = {
    "gift_message": 400,
    "gift_names": 220,
    "remark": 1000,
    "ad_code": 60,
    "route_medium": 60,
    "discount_reason": 200,
    "price_reason": 120,
    "sku": 64,
    "estimate_note": 1000,
    "slip": 60,
    "coupon": 40,
}


def tidy_words(name: str, text: str, *, most: int) -> str:
    """What was typed into a field, without what nobody sees; of what is too long so much that it can be refused."""
    return (clean_text if name in SEVERAL_LINES else clean_line)(text[: most + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """A line as typed."""

    sku: str = ""
    quantity: str = "1"
    price: str = ""
    price_reason: str = ""
    discount: str = ""
    discount_reason: str = ""
    to: str = "1"
    """The address it goes to, from 1."""
    waits: str = ""
    """The day the page promised for it, where it is not here."""
    form: str = ""
    """"" bought once, else the course and interval by which it is subscribed to: "tea|1m"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The whole page as typed: nothing of it is lost by a refusal."""

    cart_ref: str = ""
    channel: str = ""
    paper: str = ""
    """The received paper it is typed from."""
    customer: str = ""
    customer_q: str = ""
    article_q: str = ""
    family_name: str = ""
    given_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    organisation_name: str = ""
    phone: str = ""
    email: str = ""
    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    street: str = ""
    building: str = ""
    to_family_name: str = ""
    to_given_name: str = ""
    to_phone: str = ""
    wished_on: str = ""
    time_band: str = ""
    gift_noshi: str = ""
    gift_title: str = ""
    gift_knot: str = ""
    gift_placement: str = ""
    gift_names: str = ""
    gift_wrapping: str = ""
    gift_card: str = ""
    gift_message: str = ""
    gift_sender_name: str = ""
    gift_hides_prices: str = ""
    payment_method: str = PaymentMethod.CASH_ON_DELIVERY
    ad_code: str = ""
    route_medium: str = ""
    discount: str = ""
    discount_reason: str = ""
    coupon: str = ""
    remark: str = ""
    expected_total: str = ""
    told_confirmation: str = ""
    told_age: str = ""
    estimate_days: str = "30"
    estimate_note: str = ""
    store: str = ""
    handed: str = ""
    """"1": taken along at once."""
    tender: str = "cash"
    slip: str = ""
    said: tuple[str, ...] = field(default=())
    """The scripts ticked as said, by their marks."""
    lines: tuple[TypedLine, ...] = field(default=())
    places: tuple[TypedPlace, ...] = field(default=())
    """The addresses after the first."""

    @classmethod
    def of(cls, post: QueryDict) -> Self:
        """The page as it was sent, without what nobody sees: controls, zero widths, overrides of direction."""
        names = [f.name for f in fields(cls) if f.name not in ("lines", "said", "places")]
        words = {name: tidy_words(name, post.get(name, ""), most=LONGEST.get(name, 320)) for name in names}
        columns = [[tidy_words(name, text, most=LONGEST.get(name, 40)) for text in post.getlist(f"line_{name}")] for name in LINE_WORDS]
        promised = chain((text[:10] for text in post.getlist("line_waits")), repeat(""))
        goes = chain((text[:2] for text in post.getlist("line_to")), repeat("1"))
        forms = chain((clean_line(text[:140]) for text in post.getlist("line_form")), repeat(""))
        lines = [
            TypedLine(**dict(zip(LINE_WORDS, line, strict=True)), waits=next(promised), form=next(forms), to=next(goes))
            for line in zip(*columns, strict=False)
        ]
        return cls(
            **words, said=tuple(text[:40] for text in post.getlist("said")), lines=tuple(lines[:MAX_LINES]), places=typed_places(post)
        )

    @classmethod
    def fresh(cls, asked: Mapping[str, str], *, channel: str) -> Self:
        """An empty page: its cart id makes pressing twice one order."""
        return cls(
            cart_ref=new_id().hex, channel=channel, customer_q=clean_line(asked.get("q", "")[:200]), customer=asked.get("customer", "")[:20],
            paper=asked.get("paper", "")[:20],
        )  # fmt: skip

    @property
    def gift(self) -> dict[str, str]:
        """How it is given, field by field."""
        return {name: getattr(self, f"gift_{name}") for name in GIFT_FIELDS}

    def changed(self, **given: Any) -> Self:
        """The same page with some fields filled in."""
        return replace(self, **given)


@dataclass
class Reading:
    """The order a page amounts to, and what could not be read of it."""

    draft: OrderDraft
    faults: list[Refusal]


def read(typed: Typed, *, channel: ChannelContext, customer_id: int | None, staff_id: int) -> Reading:
    """Turn the page into a draft; an unreadable number or day is a fault beside its field, never a guess."""
    faults = text_faults(typed)
    typed = typed.changed(
        phone=_digits(typed.phone), to_phone=_digits(typed.to_phone), postal_code=_digits(typed.postal_code).removeprefix("〒").strip(),
        prefecture=prefecture_in_full(typed.prefecture), email=plain(typed.email),
    )  # fmt: skip
    currency = channel.company.currency
    came_by = Attribution(ad_code=typed.ad_code, route_medium=typed.route_medium)
    lines = tuple(_line(line, n, came_by=came_by, currency=currency, faults=faults) for n, line in enumerate(typed.lines))
    whole = _amount(typed.discount, "/discounts", currency=currency, faults=faults)
    wish, message = wish_of_text(typed.gift)
    day = _day(typed.wished_on, faults=faults)
    # What is handed over in the store goes nowhere else.
    more = () if typed.handed else typed.places
    others = tuple(
        destination_of(place, wished_on=_day(place.wished_on, faults=faults, at=f"/destinations/{n}/wished_on"), phone=typed.phone)
        for n, place in enumerate(more, 1)
    )
    lines = tuple(replace(line, destination=_goes_to(t.to, most=1 + len(others))) for line, t in zip(lines, typed.lines, strict=True))
    draft = OrderDraft(
        company_id=channel.company.id,
        channel_id=channel.id,
        brand_id=channel.brand_id,
        site_id=channel.site_id,
        customer_id=customer_id,
        person=tidy_person(Person(**{name: getattr(typed, name) for name in PERSON})),
        lines=lines,
        destinations=(
            DraftDestination(
                place=_place(typed),
                wished_on=day,
                time_band=typed.time_band,
                gift=wish,
                gift_message=message,
                is_gift=bool(message),
            ),
            *others,
        ),
        payment_method=_method(typed.payment_method),
        means_id=_card(typed.payment_method),
        cart_ref=_uuid(typed.cart_ref),
        remark=typed.remark,
        taken_by_id=staff_id,
        discounts=(DraftDiscount(amount=whole, source="desk", reason=typed.discount_reason),) if whole else (),
        coupon_codes=(typed.coupon,) if typed.coupon else (),
        expected_total=whole_number(typed.expected_total),
        told=tuple(gate for gate in TOLD_GATES if getattr(typed, f"told_{gate}")),
    )
    return Reading(draft, faults)


def text_faults(typed: Typed) -> list[Refusal]:
    """Texts that cannot be kept as they were meant: too long ones, and those of which a letter was lost on the way.

    How long names and addresses may be is their own rules' to say.
    """
    names = [name for name in Typed.__slots__ if name not in ("lines", "said", "places")]
    told = [(f"/{name}", getattr(typed, name), LONGEST.get(name)) for name in names]
    for n, line in enumerate(typed.lines):
        told += [(f"/lines/{n}/{name}", getattr(line, name), LONGEST.get(name)) for name in LINE_WORDS]
    for n, place in enumerate(typed.places, 1):
        told += [(f"/destinations/{n}/{where}", text, most) for where, text, most in place.texts()]
    found = []
    for at, text, most in told:
        if LOST in text:
            found.append(Refusal("order.letter_lost", _("A letter was lost on its way here (�). Please type it again."), {}, at))
        elif most is not None and len(text) > most:
            found.append(Refusal("order.text_too_long", _("At most %(limit)s characters fit here."), {"limit": most}, at))
    return found


CARD = "card:"
"""A kept card is chosen as a way to pay of its own: "card:12"."""


def _method(word: str) -> PaymentMethod:
    if _card(word) is not None:
        return PaymentMethod.CARD
    return PaymentMethod(word) if word in set(PaymentMethod) else PaymentMethod.FREE


def _card(word: str) -> int | None:
    return whole_number(word.removeprefix(CARD)) if word.startswith(CARD) else None


def _digits(text: str) -> str:
    """A number as it is printed: half width, plain dashes."""
    return fold_dashes(plain(text))


def _place(typed: Typed) -> PlaceOfDelivery:
    """Where it goes: to the buyer, unless somebody else was named."""
    where = {name: getattr(typed, name) for name in PLACE}
    if typed.to_family_name or typed.to_given_name:
        phone = typed.to_phone or typed.phone
        return tidy_place(PlaceOfDelivery(family_name=typed.to_family_name, given_name=typed.to_given_name, phone=phone, **where))
    who = {name: getattr(typed, name) for name in PERSON if name != "email"}
    return tidy_place(PlaceOfDelivery(**who, **where))


def _line(line: TypedLine, place: int, *, came_by: Attribution, currency: str, faults: list[Refusal]) -> DraftLine:
    at = f"/lines/{place}"
    off = _amount(line.discount, f"{at}/discounts", currency=currency, faults=faults)
    plan_code, _sep, interval = line.form.partition("|")
    return DraftLine(
        sku=line.sku,
        quantity=_quantity(line.quantity),
        purchase_type=form_of(line),
        cycle=1 if line.form else None,
        subscription=SubscriptionWish(plan_code=plan_code, interval=interval) if line.form else None,
        unit_price=_amount(line.price, f"{at}/unit_price", currency=currency, faults=faults),
        price_reason=line.price_reason if line.price else "",
        discounts=(DraftDiscount(amount=off, source="desk", reason=line.discount_reason),) if off else (),
        attribution=came_by,
        waits_until=None if line.form else _promised(line.waits),
    )


def form_of(line: TypedLine) -> PurchaseType:
    """How a typed line is bought."""
    return PurchaseType.SUBSCRIPTION if line.form else PurchaseType.NORMAL


def _quantity(text: str) -> int:
    """The quantity, full-width digits allowed; nought for anything that is no number, which the rules refuse."""
    found = whole_number(text)
    return found if found is not None and 0 <= found <= MAX_QUANTITY else 0


def _amount(text: str, field_at: str, *, currency: str, faults: list[Refusal]) -> int | None:
    if not text:
        return None
    try:
        return parse_amount(text, currency=currency)
    except HouseError as error:
        faults.append(error.refusal.at(field_at))
        return None


def _goes_to(text: str, *, most: int) -> int:
    """The address a line goes to; one that is not on the page any more is the first."""
    place = whole_number(text)
    return place if place is not None and 1 <= place <= most else 1


def _day(text: str, *, faults: list[Refusal], at: str = "/destinations/0/wished_on") -> date | None:
    found = written_day(text)
    if text and found is None:
        faults.append(Refusal("order.wished_on_unreadable", _("Write the day as 2026-04-01."), {}, at))
    return found


def _promised(text: str) -> date | None:
    """The day the page promised; anything else agrees to nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID:
    """The page's cart id; a page without a readable one counts as new."""
    try:
        return UUID(hex=text)
    except ValueError:
        return new_id()
