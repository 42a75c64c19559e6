"""Shopify: orders as its webhooks orders/create, orders/updated and orders/cancelled send them, signed; fulfilments go back.

Written from the published reference of the Admin REST API and its webhooks; nothing was tried against the service.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.calling import Line, answer_of, parted
from orders.adapters.opening import read_json, standing_of, standings
from orders.ports import Declined, Notice, NoticeDoor, OrderSeen
from orders.rules import (
    GENERIC,
    GENERIC_OUT,
    IntakeColumn,
    OutsideDestination,
    OutsideFee,
    OutsideLine,
    OutsideOrder,
    ReadDocument,
    Reader,
    Standing,
    moment_in,
    remark_parts,
    sub,
    subs,
    texts,
    whole,
    whole_price,
)

VERSION: Final = "2025-07"
_PAGE, _AT_ONCE = 250, 50
STANDINGS: Final = {
    "paid": Standing.OPEN, "authorized": Standing.OPEN, "partially_refunded": Standing.OPEN, "pending": Standing.UNCONFIRMED,
    "partially_paid": Standing.UNCONFIRMED, "expired": Standing.UNCONFIRMED, "refunded": Standing.CANCELLED, "voided": Standing.CANCELLED,
}  # fmt: skip
COD: Final = ("cash on delivery", "代金引換", "代引")
PAYMENTS: Final = {
    **dict.fromkeys(COD, "cash_on_delivery"),
    **dict.fromkeys(("", "shopify_payments", "paypal", "amazon_payments", "komoju", "paypay"), "marketplace"),
}
CARRIERS: Final = {"yamato": "Yamato (JA)", "sagawa": "Sagawa (JA)", "japanpost": "Japan Post (JA)", "other": "Other"}
_DAYS: Final = frozenset({"delivery_date", "delivery-date", "配送希望日", "お届け希望日", "配達希望日", "お届け日"})
_BANDS: Final = frozenset({"delivery_time", "delivery-time", "配送希望時間帯", "お届け時間帯", "配達希望時間帯", "配送時間帯"})


class Shopify:
    """The adapter of shops at Shopify."""

    code: str = "shopify"
    label: str = _("Shopify")
    columns: Sequence[IntakeColumn] = GENERIC
    out_columns: Sequence[IntakeColumn] = GENERIC_OUT
    payments: Mapping[str, str] = PAYMENTS
    carriers: Mapping[str, str] = CARRIERS
    base_url: str = ""
    """Every shop has its own address."""
    secrets: Sequence[str] = ("access_token",)
    fetches: bool = True

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """orders.json by when an order was last changed: what no webhook brought is found here."""
        line = _line(door)
        asked: dict[str, Any] = {
            "status": "any", "updated_at_min": _moment(since), "updated_at_max": _moment(until), "limit": _PAGE, "fields": "id,updated_at",
        }  # fmt: skip
        found: list[OrderSeen] = []
        while True:
            answer = line.get(f"/admin/api/{VERSION}/orders.json", params=asked)
            for one in subs(answer_of(answer), "orders"):
                found.append(OrderSeen(number=str(one.get("id")), said_at=moment_in(str(one.get("updated_at") or ""))))
            following = parse_qs(urlsplit(answer.links.get("next", {}).get("url", "")).query).get("page_info")
            if not following:
                return found
            asked = {"limit": _PAGE, "fields": "id,updated_at", "page_info": following[0]}

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """orders.json by their ids."""
        line = _line(door)
        for some in parted(asked, _AT_ONCE):
            wanted = {"status": "any", "ids": ",".join(one.number for one in some), "limit": _AT_ONCE}
            yield line.get(f"/admin/api/{VERSION}/orders.json", params=wanted).content

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """The order a webhook carries, or {"orders": [...]} as the interface lists them."""
        known = standings(STANDINGS, statuses)
        return read_json(raw, "orders", lambda reader, told: _read(reader, told, known), alone="id")

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """The open fulfilment orders of the order are fulfilled with the parcel's number."""
        line = _line(door)
        told = answer_of(line.get(f"/admin/api/{VERSION}/orders/{notice.ref}/fulfillment_orders.json"))
        known = subs(told, "fulfillment_orders")
        opened = [one for one in known if one.get("status") in ("open", "in_progress", "scheduled")]
        if not opened:
            if any(one.get("status") == "closed" for one in known):
                return  # it was told before, and the answer was lost
            raise Declined("no_fulfillment_order")
        wanted = dict(notice.items)
        parts = []
        for one in opened:
            items = []
            for item in subs(one, "line_items"):  # a line may stand in several of them, each with a share of its pieces
                key = str(item.get("line_item_id"))
                quantity = min(wanted.get(key, 0), whole(item.get("fulfillable_quantity")) or 0)
                if quantity > 0:
                    wanted[key] -= quantity
                    items.append({"id": item["id"], "quantity": quantity})
            if items:
                parts.append({"fulfillment_order_id": one["id"], "fulfillment_order_line_items": items})
        if not parts:
            return
        fulfilment = {
            "line_items_by_fulfillment_order": parts,
            "tracking_info": {"number": notice.tracking_number, "company": notice.carrier},
            "notify_customer": False,
        }
        line.post(f"/admin/api/{VERSION}/fulfillments.json", json={"fulfillment": fulfilment})


def _line(door: NoticeDoor) -> Line:
    return Line(door, headers={"X-Shopify-Access-Token": door.secrets["access_token"]})


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _read(reader: Reader, told: Mapping[str, Any], known: Mapping[str, Standing]) -> OutsideOrder:
    number = reader.needed(told.get("id"), "id")
    reader.yen_only(told.get("currency"), "currency")
    payment = next((name for one in texts(told, "payment_gateway_names") if (name := reader.text(one, "payment_gateway_names"))), "")
    attributes = {str(one.get("name") or "").strip(): one.get("value") for one in subs(told, "note_attributes")}
    wishes = remark_parts(reader.text(told.get("note"), "note", lines=True))
    wished = next((reader.day(value, name) for name, value in attributes.items() if name in _DAYS), None)
    band = next((reader.text(value, name, most=40) for name, value in attributes.items() if name in _BANDS), "")
    address = sub(told, "shipping_address") or sub(told, "billing_address")
    return OutsideOrder(
        number=number,
        ref=number,
        standing=_standing(told, payment, known, reader),
        person=_person(told, address, reader),
        destinations=(
            OutsideDestination(place=_place(address, reader), wished_on=wished or wishes.wished_on, time_band=band or wishes.time_band),
        ),
        lines=_lines(told, reader),
        fees=_fees(told, reader),
        total=reader.money(told.get("total_price"), "total_price", optional=False),
        payment=payment,
        remark=wishes.rest,
        notes=_notes(told, attributes, reader),
        ordered_at=moment_in(str(told.get("created_at") or "")),
        said_at=moment_in(str(told.get("updated_at") or "")),
    )


def _standing(told: Mapping[str, Any], payment: str, known: Mapping[str, Standing], reader: Reader) -> Standing:
    if told.get("cancelled_at"):
        return Standing.CANCELLED
    if told.get("fulfillment_status") == "fulfilled":
        return Standing.CLOSED
    standing = standing_of(str(told.get("financial_status") or "pending"), "financial_status", known, reader)
    on_delivery = any(word in payment.casefold() for word in COD)
    return Standing.OPEN if standing is Standing.UNCONFIRMED and on_delivery else standing


def _lines(told: Mapping[str, Any], reader: Reader) -> tuple[OutsideLine, ...]:
    items = subs(told, "line_items")
    if not items:
        reader.fault("line_items", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    lines = []
    for n, item in enumerate(items, 1):
        at = f"line_items {n}"
        codes = tuple(
            dict.fromkeys(filter(None, (reader.text(item.get(name), f"{at}/{name}", most=120) for name in ("sku", "variant_id"))))
        )
        if not codes:
            reader.fault(f"{at}/sku", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
        now = item.get("current_quantity")
        if now == 0:
            continue  # taken off the order afterwards
        quantity = reader.quantity(item.get("quantity") if now is None else now, f"{at}/quantity")
        price = reader.money(item.get("price"), f"{at}/price", optional=False)
        discount = _summed(item, "discount_allocations", "amount", at, reader)
        if tax := _tax_beside(told, item, at, reader):
            price, discount = whole_price(price, quantity, discount=discount, tax=tax)
        lines.append(
            OutsideLine(
                line=reader.text(item.get("id"), f"{at}/id", most=80) or str(n),
                codes=codes,
                name=reader.text(item.get("name") or item.get("title"), f"{at}/title", most=300),
                quantity=quantity,
                unit_price=price,
                discount=discount,
            )
        )
    return tuple(lines)


def _summed(told: Mapping[str, Any], name: str, what: str, at: str, reader: Reader) -> int:
    return sum(reader.money(one.get(what), f"{at}/{name}") for one in subs(told, name))


def _tax_beside(told: Mapping[str, Any], part: Mapping[str, Any], at: str, reader: Reader) -> int:
    """The tax that comes on top of a line, where the shop's prices are without it."""
    return _summed(part, "tax_lines", "price", at, reader) if told.get("taxes_included") is False else 0


def _fees(told: Mapping[str, Any], reader: Reader) -> tuple[OutsideFee, ...]:
    postage = 0
    for n, line in enumerate(subs(told, "shipping_lines"), 1):
        at = f"shipping_lines {n}"
        off = _summed(line, "discount_allocations", "amount", at, reader)
        postage += max(reader.money(line.get("price"), f"{at}/price") - off, 0) + _tax_beside(told, line, at, reader)
    return (OutsideFee(kind="shipping", amount=postage),) if postage else ()


def _notes(told: Mapping[str, Any], attributes: Mapping[str, Any], reader: Reader) -> tuple[str, ...]:
    others = [f"{name}: {value}" for name, value in attributes.items() if name not in (*_DAYS, *_BANDS) and value not in (None, "")]
    return tuple(reader.text(one, "notes", most=400) for one in (f"Shopify {told.get('name') or ''}".strip(), *others))


def _person(told: Mapping[str, Any], address: Mapping[str, Any], reader: Reader) -> Person:
    customer = sub(told, "customer")
    billing = sub(told, "billing_address") or address

    def said(name: str, most: int = 120) -> str:
        return reader.text(customer.get(name) or billing.get(name), f"customer/{name}", most=most)

    return Person(
        family_name=said("last_name"),
        given_name=said("first_name"),
        email=reader.text(told.get("email") or customer.get("email"), "email", most=254),
        phone=reader.text(told.get("phone") or customer.get("phone") or billing.get("phone"), "phone", most=64),
    )


def _place(address: Mapping[str, Any], reader: Reader) -> Any:
    return reader.place(
        {
            "family_name": address.get("last_name"),
            "given_name": address.get("first_name"),
            "organisation_name": address.get("company"),
            "country": address.get("country_code") or "JP",
            "postal_code": address.get("zip"),
            "prefecture": address.get("province"),
            "city": address.get("city"),
            "street": address.get("address1"),
            "building": address.get("address2"),
            "phone": address.get("phone"),
        },
        "shipping_address",
    )
