"""What the order desk shows beside what was typed: the customer, articles with price and stock, the totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from billing.queries import MeansRow, card_form, means_of
from catalog.queries import find_variants, offers, variant_keys
from catalog.rules import Offer, PriceAsk, PurchaseType
from core.errors import Refusal
from core.queries import ChannelContext
from core.text import format_phone, format_postal
from customers.queries import CustomerRow, CustomerView, NoteRow, customer_rows, customer_views, group_of, open_notes, search_customers
from inventory.queries import atp, counter_stock
from inventory.rules import UNLIMITED, Wait
from orders.admin.entry_typed import LINE_WORDS, Typed, TypedLine, form_of
from orders.operations import Quote
from orders.ports import COURSE_SOURCE, Course
from orders.queries import OrderRow, PickupStore, Sight, order_rows
from orders.rules import SummedLine

LAST_ORDERS = 5
MOST_HITS = 20
NORMAL = PurchaseType.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCustomer:
    """The customer on the page: who it is, what must be known, what they bought last."""

    view: CustomerView
    row: CustomerRow
    notes: Sequence[NoteRow]
    orders: Sequence[OrderRow]
    cards: Sequence[MeansRow] = ()

    @property
    def name(self) -> str:
        return self.row.organisation_name or self.row.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article found for the order, with its price and what may be promised; no price where it isn't sold here."""

    sku: str
    name: str
    jan: str
    offer: Offer | None
    left: int | None
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A typed line with its article, its sum and what is wrong with it, field by field."""

    place: int
    typed: TypedLine
    name: str
    unit_price: int | None
    left: int | None
    total: int | None
    faults: Mapping[str, Sequence[str]]
    wait: Wait | None = None
    """What is promised of it, where it is not here."""
    courses: tuple[Course, ...] = ()
    """The ways to subscribe to it."""

    @property
    def course(self) -> str:
        """By which course it is subscribed to, in words; "" where it is bought once."""
        return next((one.label for one in self.courses if one.choice == self.typed.form), "")

    @property
    def opened(self) -> bool:
        """Whether the price fields stand open."""
        return any(getattr(self.typed, name) for name in LINE_WORDS[2:]) or any(name not in ("sku", "quantity") for name in self.faults)


def customer_on_page(customer_id: int, *, company_id: int, at: datetime) -> KnownCustomer | None:
    """The customer with notes and last orders of the whole group; None where the company has no such customer."""
    found = customer_views([customer_id])
    if not found or found[0].company_id != company_id:
        return None
    return KnownCustomer(
        view=found[0],
        row=customer_rows([customer_id])[0],
        notes=open_notes([customer_id], at=at),
        orders=order_rows(Sight.of_customers(group := group_of(customer_id)), limit=LAST_ORDERS),
        cards=[card for card in means_of(group) if not card.has_expired(at)] if card_form(company_id) else (),
    )


def customers_found(text: str, *, company_id: int) -> list[CustomerRow]:
    """Who may be meant: members of one family share a number, so a person chooses."""
    ids = search_customers(company_id, text, limit=MOST_HITS)
    return [row for row in customer_rows(ids) if row.status != "erased"] if ids else []


def known_values(view: CustomerView, *, address: int = 0) -> dict[str, str]:
    """What the page's fields say of a known customer."""
    said = {name: getattr(view, name) for name in ("family_name", "given_name", "family_kana", "given_kana", "organisation_name")}
    for kind, show in (("phone", format_phone), ("email", str)):
        values = [point["value"] for point in view.contact_points if point["kind"] == kind]
        said[kind] = show(values[0]) if values else ""
    if view.addresses:
        place = view.addresses[min(address, len(view.addresses) - 1)]
        said |= {name: place[name] or "" for name in ("prefecture", "city", "street", "building")}
        said["postal_code"] = format_postal(place["postal_code"] or "")
        other = f"{place['family_name']}{place['given_name']}" not in ("", f"{view.family_name}{view.given_name}")
        said |= {
            "to_family_name": (place["family_name"] or "") if other else "",
            "to_given_name": (place["given_name"] or "") if other else "",
            "to_phone": format_phone(place["phone"] or "") if other else "",
        }
    return said


def articles_found(text: str, *, channel: ChannelContext, rank_code: str, at: datetime, store: PickupStore | None = None) -> list[Article]:
    """Articles that a fragment of name, reading, SKU or JAN means, with price and stock on the channel."""
    found = [v for v in find_variants(text, company_id=channel.company.id, limit=MOST_HITS) if v.ended_at is None]
    if not found:
        return []

    def priced_as(form: PurchaseType) -> Sequence[Any]:
        asks = [PriceAsk(variant_id=v.variant_id, sku=v.sku, quantity=1, purchase_type=form, rank_code=rank_code) for v in found]
        return offers(asks, company_id=channel.company.id, channel_id=channel.id, language="ja", at=at)

    priced = priced_as(NORMAL)
    if any(not isinstance(answer, Offer) for answer in priced):  # perhaps it is sold by subscription only
        courses = priced_as(PurchaseType.SUBSCRIPTION)
        priced = [
            own if isinstance(own, Offer) or not isinstance(other, Offer) else other for own, other in zip(priced, courses, strict=True)
        ]
    left = _left([v.variant_id for v in found], channel=channel, at=at, store=store)
    return [
        Article(
            sku=v.sku,
            name=f"{v.name} {v.option}".strip(),
            jan=v.jan,
            offer=answer if isinstance(answer, Offer) else None,
            left=left.get(v.variant_id),
            why_not="" if isinstance(answer, Offer) else answer.text(_),
        )
        for v, answer in zip(found, priced, strict=True)
    ]


def shown_lines(
    typed: Typed,
    quote: Quote | None,
    *,
    channel: ChannelContext,
    rank_code: str,
    faults: Mapping[int, Mapping[str, list[str]]],
    at: datetime,
    store: PickupStore | None = None,
    live: bool = False,
) -> list[ShownLine]:
    """Every typed line with name, price, stock (of a ``store``, where it is sold from its shelf) and sum, in four statements whatever their number.

    What was quoted is not asked for again. ``live`` asks for courses only where a line is subscribed to: what could be chosen stands
    on the page already.
    """
    if not typed.lines:
        return []
    priced = [line.offer for line in quote.sums.lines] if quote else _offers(typed.lines, channel=channel, rank_code=rank_code, at=at)
    known = [answer for answer in priced if isinstance(answer, Offer)]
    left = _left([o.variant_id for o in known], channel=channel, at=at, store=store) if known else {}
    ids = {o.sku: o.variant_id for o in known}
    if unsold := [n.sku for n in typed.lines if n.sku not in ids]:
        ids |= variant_keys(channel.company.id, unsold)
    asks_courses = not live or any(line.form for line in typed.lines)
    courses = _courses(list(ids.values()) if asks_courses else [], company_id=channel.company.id, at=at)
    sums: Sequence[SummedLine | None] = quote.sums.lines if quote else [None] * len(typed.lines)
    return [
        ShownLine(
            place=place,
            typed=line,
            name=f"{answer.name} {answer.option}".strip() if isinstance(answer, Offer) else "",
            unit_price=summed.unit_price if summed else (answer.unit_price if isinstance(answer, Offer) else None),
            left=left.get(answer.variant_id) if isinstance(answer, Offer) else None,
            total=summed.total if summed else None,
            faults=faults.get(place, {}),
            wait=quote.waits.get(place) if quote else None,
            courses=courses.get(ids.get(line.sku, 0), ()),
        )
        for place, (line, answer, summed) in enumerate(zip(typed.lines, priced, sums, strict=True))
    ]


def _offers(lines: Sequence[TypedLine], *, channel: ChannelContext, rank_code: str, at: datetime) -> Sequence[Offer | Refusal]:
    asks = [
        PriceAsk(variant_id=None, sku=n.sku, quantity=1, purchase_type=form_of(n), cycle=1 if n.form else None, rank_code=rank_code)
        for n in lines
    ]
    return offers(asks, company_id=channel.company.id, channel_id=channel.id, language="ja", at=at)


def _courses(variant_ids: Sequence[int], *, company_id: int, at: datetime) -> dict[int, tuple[Course, ...]]:
    """By which courses these may be subscribed to."""
    found: dict[int, tuple[Course, ...]] = {}
    for source in COURSE_SOURCE.all() if variant_ids else ():
        for course in source.courses(variant_ids, company_id=company_id, at=at):
            found[course.variant_id] = (*found.get(course.variant_id, ()), course)
    return found


def _left(variant_ids: Sequence[int], *, channel: ChannelContext, at: datetime, store: PickupStore | None) -> dict[int, int | None]:
    """What may be promised, or lies in the store; None where nothing is stocked."""
    asked: dict[str, Any] = {"channel_id": channel.id, "at": at}
    if store is not None:
        units = counter_stock(variant_ids, pickups=[store.id], company_id=channel.company.id, over_counter=True, **asked)[store.id]
    else:
        units = dict(atp(variant_ids, **asked))
    return {key: None if left is None or left >= UNLIMITED else left for key, left in units.items()}


def subject_of(row: Any) -> str:
    """A customer as the record of personal reads names them."""
    return f"customer:{row.public_id}"
