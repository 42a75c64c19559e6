"""One order as a person reads it: what mails, confirmation pages, My Page and the API show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core import signing

from core.db import rows
from core.text import email_key, phone_key
from orders.queries.gifts import GIFT_OF_DESTINATION, GiftView, gift_view


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """An agreed line; amounts in minor units, `total` with tax."""

    id: UUID
    position: int
    sku: str
    name: str
    purchase_type: str
    quantity: int
    cancelled_quantity: int
    shipped_quantity: int
    list_price: int | None
    unit_price: int
    discount: int
    amount: int
    total: int
    tax_class: str
    tax_rate_bp: int
    destination: int | None
    waiting: int = 0
    """So many of them are not here yet; a line waits whole."""
    wait_kind: str = ""
    promised_on: date | None = None
    discount_reasons: tuple[str, ...] = ()
    """Why it costs less: the names of coupons, what staff wrote, or what the discount stems from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeView:
    """A fee; amounts in minor units, `total` with tax."""

    kind: str
    label: str
    amount: int
    total: int
    tax_class: str
    tax_rate_bp: int
    explanation: str
    destination: int | None = None
    """The position of the destination it is of, where it is of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateView:
    """The sums of one tax rate."""

    tax_class: str
    tax_rate_bp: int
    taxable: int
    tax: int

    @property
    def included(self) -> int:
        return self.taxable + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """Where a part goes."""

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
    is_gift: bool
    gift_message: str
    gift: GiftView | None = None
    pickup_at: str | None = None
    """The code of the store where its buyer fetches it."""
    pickup_name: str | None = None
    service: str = ""
    """The code of the delivery service its buyer chose; without one the house chooses."""
    service_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """A parcel, planned or gone."""

    id: UUID
    key: int
    number: str
    status: str
    location: str
    destination: int
    planned_on: date | None
    expected_on: date | None
    service: str
    carrier: str
    tracking_number: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[tuple[int, int], ...]
    """(line position, quantity)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order with everything on it."""

    key: int
    id: UUID
    number: str
    company_id: int
    company_name: str
    channel_id: int
    channel_code: str
    site_id: int | None
    outside_number: str
    customer_id: int
    status: str
    payment_status: str
    fulfilment_status: str
    open_holds: int
    workflow: dict[str, Any] | None
    """Code and name of the workflow profile that led, gates asked and told; None where none has a say."""
    is_of_desk: bool
    """Something was read to the buyer, or a paper was typed: who wants to show it asks for it."""
    may_earn: bool
    """Its company has a point programme: who wants to show what it earns asks for it (``points_of_orders``)."""
    placed_at: datetime
    placed_on: date
    language: str
    currency: str
    tax_basis: str
    payment_method: str
    goods_total: int
    discount_total: int
    fee_total: int
    tax_total: int
    total: int
    paid_total: int
    buyer_name: str
    buyer_email: str
    buyer_phone: str
    remark: str
    cancelled_at: datetime | None
    version: int
    revision: int
    lines: tuple[LineView, ...]
    fees: tuple[FeeView, ...]
    taxes: tuple[RateView, ...]
    destinations: tuple[PlaceView, ...]
    parcels: tuple[ParcelView, ...]

    @property
    def waits(self) -> tuple[LineView, ...]:
        """The lines whose goods are not here yet."""
        return tuple(line for line in self.lines if line.waiting)

    @property
    def may_cancel(self) -> bool:
        """Whether the order may still be taken back: nothing of it has left."""
        return self.status in ("pending", "confirmed") and self.fulfilment_status in ("waiting", "planned", "nothing_to_ship")

    @property
    def may_change(self) -> bool:
        """Whether it is worth asking to change it: nothing has left, and no warehouse was told. The page itself knows for certain."""
        return self.may_cancel and self.status == "confirmed" and not any(parcel.status == "instructed" for parcel in self.parcels)


_ORDERS = """
SELECT o.*, c.name AS company_name, ch.code AS channel_code,
    (SELECT jsonb_build_object('code', w.code, 'name', w.name, 'gates', w.gates, 'told', w.told) FROM orders_orderworkflow w
        WHERE w.order_id = o.id) AS workflow,
    EXISTS (SELECT FROM orders_scriptsaid q WHERE q.order_id = o.id) OR EXISTS (SELECT FROM orders_receivedpaper q WHERE q.order_id = o.id) AS is_of_desk,
    EXISTS (SELECT FROM customers_pointprogramme q WHERE q.company_id = o.company_id) AS may_earn,
    (SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object('destination', de.position, 'waiting', coalesce(w.units, 0), 'wait_kind', coalesce(w.kind, ''),
            'promised_on', w.promised_on, 'discount_reasons', CASE WHEN l.discount > 0 THEN (
                SELECT jsonb_agg(coalesce(nullif(d.reason, ''), d.source) ORDER BY d.id) FROM orders_linediscount d WHERE d.line_id = l.id) END)
            ORDER BY l.position)
        FROM orders_line l LEFT JOIN orders_destination de ON de.id = l.destination_id LEFT JOIN LATERAL (
            SELECT max(b.units) AS units, max(b.kind) AS kind, max(b.promised_on) AS promised_on FROM inventory_backorder b
            WHERE b.demand_id = l.public_id AND b.status = 'waiting') w ON true
        WHERE l.order_id = o.id AND (l.until_revision IS NULL OR l.shipped_quantity > 0)) AS lines,
    (SELECT jsonb_agg(to_jsonb(f) || jsonb_build_object('destination', fd.position) ORDER BY f.id) FROM orders_fee f
        LEFT JOIN orders_destination fd ON fd.id = f.destination_id WHERE f.order_id = o.id AND f.until_revision IS NULL) AS fees,
    (SELECT jsonb_agg(to_jsonb(t) ORDER BY t.tax_rate_bp DESC, t.tax_class) FROM orders_ordertax t
        WHERE t.order_id = o.id AND t.revision = o.revision) AS taxes,
    (SELECT jsonb_agg(to_jsonb(de) || jsonb_build_object('gift', {gift}, 'pickup_at', pk.code, 'pickup_name', pk.name,
            'service_name', coalesce(cs.name, de.service)) ORDER BY de.position)
        FROM orders_destination de LEFT JOIN inventory_location pk ON pk.id = de.pickup_at_id
            LEFT JOIN orders_deliveryservice cs ON cs.company_id = o.company_id AND cs.code = de.service AND de.service <> '' WHERE de.order_id = o.id) AS destinations,
    (SELECT jsonb_agg(to_jsonb(s) || jsonb_build_object('location', lo.name, 'destination', de.position, 'service', coalesce(ds.name, ''), 'lines', (
            SELECT jsonb_agg(jsonb_build_array(x.position, x.quantity) ORDER BY x.position) FROM (
                SELECT l.position, max(sl.quantity) AS quantity FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
                WHERE sl.shipment_id = s.id GROUP BY l.position) x)) ORDER BY s.id)
        FROM orders_shipment s JOIN inventory_location lo ON lo.id = s.location_id JOIN orders_destination de ON de.id = s.destination_id
            LEFT JOIN orders_deliveryservice ds ON ds.id = s.service_id
        WHERE s.order_id = o.id) AS parcels
FROM orders_order o JOIN core_company c ON c.id = o.company_id JOIN core_saleschannel ch ON ch.id = o.channel_id
WHERE o.id = ANY(%s::bigint[])
""".replace("{gift}", GIFT_OF_DESTINATION)


def order_views(order_ids: Sequence[int]) -> list[OrderView]:
    """The orders with these keys, in the order asked, in one statement; unknown keys are left out."""
    found = {r.id: _order(r) for r in rows(_ORDERS, (list(order_ids),))} if order_ids else {}
    return [found[i] for i in order_ids if i in found]


def order_view(order_id: int) -> OrderView | None:
    """One order, or None."""
    return next(iter(order_views([order_id])), None)


def keys_of_refs(refs: Sequence[UUID]) -> dict[UUID, int]:
    """The keys of the orders with these public ids; unknown ones are left out."""
    found = rows("SELECT id, public_id FROM orders_order WHERE public_id = ANY(%s::uuid[])", (list(refs),)) if refs else []
    return {r.public_id: r.id for r in found}


def totals_of_refs(refs: Sequence[UUID]) -> dict[UUID, int]:
    """What the orders with these public ids cost, in minor units."""
    found = rows("SELECT public_id, total FROM orders_order WHERE public_id = ANY(%s::uuid[])", (list(refs),)) if refs else []
    return {r.public_id: r.total for r in found}


def orders_of_lines(line_refs: Sequence[UUID]) -> dict[UUID, int]:
    """The keys of the orders that have these lines, by the line's public id."""
    found = rows("SELECT public_id, order_id FROM orders_line WHERE public_id = ANY(%s::uuid[])", (list(line_refs),)) if line_refs else []
    return {r.public_id: r.order_id for r in found}


def order_path(order: OrderView) -> str:
    """Where the buyer looks at the order without signing in: a signed link, because neither number nor id is a permission."""
    return f"/orders/{signed_word(order.id, salt=LINK_SALT)}/"


_BY_PROOF = """
SELECT o.id, o.buyer_phone, o.buyer_email FROM orders_order o WHERE o.company_id = %s AND o.number = %s
"""


def order_by_proof(company_id: int, *, number: str, phone: str, email: str) -> OrderView | None:
    """The order with this number, if the phone or e-mail (as compared) is the one that was given with it."""
    found = rows(_BY_PROOF, (company_id, number))
    if not found:
        return None
    order = found[0]
    fits = (phone and phone_key(order.buyer_phone) == phone) or (email and email_key(order.buyer_email) == email)
    return order_view(order.id) if fits else None


def ref_behind(link: str) -> UUID | None:
    """The public id of the order that a link was signed for, within its time; None for anything else."""
    return ref_of_word(link, salt=LINK_SALT)


def signed_word(ref: UUID, *, salt: str) -> str:
    """A public id as the word of a link that cannot be made up."""
    return signing.dumps(ref.hex, salt=salt)


def ref_of_word(word: str, *, salt: str) -> UUID | None:
    """The public id behind such a word, within its time; None for anything else."""
    try:
        return UUID(hex=signing.loads(word, salt=salt, max_age=LINK_DAYS * 86_400))
    except (signing.BadSignature, ValueError, TypeError):
        return None


LINK_SALT = "orders.link"
LINK_DAYS = 180


def _pick(kind: Any, source: dict[str, Any], **given: Any) -> Any:
    return kind(**{name: given[name] if name in given else source[name] for name in kind.__slots__})


def _order(r: Any) -> OrderView:
    own = r._asdict()
    return _pick(  # type: ignore[no-any-return]
        OrderView,
        own,
        key=r.id,
        id=r.public_id,
        lines=tuple(
            _pick(
                LineView,
                n,
                id=UUID(n["public_id"]),
                promised_on=_day(n["promised_on"]),
                discount_reasons=tuple(n["discount_reasons"] or ()),
            )
            for n in map(_as_it_stands, r.lines or ())
        ),
        fees=tuple(_pick(FeeView, n) for n in r.fees or ()),
        taxes=tuple(_pick(RateView, n) for n in r.taxes or ()),
        destinations=tuple(_pick(PlaceView, n, wished_on=_day(n["wished_on"]), gift=gift_view(n["gift"])) for n in r.destinations or ()),
        parcels=tuple(
            _pick(
                ParcelView,
                n,
                key=n["id"],
                id=UUID(n["public_id"]),
                planned_on=_day(n["planned_on"]),
                expected_on=_day(n["expected_on"]),
                shipped_at=_moment(n["shipped_at"]),
                delivered_at=_moment(n["delivered_at"]),
                lines=tuple((int(a), int(b)) for a, b in n["lines"] or ()),
            )
            for n in r.parcels or ()
        ),
    )


def _as_it_stands(line: dict[str, Any]) -> dict[str, Any]:
    """Of a line whose place was taken by another, what had left of it."""
    if line["until_revision"] is None:
        return line
    units, whole = line["shipped_quantity"], line["quantity"]
    amount = line["amount"] * units // whole
    return {
        **line, "quantity": units, "cancelled_quantity": 0, "amount": amount, "total": line["total"] * units // whole,
        "discount": line["unit_price"] * units - amount,
    }  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
