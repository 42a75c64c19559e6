"""Yahoo! Shopping: orders as orderInfo answers in XML, one <Result> each; shipments go back through orderShipStatusChange.

Written from the published field list; nothing was tried against the service.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.calling import Line, access_token
from orders.adapters.opening import begins_with, ended, no_orders, standing_of, standings
from orders.adapters.table import read_table
from orders.ports import Declined, NoAnswer, Notice, NoticeDoor, OrderSeen
from orders.rules import (
    GENERIC,
    MOST_PART,
    YAHOO_OUT,
    IntakeColumn,
    Node,
    OutsideDestination,
    OutsideFee,
    OutsideLine,
    OutsideOrder,
    ReadDocument,
    Reader,
    ReadOrder,
    Standing,
    Unreadable,
    UnreadableDocument,
    moment_in,
    own_address,
    remark_parts,
    whole,
    xml_of,
)

STANDINGS: Final = {
    "1": Standing.UNCONFIRMED, "2": Standing.OPEN, "3": Standing.UNCONFIRMED, "4": Standing.CANCELLED, "5": Standing.CLOSED,
}  # fmt: skip
PAYMENTS: Final = {"payment_d1": "cash_on_delivery", "payment_a1": "marketplace", "payment_b1": "marketplace", "": "marketplace"}
CARRIERS: Final = {"yamato": "1001", "sagawa": "1002", "japanpost": "1003", "other": "1000"}
PAID_LATER: Final = frozenset({"payment_d1"})
SHIPPED: Final = "3"
RENEWED_AT: Final = "https://auth.login.yahoo.co.jp/yconnect/v2/token"
_PAGE: Final = 500
_FIELDS: Final = (
    "OrderId", "OrderTime", "LastUpdateTime", "OrderStatus", "PayStatus", "PayMethod", "BuyerComments", "BillFirstName", "BillFirstNameKana",
    "BillLastName", "BillLastNameKana", "BillPhoneNumber", "BillMailAddress", "ShipFirstName", "ShipFirstNameKana", "ShipLastName",
    "ShipLastNameKana", "ShipZipCode", "ShipPrefecture", "ShipCity", "ShipAddress1", "ShipAddress2", "ShipPhoneNumber", "ShipRequestDate",
    "ShipRequestTime", "NeedGiftWrap", "GiftWrapMessage", "PayCharge", "ShipCharge", "GiftWrapCharge", "Discount", "UsePoint", "TotalPrice",
    "TotalMallCouponDiscount", "LineId", "ItemId", "SubCode", "Jan", "Title", "Quantity", "UnitPrice", "ItemTaxRatio",
)  # fmt: skip


class YahooShopping:
    """The adapter of Yahoo! Shopping."""

    code: str = "yahoo"
    label: str = _("Yahoo! Shopping")
    columns: Sequence[IntakeColumn] = GENERIC
    out_columns: Sequence[IntakeColumn] = YAHOO_OUT
    payments: Mapping[str, str] = PAYMENTS
    carriers: Mapping[str, str] = CARRIERS
    base_url: str = "https://circus.shopping.yahooapis.jp"
    secrets: Sequence[str] = ("access_token|refresh_token+client_id+client_secret", "seller_id")
    fetches: bool = True

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """orderList by when an order was last changed."""
        begin, end = (f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%Y%m%d%H%M%S}" for at in (since, until))
        found: list[OrderSeen] = []
        while True:
            told = _asked(
                door,
                "orderList",
                f"<Search><Result>{_PAGE}</Result><Start>{len(found) + 1}</Start><Sort>+order_time</Sort><Condition>"
                f"<LastUpdateTimeFrom>{begin}</LastUpdateTimeFrom><LastUpdateTimeTo>{end}</LastUpdateTimeTo></Condition>"
                "<Field>OrderId,OrderStatus,LastUpdateTime</Field></Search>",
            )
            search = told.find("Search")
            page = [one.values() for one in search.all("OrderInfo")] if search else []
            found += [
                OrderSeen(number=one["OrderId"], said_at=moment_in(one.get("LastUpdateTime", ""))) for one in page if one.get("OrderId")
            ]
            if len(page) < _PAGE:
                return found

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """orderInfo, an order a call."""
        for one in asked:
            target = f"<Target><OrderId>{escape(one.number)}</OrderId><Field>{','.join(_FIELDS)}</Field></Target>"
            yield _called(door, "orderInfo", target)

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """XML where it begins like XML, else CSV by the shop's map."""
        if not begins_with(raw, b"<"):
            return read_table(raw, columns=columns, statuses=statuses)
        known = standings(STANDINGS, statuses)
        top = xml_of(raw).nodes[0]
        results = [top] if top.name == "Result" else top.all("Result")
        if not results:
            raise no_orders("Result")
        return ReadDocument(encoding="utf-8", found=tuple(_read(n, one, known) for n, one in enumerate(results, 1)))

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """orderShipStatusChange: shipped, with carrier and number."""
        said = {
            "ShipStatus": SHIPPED,
            "ShipCompanyCode": notice.carrier,
            "ShipInvoiceNumber1": notice.tracking_number,
            "ShipDate": f"{notice.shipped_on:%Y%m%d}",
        }
        ship = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in said.items())
        body = f"<Target><OrderId>{escape(notice.number)}</OrderId><IsPointFix>true</IsPointFix></Target><Order><Ship>{ship}</Ship></Order>"
        _asked(door, "orderShipStatusChange", body)


def _called(door: NoticeDoor, what: str, body: str) -> bytes:
    token = access_token(door, url=RENEWED_AT, basic=True)
    line = Line(door, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/xml"})
    whole_body = f"<Req>{body}<SellerId>{escape(door.secrets['seller_id'])}</SellerId></Req>"
    return line.post(f"/ShoppingWebService/V1/{what}", content=whole_body.encode()).content


def _asked(door: NoticeDoor, what: str, body: str) -> Node:
    """What was answered, unless it is an error."""
    try:
        told = xml_of(_called(door, what, body))
    except UnreadableDocument as error:
        raise NoAnswer("unreadable") from error
    status = told.find("Status")
    if (status is None or status.text != "OK") and told.find("Search") is None:
        code, words = told.find("Code"), told.find("Message")
        raise Declined((code.text if code else "error")[:80], (words.text if words else "")[:200])
    return told


def _section(order: Node, name: str) -> dict[str, str]:
    """The fields of a part of the order, whether they stand in an element of its name or beside one another."""
    found = next(iter(order.all(name)), None)
    return {**order.values(), **(found.values() if found else {})}


def _read(row: int, result: Node, known: Mapping[str, Standing]) -> ReadOrder | Unreadable:
    order = next(iter(result.all("OrderInfo")), result)
    pay, ship, detail = (_section(order, name) for name in ("Pay", "Ship", "Detail"))
    told = order.values() | detail
    part = _as_text(order)[:MOST_PART]
    reader = Reader()
    number = reader.needed(told.get("OrderId"), "OrderId")
    standing = standing_of(told.get("OrderStatus", ""), "OrderStatus", known, reader)
    payment = pay.get("PayMethod", "")
    if standing is Standing.OPEN and (pay.get("PayStatus") or told.get("PayStatus")) == "0" and payment not in PAID_LATER:
        standing = Standing.UNCONFIRMED
    wishes = remark_parts(reader.text(told.get("BuyerComments"), "BuyerComments", lines=True))
    lines, notes = _lines(order, reader)
    discount = reader.money(detail.get("Discount"), "Discount")
    borne = (
        ("points", reader.money(detail.get("UsePoint"), "UsePoint")),
        ("coupon", reader.money(detail.get("TotalMallCouponDiscount"), "TotalMallCouponDiscount")),
    )
    found = OutsideOrder(
        number=number,
        standing=standing,
        person=_person(pay, reader),
        destinations=(_destination(ship, reader, wishes),),
        lines=lines,
        fees=_fees(detail, reader),
        shop_discount=discount,
        borne=tuple(one for one in borne if one[1]),
        total=reader.money(detail.get("TotalPrice"), "TotalPrice", optional=False) + sum(amount for _what, amount in borne),
        payment=payment,
        remark=wishes.rest,
        notes=notes,
        ordered_at=moment_in(told.get("OrderTime", "")),
        said_at=moment_in(told.get("LastUpdateTime", "")),
    )
    return ended(row, part, found, reader)


def _fees(detail: Mapping[str, str], reader: Reader) -> tuple[OutsideFee, ...]:
    given = (("shipping", "ShipCharge"), ("cash_on_delivery", "PayCharge"), ("gift", "GiftWrapCharge"))
    fees = [(kind, reader.money(detail.get(name), name)) for kind, name in given]
    return tuple(OutsideFee(kind=kind, amount=amount) for kind, amount in fees if amount)


def _person(pay: Mapping[str, str], reader: Reader) -> Person:
    def said(name: str, most: int = 120) -> str:
        return reader.text(pay.get(name), name, most=most)

    return Person(
        family_name=said("BillLastName"),
        given_name=said("BillFirstName"),
        family_kana=said("BillLastNameKana"),
        given_kana=said("BillFirstNameKana"),
        email=own_address(said("BillMailAddress", 254)),
        phone=said("BillPhoneNumber", 64),
    )


def _destination(ship: Mapping[str, str], reader: Reader, wishes: Any) -> OutsideDestination:
    place = reader.place(
        {
            "family_name": ship.get("ShipLastName"),
            "given_name": ship.get("ShipFirstName"),
            "family_kana": ship.get("ShipLastNameKana"),
            "given_kana": ship.get("ShipFirstNameKana"),
            "postal_code": ship.get("ShipZipCode"),
            "prefecture": ship.get("ShipPrefecture"),
            "city": ship.get("ShipCity"),
            "street": ship.get("ShipAddress1"),
            "building": ship.get("ShipAddress2"),
            "phone": ship.get("ShipPhoneNumber"),
        },
        "Ship",
    )
    wrapping = reader.text(ship.get("GiftWrapMessage"), "GiftWrapMessage", most=400)
    return OutsideDestination(
        place=place,
        wished_on=reader.day(ship.get("ShipRequestDate"), "ShipRequestDate") or wishes.wished_on,
        time_band=reader.text(ship.get("ShipRequestTime"), "ShipRequestTime", most=40) or wishes.time_band,
        is_gift=ship.get("NeedGiftWrap", "").casefold() in ("1", "true"),
        gift_message=wrapping,
    )


def _lines(order: Node, reader: Reader) -> tuple[tuple[OutsideLine, ...], tuple[str, ...]]:
    holders = [order, *order.all("Ship"), *order.all("Detail"), *(one for ship in order.all("Ship") for one in ship.all("Items"))]
    items = [item for holder in holders for item in holder.all("Item")]
    if not items:
        reader.fault("Item", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    lines, notes = [], []
    for n, item in enumerate(items, 1):
        told = item.values()
        at = f"Item {n}"
        item_id = reader.text(told.get("ItemId"), f"{at}/ItemId", most=120)
        sub_code = reader.text(told.get("SubCode"), f"{at}/SubCode", most=120)
        jan = reader.text(told.get("Jan"), f"{at}/Jan", most=40)
        codes = tuple(dict.fromkeys(filter(None, (sub_code, item_id, jan))))
        if not codes:
            reader.fault(f"{at}/ItemId", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
        lines.append(
            OutsideLine(
                line=told.get("LineId", str(n))[:80],
                codes=codes,
                name=reader.text(told.get("Title"), f"{at}/Title", most=300),
                quantity=reader.quantity(told.get("Quantity"), f"{at}/Quantity"),
                unit_price=reader.money(told.get("UnitPrice"), f"{at}/UnitPrice", optional=False),
            )
        )
        rate = whole(told.get("ItemTaxRatio"))
        if rate not in (None, 8, 10):
            notes.append(f"{codes[0] if codes else at}: {rate} %")
    return tuple(lines), tuple(notes)


def _as_text(node: Node, depth: int = 0) -> str:
    """The part as it was told, one leaf a line."""
    blank = "  " * depth
    if not node.nodes:
        return f"{blank}{node.name}: {node.text}\n"
    return f"{blank}{node.name}\n" + "".join(_as_text(one, depth + 1) for one in node.nodes)
