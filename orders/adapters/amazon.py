"""Amazon: orders as the Selling Partner API answers (Orders v0), with their items; shipments go back through confirmShipment.

A document is {"Orders": [...]} as getOrders answers, each order carrying its "OrderItems" and, from calls with a restricted data
token, "ShippingAddress" and "BuyerInfo". Written from the published model; nothing was tried against the service.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.calling import Line, access_token, answer_of, parted
from orders.adapters.opening import is_json, read_json, standing_of, standings
from orders.adapters.table import read_table
from orders.ports import Declined, NoAnswer, Notice, NoticeDoor, OrderSeen
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
    names,
    own_address,
    sub,
    subs,
    whole,
)

STANDINGS: Final = {
    "Pending": Standing.UNCONFIRMED, "PendingAvailability": Standing.UNCONFIRMED, "Unshipped": Standing.OPEN,
    "PartiallyShipped": Standing.CLOSED, "Shipped": Standing.CLOSED, "InvoiceUnconfirmed": Standing.OPEN, "Canceled": Standing.CANCELLED,
    "Unfulfillable": Standing.CLOSED,
}  # fmt: skip
PAYMENTS: Final = {"COD": "cash_on_delivery", "CVS": "marketplace", "Other": "marketplace", "": "marketplace"}
CARRIERS: Final = {"yamato": "YAMATO", "sagawa": "SAGAWA", "japanpost": "JAPAN_POST", "other": "Other"}
MARKETPLACE_JP: Final = "A1VC38T7YXB528"
RENEWED_AT: Final = "https://api.amazon.com/auth/o2/token"
_JUST_NOW: Final = timedelta(minutes=2)
"""Amazon refuses to tell of what was changed later than that."""
_IN_A_DOCUMENT: Final = 20


class Amazon:
    """The adapter of Amazon's marketplace."""

    code: str = "amazon"
    label: str = _("Amazon (Selling Partner API)")
    columns: Sequence[IntakeColumn] = GENERIC
    out_columns: Sequence[IntakeColumn] = GENERIC_OUT
    payments: Mapping[str, str] = PAYMENTS
    carriers: Mapping[str, str] = CARRIERS
    base_url: str = "https://sellingpartnerapi-fe.amazon.com"
    secrets: Sequence[str] = ("access_token|refresh_token+client_id+client_secret",)
    fetches: bool = True

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """getOrders by when an order was last changed."""
        line = _line(door)
        before = until - _JUST_NOW
        asked = {
            "MarketplaceIds": _marketplace(door), "LastUpdatedAfter": _moment(min(since, before - _JUST_NOW)), "LastUpdatedBefore": _moment(before),
            "MaxResultsPerPage": "100",
        }  # fmt: skip
        found: list[OrderSeen] = []
        while True:
            told = sub(answer_of(line.get("/orders/v0/orders", params=asked)), "payload")
            for one in subs(told, "Orders"):
                if number := str(one.get("AmazonOrderId") or ""):
                    found.append(OrderSeen(number=number, said_at=moment_in(str(one.get("LastUpdateDate") or ""))))
            if not told.get("NextToken"):
                return found
            asked = {"MarketplaceIds": _marketplace(door), "NextToken": str(told["NextToken"])}

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """getOrder under a restricted data token, which shows the address, and getOrderItems; twenty orders are a document.

        Amazon lets nobody ask so many at once: what was answered before it says so is handed in.
        """
        for some in parted(asked, _IN_A_DOCUMENT):
            orders: list[dict[str, Any]] = []
            try:
                for one in some:
                    orders.append(_whole_order(one.number, door))
            except (NoAnswer, Declined):
                if orders:
                    yield _document(orders)
                raise
            yield _document(orders)

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """JSON where it begins like JSON, else CSV by the shop's map."""
        if not is_json(raw):
            return read_table(raw, columns=columns, statuses=statuses)
        known = standings(STANDINGS, statuses)
        return read_json(raw, "Orders", lambda reader, told: _read(reader, told, known), alone="AmazonOrderId", within="payload")

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """confirmShipment: one package with its items."""
        body = {
            "marketplaceId": _marketplace(door),
            "packageDetail": {
                "packageReferenceId": str(notice.parcel),
                "carrierCode": notice.carrier,
                "trackingNumber": notice.tracking_number,
                "shipDate": f"{notice.shipped_on.isoformat()}T00:00:00+09:00",
                "orderItems": [{"orderItemId": line, "quantity": quantity} for line, quantity in notice.items],
            },
        }
        _line(door).post(f"/orders/v0/orders/{notice.number}/shipmentConfirmation", json=body)


def _line(door: NoticeDoor, token: str = "") -> Line:
    return Line(door, headers={"x-amz-access-token": token or access_token(door, url=RENEWED_AT)})


def _marketplace(door: NoticeDoor) -> str:
    return door.secrets.get("marketplace_id") or MARKETPLACE_JP


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _document(orders: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps({"Orders": orders}, ensure_ascii=False).encode()


def _whole_order(number: str, door: NoticeDoor) -> dict[str, Any]:
    """An order with its buyer, address and items, as the calls for each answered."""
    path = f"/orders/v0/orders/{number}"
    resources = [
        {"method": "GET", "path": path, "dataElements": ["buyerInfo", "shippingAddress"]},
        {"method": "GET", "path": f"{path}/orderItems", "dataElements": ["buyerInfo"]},
    ]
    told = answer_of(_line(door).post("/tokens/2021-03-01/restrictedDataToken", json={"restrictedResources": resources}))
    if not (token := str(told.get("restrictedDataToken") or "")):
        raise NoAnswer("unreadable")
    line = _line(door, token)
    order = dict(sub(answer_of(line.get(path)), "payload"))
    items: list[Any] = []
    asked: dict[str, str] = {}
    while True:
        page = sub(answer_of(line.get(f"{path}/orderItems", params=asked)), "payload")
        items += subs(page, "OrderItems")
        if not page.get("NextToken"):
            return {**order, "OrderItems": items}
        asked = {"NextToken": str(page["NextToken"])}


def _read(reader: Reader, told: Mapping[str, Any], known: Mapping[str, Standing]) -> OutsideOrder:
    number = reader.needed(told.get("AmazonOrderId"), "AmazonOrderId")
    standing = _standing(told, standing_of(str(told.get("OrderStatus") or ""), "OrderStatus", known, reader))
    lines, fees = _items(told, reader, pending=standing is not Standing.OPEN)
    address = sub(told, "ShippingAddress")
    buyer = sub(told, "BuyerInfo")
    goods = sum(line.unit_price * line.quantity - line.discount for line in lines)
    total = sub(told, "OrderTotal").get("Amount")
    reader.yen_only(sub(told, "OrderTotal").get("CurrencyCode"), "OrderTotal/CurrencyCode")
    return OutsideOrder(
        number=number,
        standing=standing,
        person=_person(address, buyer, reader),
        destinations=(
            OutsideDestination(place=_place(address, reader), is_gift=any(one.get("IsGift") is True for one in subs(told, "OrderItems"))),
        ),
        lines=lines,
        fees=fees,
        total=reader.money(total, "OrderTotal") if total not in (None, "") else goods + sum(fee.amount for fee in fees),
        payment=reader.text(told.get("PaymentMethod"), "PaymentMethod"),
        ordered_at=moment_in(str(told.get("PurchaseDate") or "")),
        said_at=moment_in(str(told.get("LastUpdateDate") or "")),
    )


def _standing(told: Mapping[str, Any], standing: Standing) -> Standing:
    """Amazon ships AFN orders itself; an order without an address or items is not yet somebody's."""
    if standing is Standing.OPEN and told.get("FulfillmentChannel") == "AFN":
        return Standing.CLOSED
    address = sub(told, "ShippingAddress")
    if standing is Standing.OPEN and not (address.get("AddressLine1") or address.get("AddressLine2")):
        return Standing.UNCONFIRMED
    return standing


def _amount(told: Mapping[str, Any], name: str, at: str, reader: Reader) -> int:
    return reader.money(sub(told, name).get("Amount"), f"{at}/{name}")


def _items(told: Mapping[str, Any], reader: Reader, *, pending: bool) -> tuple[tuple[OutsideLine, ...], tuple[OutsideFee, ...]]:
    """ItemPrice is of the whole quantity: what doesn't divide is a discount of the line. PromotionDiscount is the seller's."""
    items = subs(told, "OrderItems")
    if not items and not pending:
        reader.fault("OrderItems", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    lines: list[OutsideLine] = []
    shipping = gift = discount = 0
    for n, item in enumerate(items, 1):
        if whole(item.get("QuantityOrdered")) == 0:
            continue  # cancelled afterwards
        at = f"OrderItems {n}"
        quantity = reader.quantity(item.get("QuantityOrdered"), f"{at}/QuantityOrdered")
        price = _amount(item, "ItemPrice", at, reader)
        unit = -(-price // quantity) if quantity else 0
        own = _amount(item, "PromotionDiscount", at, reader)
        codes = tuple(
            dict.fromkeys(filter(None, (reader.text(item.get(name), f"{at}/{name}", most=120) for name in ("SellerSKU", "ASIN"))))
        )
        if not codes:
            reader.fault(
                f"{at}/SellerSKU", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map.")
            )
        lines.append(
            OutsideLine(
                line=reader.text(item.get("OrderItemId"), f"{at}/OrderItemId", most=80) or str(n),
                codes=codes,
                name=reader.text(item.get("Title"), f"{at}/Title", most=300),
                quantity=quantity,
                unit_price=unit,
                discount=unit * quantity - price + own,
            )
        )
        shipping += _amount(item, "ShippingPrice", at, reader)
        discount += _amount(item, "ShippingDiscount", at, reader)
        gift += _amount(sub(item, "BuyerInfo"), "GiftWrapPrice", at, reader)
    cod = reader.money(sub(told, "CODFee").get("Amount"), "CODFee")
    given = (("shipping", max(shipping - discount, 0)), ("gift", gift), ("cash_on_delivery", cod))
    return tuple(lines), tuple(OutsideFee(kind=kind, amount=amount) for kind, amount in given if amount)


def _person(address: Mapping[str, Any], buyer: Mapping[str, Any], reader: Reader) -> Person:
    name = reader.text(buyer.get("BuyerName") or address.get("Name"), "BuyerInfo/BuyerName", most=120)
    family, given = names("", "", name)
    return Person(
        family_name=family,
        given_name=given,
        email=own_address(reader.text(buyer.get("BuyerEmail"), "BuyerInfo/BuyerEmail", most=254)),
        phone=reader.text(address.get("Phone"), "ShippingAddress/Phone", most=64),
    )


def _place(address: Mapping[str, Any], reader: Reader) -> Any:
    family, given = names("", "", reader.text(address.get("Name"), "ShippingAddress/Name", most=120))
    lines = [str(address.get(f"AddressLine{n}") or "") for n in (1, 2, 3)]
    return reader.place(
        {
            "family_name": family,
            "given_name": given,
            "country": address.get("CountryCode") or "JP",
            "postal_code": address.get("PostalCode"),
            "prefecture": address.get("StateOrRegion"),
            "city": address.get("City"),
            "street": " ".join(filter(None, lines[:2])),
            "building": lines[2],
            "phone": address.get("Phone"),
        },
        "ShippingAddress",
    )
