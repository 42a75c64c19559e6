"""Several addresses for one cart, each with its goods, its day and how they are given; and stores where it is fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refusal
from core.text import plain
from customers.queries import OwnAddress, own_addresses
from inventory.queries import counter_stock
from orders.operations import Quote
from orders.queries import PickupStore, gift_masters, pickup_stores
from orders.rules import EARLIEST_DAYS, DeliveryOffer, FeeKind, GiftMasters, Knot, NoshiPlacement, Refused, Sums, band_words, offered_to
from storefront.operations import quote_cart, save_places
from storefront.queries import CartLineView, CartView
from storefront.rules import MOST_PLACES, CheckoutData, CheckoutPlaceSaid, dealt_out, first_places, left_over, place_faults
from storefront.web.cart import customer_of
from storefront.web.forms import PREFECTURES, CheckoutForm, bands_to_choose, days_to_choose
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping

LATEST_DAYS = 60
_NOT_KEPT = dict.fromkeys((0, 13, *range(55296, 57344)))
"""Signs that no database keeps, and half of a line's end."""
LENGTHS = {
    "family_name": 120, "given_name": 120, "phone": 64, "postal_code": 16, "prefecture": 60, "city": 120, "street": 200, "building": 200,
    "time_band": 20, "noshi": 40, "title": 40, "knot": 32, "placement": 32, "names": 220, "wrapping": 40, "card": 40, "message": 400,
    "sender_name": 120, "hides_prices": 1,
}  # fmt: skip


def days_of(shopper: Shopper) -> tuple[date, date]:
    """The first and last day that can be wished for."""
    today = shopper.site.company.business_date(clock.now())
    return today + timedelta(days=EARLIEST_DAYS), today + timedelta(days=LATEST_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChoice:
    """A store as the checkout offers it: from which day, and what of the cart it lacks."""

    store: PickupStore
    ready_on: date
    missing: tuple[tuple[CartLineView, int], ...]
    """(line, pieces there are)"""

    @property
    def has_all(self) -> bool:
        return not self.missing


def stores_for(shopper: Shopper, found: CartView, *, at: datetime) -> list[StoreChoice]:
    """The stores where this cart can be fetched, and what each lacks; none where it holds a subscription. Two statements."""
    company, channel = shopper.site.company, shopper.site.channel
    if found.subscribes or channel is None or not (stores := pickup_stores(company.id)):
        return []
    stock = counter_stock(list(found.wanted), pickups=[s.id for s in stores], company_id=company.id, channel_id=channel.id, at=at)
    return [
        StoreChoice(
            store=store,
            ready_on=store.ready_on(at),
            missing=tuple((n, here.get(n.variant_id, 0)) for n in found.lines if here.get(n.variant_id, 0) < found.wanted[n.variant_id]),
        )
        for store in stores
        for here in (stock.get(store.id, {}),)
    ]


def chosen_store(company_id: int, said: CheckoutData) -> StoreChoice | None:
    """The store that a checkout names, with the day from which it can be fetched."""
    store = next(iter(pickup_stores(company_id, ids=[said.pickup_at_id])), None) if said.pickup_at_id is not None else None
    return StoreChoice(store=store, ready_on=store.ready_on(clock.now()), missing=()) if store else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSum:
    """One of several addresses before it is agreed to: what goes there, how it is given, and what both come to."""

    place: CheckoutPlaceSaid
    lines: tuple[Any, ...]
    fees: tuple[Any, ...]
    gift: Any
    currency: str

    @property
    def band(self) -> str:
        """The time of day that was wished, in words."""
        return _(band_words(self.place.time_band)) if self.place.time_band else ""

    @property
    def has_postage(self) -> bool:
        """Whether postage is among its fees; else it is asked for the whole order."""
        return any(fee.kind is FeeKind.SHIPPING for fee in self.fees)

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines) + sum(fee.amount for fee in self.fees)


def shown_places(found: CartView, sums: Sums) -> tuple[PlaceSum, ...]:
    """Every address with its goods, its gift and its fees; nothing where there is one address only."""
    if not found.places or found.subscribes:
        return ()
    return tuple(
        PlaceSum(
            place=place,
            lines=tuple(line for line in sums.lines if line.draft.destination == number),
            fees=tuple(fee for fee in sums.fees if fee.destination == number),
            gift=next((gift for gift in sums.gifts if gift.destination == number), None),
            currency=sums.currency,
        )
        for number, place in enumerate(found.places, 1)
    )


@dataclass
class _Screen:
    """One request of the page: what is typed for every address, and what is wrong where."""

    shopper: Shopper
    found: CartView
    places: list[CheckoutPlaceSaid]
    masters: GiftMasters
    book: Sequence[OwnAddress]
    faults: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    quote: Quote | None = None
    offers: Mapping[int, DeliveryOffer] = field(default_factory=dict)
    """What each address that gets something may wish for; empty where the company has no delivery services."""
    reached: Sequence[int] = ()
    """The addresses (from 1) that get something: what is quoted, in order; one without goods is an order's no destination."""


@never_cache
@require_http_methods(["GET", "POST"])
@shopping
def places(request: HttpRequest) -> HttpResponse:
    """Which goods go where, and how they are given. Every button sends the whole page, so that nothing typed is lost."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    at = clock.now()
    shopper.bring_guest_cart(at=at)
    found = shopper.cart()
    if found is None or not found.lines or found.subscribes:
        return HttpResponseRedirect(reverse("shop-cart"))
    screen = _open(request, shopper, found)
    deed, _sep, what = request.POST.get("do", "").partition(":")
    if request.method == "POST":
        if deed == "single":
            save_places(found.public_id, (), actor=shopper.actor, at=at)
            return HttpResponseRedirect(reverse("shop-checkout"))
        _do(screen, deed, what)
        save_places(found.public_id, screen.places, actor=shopper.actor, at=at)
        if deed != "save":
            return HttpResponseRedirect(f"{reverse('shop-places')}{_anchor(screen, deed)}")
    _judge(screen, at=at, is_strict=request.method == "POST")
    if deed == "save" and not screen.faults and not screen.wrong:
        return HttpResponseRedirect(reverse("shop-checkout"))
    return page(request, "storefront/places.html", _words(screen), status=422 if request.method == "POST" else 200)


def _open(request: HttpRequest, shopper: Shopper, found: CartView) -> _Screen:
    said = found.checkout or CheckoutData()
    company = shopper.site.company
    masters = gift_masters(company.id, on=company.business_date(clock.now()), variant_ids=list(found.wanted))
    book = own_addresses(shopper.own_group())
    if request.method == "POST":
        count = request.POST.get("places", "")
        shown = min(int(count), MOST_PLACES) if count.isascii() and count.isdigit() and len(count) < 4 else 0
        typed = [_typed(request.POST, n, found) for n in range(1, shown + 1)]
    else:
        typed = list(found.places) or list(first_places(said, found.wanted))
        if not found.places and not said.street and book:
            typed[0] = typed[0].sent_to(book[0].place)
    return _Screen(shopper=shopper, found=found, places=typed, masters=masters, book=book)


def _typed(post: QueryDict, n: int, found: CartView) -> CheckoutPlaceSaid:
    """What was typed for one address; an unreadable day or number is none."""
    words = {name: post.get(f"p{n}-{name}", "").translate(_NOT_KEPT)[:length] for name, length in LENGTHS.items()}
    day = post.get(f"p{n}-wished_on", "")
    try:
        wished_on = date.fromisoformat(day) if day else None
    except ValueError:
        wished_on = None
    shares = {line.variant_id: _count(post.get(f"p{n}-q{line.variant_id}", "")) for line in found.lines}
    return CheckoutPlaceSaid(**words, wished_on=wished_on, shares={variant: count for variant, count in shares.items() if count})


def _count(text: str) -> int:
    told = plain(text).strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 4 else 0


def _do(screen: _Screen, deed: str, what: str) -> None:
    """One more address gets what goes nowhere yet; one that is taken out leaves its goods."""
    rest = {variant: count for variant, count in left_over(screen.found.wanted, screen.places).items() if count > 0}
    if deed in ("add", "book") and len(screen.places) < MOST_PLACES:
        new = CheckoutPlaceSaid(shares=rest)
        known = next((a for a in screen.book if deed == "book" and str(a.address_id) == what), None)
        screen.places.append(new.sent_to(known.place) if known else new)
    elif deed == "remove" and what.isascii() and what.isdigit() and 0 < int(what) <= len(screen.places) and len(screen.places) > 1:
        screen.places.pop(int(what) - 1)
    elif deed == "same" and len(screen.places) > 1:
        first: dict[str, Any] = dict(screen.places[0].as_text())
        screen.places[1:] = [replace(place, **first) for place in screen.places[1:]]


def _anchor(screen: _Screen, deed: str) -> str:
    return f"#place-{len(screen.places)}" if deed in ("add", "book") else ""


def _judge(screen: _Screen, *, at: datetime, is_strict: bool) -> None:
    """What is missing or wrong, beside its field; a page that was only opened is not told off."""
    counted = [(line.variant_id, line.quantity) for line in screen.found.lines]
    screen.reached = sorted({dealt.destination for dealt in dealt_out(counted, screen.places)})
    found = replace(screen.found, places=tuple(screen.places[n - 1] for n in screen.reached))
    if found.places:
        _quote(screen, found, at=at, is_strict=is_strict)
    if is_strict:
        first, last = days_of(screen.shopper) if not screen.offers else (None, None)
        for n, place in enumerate(screen.places, 1):
            for fault in place_faults(place, earliest_on=first, latest_on=last):
                _blame(screen, n, fault)
        names = {line.variant_id: line.name for line in screen.found.lines}
        for variant, count in left_over(screen.found.wanted, screen.places).items():
            words = _("%(name)s: %(count)s go nowhere yet.") if count > 0 else _("%(name)s: %(count)s more than are in the cart.")
            screen.wrong.append(words % {"name": names[variant], "count": abs(count)})


def _quote(screen: _Screen, found: CartView, *, at: datetime, is_strict: bool) -> None:
    """What it comes to, and on which days each address can have it; where a wish stands in the way, the days without it."""
    said = replace(screen.found.checkout or CheckoutData(), pickup_at_id=None)
    shopper = screen.shopper

    def asked(cart: CartView) -> Quote | Refused:
        return quote_cart(cart, said, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=at)

    answer = asked(found)
    if isinstance(answer, Quote):
        screen.quote = answer
        if answer.short is not None and is_strict:
            screen.wrong.append(answer.short.text(_))
        _blame_quote(screen, answer.faults)
    else:
        _blame_quote(screen, answer.reasons)
        if any(reason.code.startswith("delivery.") for reason in answer.reasons):
            answer = asked(replace(found, places=tuple(replace(p, wished_on=None, time_band="") for p in found.places)))
    if isinstance(answer, Quote):
        screen.offers = {screen.reached[number - 1]: offer for number, offer in answer.delivery.items()}


def _blame_quote(screen: _Screen, reasons: Sequence[Refusal]) -> None:
    for reason in reasons:
        parts = reason.field.strip("/").split("/")
        if parts[0] == "destinations" and len(parts) > 2 and parts[1].isdigit():
            name = "message" if parts[-1] == "gift_message" else parts[-1]
            _blame(screen, screen.reached[int(parts[1])], reason.at(f"/{name}"))
        else:
            screen.wrong.append(reason.text(_))


def _blame(screen: _Screen, n: int, fault: Refusal) -> None:
    told = screen.faults.setdefault((n, fault.field.strip("/")), [])
    if (text := fault.text(_)) not in told:
        told.append(text)


# Showing


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A field of the page."""

    name: str
    id: str
    value: Any
    faults: tuple[str, ...]


def _words(screen: _Screen) -> dict[str, Any]:
    brand = screen.shopper.site.brand_id
    masters = screen.masters
    earliest_on, latest_on = days_of(screen.shopper)
    quoted = replace(screen.found, places=tuple(screen.places[n - 1] for n in screen.reached))
    sums = dict(zip(screen.reached, shown_places(quoted, screen.quote.sums), strict=False)) if screen.quote else {}
    noshi = offered_to(masters.noshi.values(), brand_id=brand)
    bands: Any = CheckoutForm.base_fields["time_band"]
    return {
        "cart": screen.found,
        "rows": [_row(screen, n, place, sums.get(n)) for n, place in enumerate(screen.places, 1)],
        "count": len(screen.places),
        "may_add": len(screen.places) < MOST_PLACES,
        "book": screen.book,
        "prefectures": PREFECTURES,
        "bands": bands.choices,
        "noshi": noshi,
        "knots": [(str(knot), _(text)) for knot, text in Knot.labels().items()],
        "placements": [(str(one), _(text)) for one, text in NoshiPlacement.labels().items()],
        "wrappings": offered_to(masters.wrappings.values(), brand_id=brand),
        "cards": offered_to(masters.cards.values(), brand_id=brand),
        "offers_gifts": not masters.is_empty,
        "quote": screen.quote,
        "wrong": screen.wrong,
        "has_faults": bool(screen.faults),
        "earliest_on": earliest_on,
        "latest_on": latest_on,
        "currency": screen.shopper.site.company.currency,
    }


def _row(screen: _Screen, n: int, place: CheckoutPlaceSaid, sums: PlaceSum | None) -> dict[str, Any]:
    offer = screen.offers.get(n)
    boxes = {name: _box(screen, n, name, getattr(place, name)) for name in (*LENGTHS, "wished_on")}
    lines: Mapping[int, CartLineView] = {line.variant_id: line for line in screen.found.lines}
    shares = [(line, _box(screen, n, f"q{variant}", place.shares.get(variant, 0))) for variant, line in lines.items()]
    given = ("noshi", "title", "knot", "names", "wrapping", "card", "message", "sender_name", "hides_prices")
    return {
        "n": n, "box": boxes, "shares": shares, "sums": sums, "name": place.name, "faults": screen.faults.get((n, "shares"), []),
        "offer": offer, "days": days_to_choose(offer) if offer else (), "bands": bands_to_choose(offer, place.wished_on) if offer else (),
        "is_open": place.is_gift or any((n, name) in screen.faults for name in given),
    }  # fmt: skip


def _box(screen: _Screen, n: int, name: str, value: Any) -> Box:
    shown = value.isoformat() if isinstance(value, date) else value
    return Box(name=f"p{n}-{name}", id=f"p{n}-{name}", value=shown, faults=tuple(screen.faults.get((n, name), ())))
