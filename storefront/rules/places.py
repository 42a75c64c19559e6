"""Several addresses for one cart, and how the goods of each are given. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import PlaceOfDelivery, faults_of_place
from orders.rules import BANDS, GIFT_FIELDS, DraftDestination, wish_of_text
from storefront.rules.carts import ADDRESS, CheckoutData

MOST_PLACES = 20
WHERE = ("family_name", "given_name", "phone", *ADDRESS, "building")
NEEDED = ("family_name", "given_name", *ADDRESS)
_HIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200b\ufeff\u202a-\u202e\u2066-\u2069]").search


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPlaceSaid:
    """One of several addresses of a checkout, as typed: who, where, when, how it is given, and how many of each variant go there."""

    family_name: str = ""
    given_name: str = ""
    phone: str = ""
    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    street: str = ""
    building: str = ""
    wished_on: date | None = None
    time_band: str = ""
    noshi: str = ""
    title: str = ""
    knot: str = ""
    placement: str = ""
    names: str = ""
    wrapping: str = ""
    card: str = ""
    message: str = ""
    sender_name: str = ""
    hides_prices: str = ""
    shares: Mapping[int, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def is_gift(self) -> bool:
        """Whether anything is said of how it is given."""
        return wish_of_text(self.as_text())[0] is not None or bool(self.message.strip())

    def as_text(self) -> dict[str, str]:
        """How it is given, field by field."""
        return {name: getattr(self, name) for name in GIFT_FIELDS}

    def sent_to(self, place: PlaceOfDelivery) -> "CheckoutPlaceSaid":
        """The same, going to another place."""
        return replace(self, **{name: getattr(place, name) for name in WHERE})

    def as_destination(self) -> DraftDestination:
        """The destination of an order that this amounts to."""
        wish, message = wish_of_text(self.as_text())
        return DraftDestination(
            place=PlaceOfDelivery(**{name: getattr(self, name) for name in WHERE}), wished_on=self.wished_on, time_band=self.time_band,
            gift=wish, gift_message=message, is_gift=bool(message),
        )  # fmt: skip


def place_faults(place: CheckoutPlaceSaid, *, earliest_on: date | None, latest_on: date | None) -> list[Refusal]:
    """What is missing or wrong of one address, each with its field; without the two days its day is asked of the delivery services, not here."""
    found = [
        Refusal("checkout.missing", _("Please fill this in."), {}, f"/{name}")
        for name in NEEDED
        if not str(getattr(place, name)).strip("\u3000 ")
    ]
    found += [
        Refusal("checkout.hidden_character", _("This contains a control character or an invisible one."), {}, f"/{name}")
        for name in (*WHERE, *GIFT_FIELDS)
        if _HIDDEN(getattr(place, name))
    ]
    named = {fault.field for fault in found}
    found += [fault for fault in faults_of_place(place.as_destination().place) if fault.field not in named]
    if place.time_band and place.time_band not in BANDS:
        found.append(Refusal("checkout.time_band", _("Please choose one of the time bands."), {}, "/time_band"))
    if place.wished_on is not None and earliest_on and latest_on and not earliest_on <= place.wished_on <= latest_on:
        days = {"from": earliest_on.isoformat(), "until": latest_on.isoformat()}
        found.append(Refusal("checkout.wished_on", _("Please choose a day from %(from)s to %(until)s."), days, "/wished_on"))
    if not any(place.shares.values()):
        found.append(Refusal("checkout.nothing_there", _("Nothing goes here yet. Say how many, or take this address out."), {}, "/shares"))
    return found


def left_over(wanted: Mapping[int, int], places: Sequence[CheckoutPlaceSaid]) -> dict[int, int]:
    """How many of each variant go nowhere yet; less than nothing where more go out than are in the cart. What fits is left out."""
    known = {*wanted, *(variant for place in places for variant in place.shares)}
    over = {variant: wanted.get(variant, 0) - sum(place.shares.get(variant, 0) for place in places) for variant in known}
    return {variant: count for variant, count in over.items() if count}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """So many pieces of a line of the cart (by its place) go to one of its addresses (from 1)."""

    line: int
    destination: int
    quantity: int


def dealt_out(lines: Sequence[tuple[int, int]], places: Sequence[CheckoutPlaceSaid]) -> list[Dealt]:
    """Which pieces of which line (variant, quantity) go where: every line takes what the lines before it left of each address's share.

    No line gives more than it has, and no address gets more than it asked for, however many lines hold one variant.
    """
    asked = [dict(place.shares) for place in places]
    found = []
    for n, (variant, quantity) in enumerate(lines):
        for destination, shares in enumerate(asked, 1):
            count = min(quantity, max(shares.get(variant, 0), 0))
            if count:
                found.append(Dealt(line=n, destination=destination, quantity=count))
                shares[variant] -= count
                quantity -= count
    return found


def first_places(said: Any, wanted: Mapping[int, int]) -> tuple[CheckoutPlaceSaid, ...]:
    """Where somebody begins who wants several addresses: everything goes to the buyer."""
    return (CheckoutPlaceSaid(**{name: getattr(said, name) for name in WHERE}, shares=dict(wanted)),)


def places_faults(
    places: Sequence[CheckoutPlaceSaid], *, wanted: Mapping[int, int], earliest_on: date | None, latest_on: date | None
) -> list[Refusal]:
    """One fault that leads back to the addresses where any of them is not complete, or the cart has changed since."""
    wrong = left_over(wanted, places) or any(place_faults(p, earliest_on=earliest_on, latest_on=latest_on) for p in places)
    words = _("Please look at the addresses once more: something is missing there.")
    return [Refusal("checkout.places", words, {}, "/places")] if wrong else []


def store_faults(said: CheckoutData, *, offered: Collection[int]) -> list[Refusal]:
    """Whether the store that was chosen has all of the cart; ``offered`` are those that have."""
    if said.pickup_at_id is None or said.pickup_at_id in offered:
        return []
    return [Refusal("checkout.store", _("This store has too little of your cart now. Choose another, or have it sent."), {}, "/pickup_at")]
