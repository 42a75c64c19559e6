"""More addresses of an order at the desk: each with its goods, its day, and how they are given there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.text import clean_line, clean_text, prefecture_in_full, whole_number
from customers.rules import PlaceOfDelivery, tidy_place
from orders.admin.gift_fields import GiftBox
from orders.rules import GIFT_FIELDS, TIME_BANDS, DeliveryOffer, DraftDestination, band_words, wish_of_text

MOST_PLACES = 10
WHERE = ("family_name", "given_name", "phone", "postal_code", "prefecture", "city", "street", "building")
MOST_LETTERS = 200
_LONGEST = {"message": 400, "names": 220}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPlace:
    """One more address as typed; the first one is the page's own."""

    family_name: str = ""
    given_name: str = ""
    phone: str = ""
    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    street: str = ""
    building: str = ""
    wished_on: str = ""
    time_band: str = ""
    gift: Mapping[str, str] = field(default_factory=dict)

    def texts(self) -> list[tuple[str, str, int]]:
        """(its place in the destination, the text, at most so many characters) of all that was typed."""
        own = [(f"place/{name}", getattr(self, name), MOST_LETTERS) for name in WHERE]
        return [*own, *((f"gift/{name}", text, _LONGEST.get(name, 120)) for name, text in self.gift.items())]


def typed_places(post: QueryDict) -> tuple[TypedPlace, ...]:
    """The addresses after the first as they were sent, numbered from 2."""
    last = min(whole_number(post.get("places", "")) or 1, MOST_PLACES)
    return tuple(
        TypedPlace(
            **{name: clean_line(post.get(f"p{n}-{name}", "")[: MOST_LETTERS + 1]) for name in (*WHERE, "wished_on", "time_band")},
            gift={name: clean_text(post.get(f"p{n}-gift_{name}", "")[: _LONGEST.get(name, 120) + 1]) for name in GIFT_FIELDS},
        )
        for n in range(2, last + 1)
    )


def destination_of(place: TypedPlace, *, wished_on: Any, phone: str) -> DraftDestination:
    """The destination that an address amounts to; without a phone of its own the buyer is called."""
    wish, message = wish_of_text(place.gift)
    where = {name: getattr(place, name) for name in WHERE} | {"prefecture": prefecture_in_full(place.prefecture)}
    return DraftDestination(
        place=tidy_place(PlaceOfDelivery(**{**where, "phone": place.phone or phone})), wished_on=wished_on, time_band=place.time_band, gift=wish,
        gift_message=message, is_gift=bool(message),
    )  # fmt: skip


def one_more(places: Sequence[TypedPlace]) -> tuple[TypedPlace, ...]:
    """One address more, as long as the page takes one; given as the last one is, since who gives to three gives them alike."""
    if len(places) + 1 >= MOST_PLACES:
        return tuple(places)
    return (*places, TypedPlace(gift=dict(places[-1].gift) if places else {}))


def one_less(places: Sequence[TypedPlace], lines: Sequence[Any], *, number: int) -> tuple[tuple[TypedPlace, ...], tuple[Any, ...]]:
    """Without an address (from 2): what went there goes to the first one, and later ones move up."""
    if not 2 <= number <= len(places) + 1:
        return tuple(places), tuple(lines)
    moved = {str(n): "1" if n == number else str(n - 1) for n in range(number, len(places) + 2)}
    return (*places[: number - 2], *places[number - 1 :]), tuple(replace(line, to=moved.get(line.to, line.to)) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOnPage:
    """An address with its fields, as a template shows it."""

    n: int
    where: Mapping[str, GiftBox]
    gift: Mapping[str, GiftBox]
    gives: bool
    bands: Sequence[tuple[str, str]]
    offer: DeliveryOffer | None
    faults: Sequence[str]


def band_choices(offered: Sequence[str], kept: str) -> list[tuple[str, str]]:
    """The times of day to choose from, with the one that stands."""
    return [(band, _(band_words(band))) for band in dict.fromkeys(("", *offered, kept))]


def places_on_page(
    places: Sequence[TypedPlace], faults: Mapping[str, Sequence[str]], *, offers: Mapping[int, DeliveryOffer]
) -> list[PlaceOnPage]:
    """The addresses after the first, each with what is wrong beside its fields and the days it can have."""
    found = []
    for n, place in enumerate(places, 2):
        offer = offers.get(n)
        offered = offer.bands_on(None) if offer is not None and offer.days else TIME_BANDS
        found.append(
            PlaceOnPage(
                n=n,
                where={
                    name: GiftBox(name=f"p{n}-{name}", value=getattr(place, name), faults=tuple(faults.get(f"p{n}-{name}", ())))
                    for name in (*WHERE, "wished_on", "time_band")
                },
                gift={
                    name: GiftBox(
                        name=f"p{n}-gift_{name}", value=place.gift.get(name, ""), faults=tuple(faults.get(f"p{n}-gift_{name}", ()))
                    )
                    for name in GIFT_FIELDS
                },
                gives=any(place.gift.values()) or any(key.startswith(f"p{n}-gift_") for key in faults),
                bands=band_choices(offered, place.time_band),
                offer=offer,
                faults=faults.get(f"p{n}-", ()),
            )
        )
    return found


def place_of_fault(parts: Sequence[str], name: str) -> str:
    """The field of the page for a fault of an address after the first, "" where it is of none."""
    if parts[0] != "destinations" or len(parts) < 2 or not parts[1].isdigit() or int(parts[1]) < 1:
        return ""
    known = f"gift_{name}" if "gift" in parts else name
    fields = {*WHERE, "wished_on", "time_band", *(f"gift_{one}" for one in GIFT_FIELDS)}
    return f"p{int(parts[1]) + 1}-{known if known in fields else ''}"
