"""What is true about carts and checkouts: pure values."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import ConsentPurpose, ContactChannel, Person, PlaceOfDelivery, faults_of_person, faults_of_place
from orders.rules import BANDS

MOST_OF_ONE = 99
MOST_LINES = 50


class CartState(StrEnum):
    """What became of a cart."""

    OPEN = "open"
    ORDERED = "ordered"
    MERGED = "merged"


METHODS = (PaymentMethod.CARD, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_AT_STORE)
"""How a shopper may pay at most, the usual way first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutData:
    """What a shopper tells at the checkout, as typed."""

    family_name: str = ""
    given_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    email: str = ""
    phone: str = ""
    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    street: str = ""
    building: str = ""
    payment_method: str = ""
    means_id: int | None = None
    """The card that was chosen or entered; billing's payment means, never a number."""
    wished_on: date | None = None
    time_band: str = ""
    service: str = ""
    """The code of the delivery service that was chosen; "" leaves it to the shop."""
    remark: str = ""
    pickup_at_id: int | None = None
    """The store where it is fetched; None has it sent."""

    def with_card(self, means_id: int | None) -> "CheckoutData":
        """The same with another card."""
        return replace(self, means_id=means_id)

    def paid_by(self, methods: Sequence[PaymentMethod]) -> "CheckoutData":
        """The same with a way to pay that is offered: the one chosen before, else the first."""
        return self if self.payment_method in methods else replace(self, payment_method=next(iter(methods), ""))

    def sent_to(self, place: PlaceOfDelivery) -> "CheckoutData":
        """The same, going to another place."""
        told = {name: getattr(place, name) for name in ("postal_code", "prefecture", "city", "street", "building")}
        return replace(self, **told)


def person_of(said: CheckoutData, *, language: str = "ja") -> Person:
    """The buyer a checkout names."""
    return Person(
        **{name: getattr(said, name) for name in ("family_name", "given_name", "family_kana", "given_kana", "email", "phone")},
        language=language,
    )


def place_of(said: CheckoutData) -> PlaceOfDelivery:
    """Where a checkout wants its parcel to go."""
    names = ("family_name", "given_name", "family_kana", "given_kana", "postal_code", "prefecture", "city", "street", "building", "phone")
    return PlaceOfDelivery(**{name: getattr(said, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A quantity of a variant in a cart."""

    variant_id: int
    quantity: int
    purchase_type: PurchaseType = PurchaseType.NORMAL
    plan_code: str = ""
    """The course of a subscription; "" is the product's usual one."""
    interval: str = ""
    """How often it comes, as the course offers it; "" is the course's usual one."""
    ad_code: str = ""


_KANA = re.compile(r"[\u30A0-\u30FF\u3041-\u309F\uFF65-\uFF9F\s・]+").fullmatch
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\ufeff\u202a-\u202e\u2066-\u2069]").search
_ONE_LINE = (
    "family_name", "given_name", "family_kana", "given_kana", "email", "phone", "postal_code", "prefecture", "city", "street", "building",
)  # fmt: skip
REQUIRED = ("family_name", "given_name", "email", "phone", "postal_code", "prefecture", "city", "street")


def offered_methods(
    *, takes_cards: bool, courses: Sequence[Collection[str]] = (), is_guest: bool = False, pays_at_store: bool = False
) -> tuple[PaymentMethod, ...]:
    """The ways to pay for a cart: cards where a gateway is connected, what every course in the cart admits, and a store's counter.

    A guest cannot leave a card with us, and later deliveries of a subscription would need it.
    """
    missing = {m for m, has in ((PaymentMethod.CARD, takes_cards), (PaymentMethod.CASH_AT_STORE, pays_at_store)) if not has}
    found = [m for m in METHODS if m not in missing and all(not c or m in c for c in courses)]
    return tuple(m for m in found if not (m is PaymentMethod.CARD and courses and is_guest))


ADDRESS = ("postal_code", "prefecture", "city", "street")
"""Of what is required, where it goes: known already where it is fetched, or goes to several addresses."""


def checkout_faults(
    said: CheckoutData, *, earliest_on: date | None, latest_on: date | None, offered: Collection[PaymentMethod], needs_address: bool = True
) -> Sequence[Refusal]:
    """What still stands between this form and a final confirmation, each with its field.

    Without ``earliest_on`` and ``latest_on`` the day is asked of the delivery services, not here.
    """
    found = [
        Refusal("checkout.missing", _("Please fill this in."), {}, f"/{name}")
        for name in REQUIRED
        if (needs_address or name not in ADDRESS) and not str(getattr(said, name)).strip("\u3000 ")
    ]
    found += [
        Refusal("checkout.hidden_character", _("This contains a control character or an invisible one."), {}, f"/{name}")
        for name in _ONE_LINE
        if _HIDDEN(getattr(said, name))
    ]
    named = {fault.field for fault in found}
    unreadable = (*faults_of_person(person_of(said)), *faults_of_place(place_of(said)))
    found += [fault for n, fault in enumerate(unreadable) if fault.field not in named and fault not in unreadable[:n]]
    for name in ("family_kana", "given_kana"):
        value = getattr(said, name)
        if value and not _KANA(value):
            found.append(Refusal("checkout.kana", _("Please write the reading in kana."), {}, f"/{name}"))
    if said.payment_method not in offered:
        found.append(Refusal("checkout.method", _("Please choose one of the ways to pay."), {}, "/payment_method"))
    elif said.payment_method == (PaymentMethod.CASH_ON_DELIVERY if said.pickup_at_id else PaymentMethod.CASH_AT_STORE):
        words = (
            _("What is fetched cannot be paid to a driver.") if said.pickup_at_id else _("Only what is fetched in a store is paid there.")
        )
        found.append(Refusal("checkout.method", words, {}, "/payment_method"))
    elif said.payment_method == PaymentMethod.CARD and said.means_id is None:
        found.append(Refusal("checkout.card_missing", _("Please enter a card, or choose another way to pay."), {}, "/payment_method"))
    if said.time_band and said.time_band not in BANDS:
        found.append(Refusal("checkout.time_band", _("Please choose one of the time bands."), {}, "/time_band"))
    if said.wished_on is not None and earliest_on and latest_on and not earliest_on <= said.wished_on <= latest_on:
        found.append(
            Refusal(
                "checkout.wished_on",
                _("Please choose a day from %(from)s to %(until)s."),
                {"from": earliest_on.isoformat(), "until": latest_on.isoformat()},
                "/wished_on",
            )
        )
    return found


CONSENT_WORDING = "mypage-2026-11"
"""Which texts below somebody said yes or no to; a changed text gets a new name here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOffer:
    """Something a shopper may agree to on My Page, in the words it is asked in."""

    purpose: ConsentPurpose
    channel: ContactChannel
    title: str
    text: str

    @property
    def code(self) -> str:
        return f"{self.purpose}/{self.channel}"


CONSENT_OFFERS = (
    ConsentOffer(
        purpose=ConsentPurpose.ADVERTISING,
        channel=ContactChannel.MAIL,
        title=_("News and offers by e-mail"),
        text=_("New products, seasonal goods and special prices, a few times a month. Every mail has a link to stop it."),
    ),
    ConsentOffer(
        purpose=ConsentPurpose.ADVERTISING,
        channel=ContactChannel.SMS,
        title=_("News and offers by SMS"),
        text=_("Short notices of sales to your mobile phone, once a month at most."),
    ),
    ConsentOffer(
        purpose=ConsentPurpose.ADVERTISING,
        channel=ContactChannel.PAPER,
        title=_("Catalogues and postcards by post"),
        text=_("A seasonal catalogue and a birthday card, sent to your usual address."),
    ),
    ConsentOffer(
        purpose=ConsentPurpose.ADVERTISING,
        channel=ContactChannel.CALL,
        title=_("Offers by phone"),
        text=_("Calls about goods that go well with what you bought. We never call about offers without your consent."),
    ),
    ConsentOffer(
        purpose=ConsentPurpose.SURVEY,
        channel=ContactChannel.MAIL,
        title=_("Questionnaires by e-mail"),
        text=_("A few questions about how you liked it, so that we can do better."),
    ),
    ConsentOffer(
        purpose=ConsentPurpose.PROFILING,
        channel=ContactChannel.WEB,
        title=_("Recommendations from your purchases"),
        text=_("We look at what you bought to choose what we show you. Without it you see the same as everybody."),
    ),
)
