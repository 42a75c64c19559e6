"""Rakuten RMS: orders as the RakutenPay Order API answers (searchOrder, then getOrder version 7) or as its CSV of usual purchases.

Written from RMS's published field lists; nothing was tried against the service (docs/ja/intake.md says how sure each field is).
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.calling import Line, answer_of, parted
from orders.adapters.opening import is_json, read_json, standing_of, standings
from orders.adapters.table import read_table
from orders.ports import Declined, Notice, NoticeDoor, OrderSeen
from orders.rules import (
    RAKUTEN,
    RAKUTEN_OUT,
    IntakeColumn,
    OutsideDestination,
    OutsideFee,
    OutsideLine,
    OutsideOrder,
    ReadDocument,
    Reader,
    Standing,
    moment_in,
    own_address,
    remark_parts,
    sub,
    subs,
    texts,
    whole,
    with_tax,
)

STANDINGS: Final = {
    "100": Standing.UNCONFIRMED, "200": Standing.UNCONFIRMED, "300": Standing.OPEN, "400": Standing.UNCONFIRMED, "500": Standing.CLOSED,
    "600": Standing.CLOSED, "700": Standing.CLOSED, "800": Standing.CANCELLED, "900": Standing.CANCELLED,
}  # fmt: skip
CARRIERS: Final = {"yamato": "1001", "sagawa": "1002", "japanpost": "1003", "other": "1000"}
PAYMENTS: Final = {
    "2": "cash_on_delivery", "代金引換": "cash_on_delivery",
    **dict.fromkeys(
        ("1", "9", "12", "13", "14", "21", "クレジットカード", "銀行振込", "Apple Pay", "セブンイレブン（前払）", "ローソン、郵便局ATM等（前払）", "後払い決済"),
        "marketplace",
    ),
}  # fmt: skip
BASE_URL: Final = "https://api.rms.rakuten.co.jp"
_BACK: Final = timedelta(days=30)
"""The list names no moment of change: the orders of so long are asked for by how they stand, and those that stand otherwise here are fetched."""
_PAGE, _AT_ONCE = 1_000, 100
_STANDS: Final = {Standing.OPEN: (300,), Standing.CANCELLED: (800, 900), Standing.UNCONFIRMED: (100, 200, 400)}


class Rakuten:
    """The adapter of Rakuten Ichiba."""

    code: str = "rakuten"
    label: str = _("Rakuten Ichiba (RMS)")
    columns: Sequence[IntakeColumn] = RAKUTEN
    out_columns: Sequence[IntakeColumn] = RAKUTEN_OUT
    payments: Mapping[str, str] = PAYMENTS
    carriers: Mapping[str, str] = CARRIERS
    base_url: str = BASE_URL
    secrets: Sequence[str] = ("service_secret", "license_key")
    fetches: bool = True

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """searchOrder by the day of the order, once for each way an order may stand."""
        line = _line(door)
        start, end = (at.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%dT%H:%M:%S%z") for at in (min(since, until - _BACK), until))
        found: dict[str, OrderSeen] = {}
        for standing, progress in _STANDS.items():
            page, pages = 1, 1
            while page <= pages:
                body = {
                    "orderProgressList": list(progress), "dateType": 1, "startDatetime": start, "endDatetime": end,
                    "PaginationRequestModel": {"requestRecordsAmount": _PAGE, "requestPage": page},
                }  # fmt: skip
                told = _checked(answer_of(line.post("/es/2.0/order/searchOrder/", json=body)))
                for number in texts(told, "orderNumberList"):
                    found.setdefault(str(number), OrderSeen(number=str(number), standing=standing))
                pages = whole(sub(told, "PaginationResponseModel").get("totalPages")) or 0
                page += 1
        return list(found.values())

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """getOrder, a hundred at once."""
        line = _line(door)
        for some in parted(asked, _AT_ONCE):
            answer = line.post("/es/2.0/order/getOrder/", json={"orderNumberList": [one.number for one in some], "version": 7})
            _checked(answer_of(answer))
            yield answer.content

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """JSON where it begins like JSON, else CSV."""
        if not is_json(raw):
            return read_table(raw, columns=columns, statuses=statuses)
        known = standings(STANDINGS, statuses)
        return read_json(raw, "OrderModelList", lambda reader, told: _read(reader, told, known))

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """updateOrderShipping: the parcel's number under the basket it belongs to."""
        shipping = {
            "deliveryCompany": notice.carrier,
            "shippingNumber": notice.tracking_number,
            "shippingDate": notice.shipped_on.isoformat(),
        }
        body = {
            "orderNumber": notice.number,
            "BasketidModelList": [{"basketId": whole(notice.destination) or notice.destination, "ShippingModelList": [shipping]}],
        }
        _checked(answer_of(_line(door).post("/es/2.0/order/updateOrderShipping/", json=body)))


def _line(door: NoticeDoor) -> Line:
    key = base64.b64encode(f"{door.secrets['service_secret']}:{door.secrets['license_key']}".encode()).decode()
    return Line(door, headers={"Authorization": f"ESA {key}"})


def _checked(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, unless one of its messages is an error."""
    errors = [one for one in subs(told, "MessageModelList") if str(one.get("messageType", "")).upper() == "ERROR"]
    if errors:
        raise Declined(str(errors[0].get("messageCode") or "error")[:80], str(errors[0].get("message") or "")[:200])
    return told


def _read(reader: Reader, told: Mapping[str, Any], known: Mapping[str, Standing]) -> OutsideOrder:
    number = reader.needed(told.get("orderNumber"), "orderNumber")
    wishes = remark_parts(reader.text(told.get("remarks"), "remarks", lines=True))
    progress = told.get("orderProgress")
    progress = progress if (digits := whole(progress)) is None else digits
    packages = subs(told, "PackageModelList")
    wished = reader.day(told.get("deliveryDate"), "deliveryDate") or wishes.wished_on
    band = reader.text(told.get("shippingTerm"), "shippingTerm", most=40)
    band = wishes.time_band if band in ("", "0") else band
    lines, notes = _lines(packages, reader)
    shop_coupon = reader.money(told.get("couponShopPrice"), "couponShopPrice")
    all_coupons = reader.money(told.get("couponAllTotalPrice", told.get("couponAllPrice")), "couponAllTotalPrice")
    points = reader.money(sub(told, "PointModel").get("usedPoint"), "usedPoint")
    borne = (("points", points), ("coupon", max(all_coupons - shop_coupon, 0)))
    if not packages:
        reader.fault("PackageModelList", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    return OutsideOrder(
        number=number,
        standing=standing_of(str(progress), "orderProgress", known, reader),
        person=_person(sub(told, "OrdererModel"), reader),
        destinations=tuple(
            OutsideDestination(
                place=_place(sub(package, "SenderModel"), f"SenderModel {n}", reader),
                wished_on=wished,
                time_band=band,
                is_gift=bool(package.get("noshi")) or whole(told.get("giftCheckFlag")) == 1,
                gift_message=reader.text(package.get("noshi"), "noshi", most=400),
                ref=reader.text(package.get("basketId"), "basketId", most=40),
            )
            for n, package in enumerate(packages, 1)
        ),
        lines=lines,
        fees=_fees(told, reader),
        shop_discount=shop_coupon,
        borne=tuple(one for one in borne if one[1]),
        total=reader.money(told.get("totalPrice"), "totalPrice", optional=False) - shop_coupon,
        payment=_payment(sub(told, "SettlementModel"), reader),
        remark=wishes.rest,
        notes=tuple(notes),
        ordered_at=moment_in(str(told.get("orderDatetime") or "")),
    )


def _payment(told: Mapping[str, Any], reader: Reader) -> str:
    code, words = (reader.text(told.get(name), f"SettlementModel/{name}") for name in ("settlementMethodCode", "settlementMethod"))
    return code or words


def _fees(told: Mapping[str, Any], reader: Reader) -> tuple[OutsideFee, ...]:
    wrapping = sum(reader.money(sub(told, name).get("price"), f"{name}/price") for name in ("WrappingModel1", "WrappingModel2"))
    given = (
        ("shipping", reader.money(told.get("postagePrice"), "postagePrice")),
        ("cash_on_delivery", reader.money(told.get("deliveryPrice"), "deliveryPrice")),
        ("other", reader.money(told.get("paymentCharge"), "paymentCharge")),
        ("gift", wrapping),
    )
    return tuple(OutsideFee(kind=kind, amount=amount) for kind, amount in given if amount)


def _phone(told: Mapping[str, Any]) -> str:
    return "-".join(str(told.get(f"phoneNumber{n}") or "") for n in (1, 2, 3)).strip("-")


def _postal(told: Mapping[str, Any]) -> str:
    return "-".join(str(told.get(f"zipCode{n}") or "") for n in (1, 2)).strip("-")


def _person(told: Mapping[str, Any], reader: Reader) -> Person:
    def said(name: str, most: int = 120) -> str:
        return reader.text(told.get(name), f"OrdererModel/{name}", most=most)

    return Person(
        family_name=said("familyName"),
        given_name=said("firstName"),
        family_kana=said("familyNameKana"),
        given_kana=said("firstNameKana"),
        email=own_address(said("emailAddress", 254)),
        phone=reader.text(_phone(told), "OrdererModel/phoneNumber1", most=64),
    )


def _place(told: Mapping[str, Any], field: str, reader: Reader) -> Any:
    return reader.place(
        {
            "family_name": told.get("familyName"),
            "given_name": told.get("firstName"),
            "family_kana": told.get("familyNameKana"),
            "given_kana": told.get("firstNameKana"),
            "postal_code": _postal(told),
            "prefecture": told.get("prefecture"),
            "city": told.get("city"),
            "street": told.get("subAddress"),
            "phone": _phone(told),
        },
        field,
    )


def _lines(packages: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[tuple[OutsideLine, ...], list[str]]:
    lines: list[OutsideLine] = []
    notes: list[str] = []
    for place, package in enumerate(packages, 1):
        for n, item in enumerate(subs(package, "ItemModelList"), 1):
            at = f"PackageModelList {place}/ItemModelList {n}"
            skus = subs(item, "SkuModelList")
            codes = [reader.text(sku.get("merchantDefinedSkuId"), f"{at}/merchantDefinedSkuId", most=120) for sku in skus]
            codes += [reader.text(item.get(name), f"{at}/{name}", most=120) for name in ("itemNumber", "manageNumber")]
            found = tuple(dict.fromkeys(filter(None, codes)))
            if not found:
                reader.fault(
                    f"{at}/itemNumber", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map.")
                )
            taxed = item.get("priceTaxIncl")
            if taxed in (None, "") and whole(item.get("includeTaxFlag")) == 0:
                taxed = with_tax(
                    reader.money(item.get("price"), f"{at}/price", optional=False), item.get("taxRate"), f"{at}/taxRate", reader
                )
            name = reader.text(item.get("itemName"), f"{at}/itemName", most=300)
            lines.append(
                OutsideLine(
                    line=reader.text(item.get("itemDetailId"), f"{at}/itemDetailId", most=80) or f"{place}-{n}",
                    codes=found,
                    name=name,
                    quantity=reader.quantity(item.get("units"), f"{at}/units"),
                    unit_price=reader.money(item.get("price") if taxed in (None, "") else taxed, f"{at}/price", optional=False),
                    destination=place,
                )
            )
            if choice := reader.text(item.get("selectedChoice"), f"{at}/selectedChoice", lines=True):
                notes.append(f"{name}: {choice}"[:400])
    return tuple(lines), notes
