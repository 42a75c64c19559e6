"""Orders of counters that write as we ask: the house's own JSON (chat, social media, a shop's own cart), or CSV by a column map."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.opening import is_json, read_json, standing_of, standings
from orders.adapters.table import STANDINGS, read_table
from orders.ports import Declined, Notice, NoticeDoor, OrderSeen
from orders.rules import (
    GENERIC,
    GENERIC_OUT,
    FeeKind,
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
    remark_parts,
    sub,
    subs,
    texts,
    whole,
)

_PERSON = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name", "email", "phone")
_PLACE = (
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "country", "postal_code", "prefecture", "city", "street",
    "building", "phone",
)  # fmt: skip


class HouseOrders:
    """The adapter of everybody who can be told how to write, and of every CSV."""

    code: str = "table"
    label: str = _("CSV by column map, or the house's JSON")
    columns: Sequence[IntakeColumn] = GENERIC
    out_columns: Sequence[IntakeColumn] = GENERIC_OUT
    payments: Mapping[str, str] = {
        "": "marketplace",
        "代金引換": "cash_on_delivery",
        "代引": "cash_on_delivery",
        "銀行振込": "bank_transfer",
    }
    carriers: Mapping[str, str] = {"yamato": "ヤマト運輸", "sagawa": "佐川急便", "japanpost": "日本郵便", "other": "その他"}
    base_url: str = ""
    fetches: bool = False
    secrets: Sequence[str] = ()

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """JSON where it begins like JSON, else CSV."""
        if not is_json(raw):
            return read_table(raw, columns=columns, statuses=statuses)
        known = standings(STANDINGS, statuses)
        return read_json(raw, "orders", lambda reader, told: _read(reader, told, known))

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """Nobody knows how to ask such a counter: it hands its orders in."""
        raise Declined("no_interface")

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """As ``list_orders``."""
        raise Declined("no_interface")

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """Nobody knows how to call such a counter: it gets files."""
        raise Declined("no_interface")


def _read(reader: Reader, told: Mapping[str, Any], known: Mapping[str, Standing]) -> OutsideOrder:
    number = reader.needed(told.get("number"), "number")
    reader.yen_only(told.get("currency"), "currency")
    wishes = remark_parts(reader.text(told.get("remark"), "remark", lines=True))
    buyer = sub(told, "buyer")
    said: dict[str, Any] = {name: reader.text(buyer.get(name), f"buyer/{name}", most=254) for name in _PERSON}
    said["family_name"], said["given_name"] = names(
        said["family_name"], said["given_name"], reader.text(buyer.get("name"), "buyer/name", most=254)
    )
    said["email"] = own_address(said["email"])
    destinations = tuple(_destination(n, one, wishes, reader) for n, one in enumerate(subs(told, "destinations"), 1))
    if not destinations:
        reader.fault("destinations", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    borne = (("points", reader.money(told.get("points"), "points")), ("coupon", reader.money(told.get("coupon"), "coupon")))
    return OutsideOrder(
        number=number,
        standing=standing_of(str(told.get("status") or "").strip(), "status", known, reader),
        person=Person(**said),
        destinations=destinations,
        lines=tuple(_line(n, one, len(destinations), reader) for n, one in enumerate(subs(told, "lines"), 1)),
        fees=tuple(_fee(n, one, reader) for n, one in enumerate(subs(told, "fees"), 1)),
        shop_discount=reader.money(told.get("shop_discount"), "shop_discount"),
        borne=tuple(one for one in borne if one[1]),
        total=reader.money(told.get("total"), "total", optional=False),
        payment=reader.text(told.get("payment"), "payment"),
        remark=wishes.rest,
        notes=tuple(reader.text(one, "notes", most=400) for one in texts(told, "notes")),
        ordered_at=moment_in(str(told.get("ordered_at") or "")),
        said_at=moment_in(str(told.get("updated_at") or "")),
    )


def _destination(n: int, told: Mapping[str, Any], wishes: Any, reader: Reader) -> OutsideDestination:
    at = f"destinations {n}"
    given: dict[str, object] = {name: told.get(name) for name in _PLACE if told.get(name) is not None}
    family, called = names(str(given.get("family_name") or ""), str(given.get("given_name") or ""), str(told.get("name") or ""))
    return OutsideDestination(
        place=reader.place({**given, "family_name": family, "given_name": called}, at),
        wished_on=reader.day(told.get("wished_on"), f"{at}/wished_on") or wishes.wished_on,
        time_band=reader.text(told.get("time_band"), f"{at}/time_band", most=40) or wishes.time_band,
        is_gift=told.get("is_gift") is True,
        gift_message=reader.text(told.get("gift_message"), f"{at}/gift_message", most=400),
        ref=reader.text(told.get("ref"), f"{at}/ref", most=40),
    )


def _line(n: int, told: Mapping[str, Any], most: int, reader: Reader) -> OutsideLine:
    at = f"lines {n}"
    codes = tuple(dict.fromkeys(filter(None, (reader.text(told.get(name), f"{at}/{name}", most=120) for name in ("sku", "code", "jan")))))
    if not codes:
        reader.fault(f"{at}/sku", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    destination = whole(told.get("destination", 1)) or 0
    if not 1 <= destination <= max(most, 1):
        reader.fault(f"{at}/destination", "intake.no_such_destination", _("%(field)s names a destination the order does not have."))
    return OutsideLine(
        line=reader.text(told.get("line"), f"{at}/line", most=80) or str(n),
        codes=codes,
        name=reader.text(told.get("name"), f"{at}/name", most=300),
        quantity=reader.quantity(told.get("quantity"), f"{at}/quantity"),
        unit_price=reader.money(told.get("unit_price"), f"{at}/unit_price", optional=False),
        discount=reader.money(told.get("discount"), f"{at}/discount"),
        destination=destination,
    )


def _fee(n: int, told: Mapping[str, Any], reader: Reader) -> OutsideFee:
    kind = str(told.get("kind") or "")
    if kind not in set(FeeKind):
        reader.fault(f"fees {n}/kind", "intake.fee_kind", _("%(field)s is “%(typed)s”, which is no kind of fee."), typed=kind[:40])
    return OutsideFee(kind=kind, amount=reader.money(told.get("amount"), f"fees {n}/amount", optional=False))
