"""Order files in CSV, whatever their columns are called: a column map says what each tells."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.csv import Bad, Column, Row, UnreadableFile, fold_heading, read
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import Person
from orders.adapters.opening import ended, standing_of, standings
from orders.rules import (
    MOST_PART,
    IntakeColumn,
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
    names,
    own_address,
    remark_parts,
    with_tax,
)

_JOINED = ("phone", "postal")
_ORDER_WIDE = ("status", "payment", "postage", "cod_fee", "other_fee", "shop_coupon", "counter_coupon", "points", "grand_total", "total")
"""What every row of an order says alike, or not at all."""
_NEEDED = ("number", "quantity", "unit_price")
_NAMES = ("family_name", "given_name", "family_kana", "given_kana", "organisation")
_PLACE = ("prefecture", "city", "street", "building", "phone", "organisation", "family_name", "given_name", "family_kana", "given_kana")

STANDINGS = {
    "": Standing.OPEN,
    **dict.fromkeys(("300", "open", "新規", "新規受付", "確定", "出荷待ち", "発送待ち"), Standing.OPEN),
    **dict.fromkeys(("100", "200", "400", "pending", "保留", "未入金", "入金待ち", "注文確認待ち"), Standing.UNCONFIRMED),
    **dict.fromkeys(("500", "600", "700", "shipped", "出荷済み", "出荷済", "発送済", "完了"), Standing.CLOSED),
    **dict.fromkeys(("800", "900", "cancelled", "canceled", "キャンセル", "取消"), Standing.CANCELLED),
}
"""Words for statuses that need no mapping."""


def read_table(raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
    """The orders of a CSV file: rows of one number, in any place of the file, are one order; one bad row spoils its own order only.

    ``statuses`` are the shop's own words for statuses, besides the usual ones. Raises UnreadableDocument.
    """
    places = [Column(f"c{n}", names=(column.heading,), required=column.field in _NEEDED) for n, column in enumerate(columns)]
    try:
        table = read(io.BytesIO(raw), columns=places)
        records = list(table)
    except UnreadableFile as error:
        raise UnreadableDocument(error.refusal) from None
    found: list[ReadOrder | Unreadable] = []
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    known = standings(STANDINGS, statuses)
    for record in records:
        if isinstance(record, Bad):
            found.append(Unreadable(row=record.number, number="", part=_line(record.cells), faults=(record.refusal,)))
            continue
        values = _values(record, columns)
        groups.setdefault(values.get("number", "").strip(), []).append((record.number, values))
    present = {fold_heading(heading) for heading in table.headings}
    _check_present(columns, present)
    for number, own in groups.items():
        found.append(_order(number, own, known))
    return ReadDocument(encoding="utf-8" if table.encoding.startswith("utf-8") else table.encoding, found=tuple(found))


def _check_present(columns: Sequence[IntakeColumn], present: set[str]) -> None:
    """A product code and a total are needed, in whichever of their columns."""
    told = {column.field for column in columns if fold_heading(column.heading) in present}
    for choice in (("sku", "code", "jan"), ("total", "grand_total")):
        if not told & set(choice):
            headings = [column.heading for column in columns if column.field in choice]
            raise UnreadableDocument(
                Refusal(
                    "intake.columns_missing",
                    _(
                        "None of these columns is in the file: %(columns)s. Write a new version of the column map if the format has changed."
                    ),
                    {"columns": ", ".join(headings)},
                )
            )


def _values(record: Row, columns: Sequence[IntakeColumn]) -> dict[str, str]:
    """What a row says by our fields."""
    values: dict[str, str] = {}
    for n, column in enumerate(columns):
        said = record[f"c{n}"]
        before = values.get(column.field, "")
        if before and said.strip() and column.field in ("code", "sku", "jan"):
            continue  # the first column that says anything
        sign = "-" if column.field.endswith(_JOINED) else " " if column.field in ("remark", "note") else ""
        values[column.field] = f"{before}{sign}{said}" if before and said.strip() else before or said
    return values


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()[:MOST_PART]


def _order(number: str, own: list[tuple[int, dict[str, str]]], known: Mapping[str, Standing]) -> ReadOrder | Unreadable:
    row, first = own[0]
    part = "".join(_line([f"{name}={value}" for name, value in values.items() if value]) for _row, values in own)[:MOST_PART]
    reader = Reader()
    number = reader.needed(number, "number")
    _check_alike(own, reader)
    wide = {name: next((values[name] for _row, values in own if values.get(name, "").strip()), "") for name in _ORDER_WIDE}
    wishes = remark_parts(reader.text(first.get("remark"), "remark", lines=True))
    destinations, at = _destinations(own, reader, wishes)
    lines = tuple(_outside_line(n, row, values, at[n], reader) for n, (row, values) in enumerate(own))
    order = _money(
        OutsideOrder(
            number=number,
            standing=standing_of(wide["status"].strip(), "status", known, reader),
            person=_person(first, reader),
            destinations=destinations,
            lines=lines,
            total=0,
            payment=reader.text(wide["payment"], "payment"),
            remark=wishes.rest,
            notes=_notes(own, reader),
            ordered_at=moment_in(first.get("ordered_at", "")),
            said_at=moment_in(first.get("said_at", "")),
        ),
        wide,
        own,
        reader,
    )
    return ended(row, part, order, reader)


def _money(order: OutsideOrder, wide: dict[str, str], own: list[tuple[int, dict[str, str]]], reader: Reader) -> OutsideOrder:
    amount = {name: reader.money(wide[name], name) for name in _ORDER_WIDE if name not in ("status", "payment")}
    gift = sum(reader.money(values.get("gift_fee"), "gift_fee") for _row, values in own)
    fees = (("shipping", amount["postage"]), ("cash_on_delivery", amount["cod_fee"]), ("gift", gift), ("other", amount["other_fee"]))
    if not wide["total"].strip() and not wide["grand_total"].strip():
        reader.fault("total", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    total = amount["total"] if wide["total"].strip() else amount["grand_total"] - amount["shop_coupon"]
    borne = (("points", amount["points"]), ("coupon", amount["counter_coupon"]))
    return replace(
        order,
        fees=tuple(OutsideFee(kind=kind, amount=value) for kind, value in fees if value),
        shop_discount=amount["shop_coupon"],
        borne=tuple(one for one in borne if one[1]),
        total=total,
    )


def _check_alike(own: list[tuple[int, dict[str, str]]], reader: Reader) -> None:
    for name in _ORDER_WIDE:
        said = {values[name].strip(): row for row, values in own if values.get(name, "").strip()}
        if len(said) > 1:
            (one, first), (other, second) = list(said.items())[:2]
            reader.fault(
                name,
                "intake.rows_disagree",
                _("%(field)s is “%(one)s” in line %(first)s and “%(other)s” in line %(second)s of the same order."),
                one=one[:40],
                first=first,
                other=other[:40],
                second=second,
            )


def _outside_line(n: int, row: int, values: dict[str, str], destination: int, reader: Reader) -> OutsideLine:
    here = Reader(where=f"/line {row}")
    codes = dict.fromkeys(filter(None, (here.text(values.get(name), name, most=120) for name in ("sku", "code", "jan"))))
    if not codes:
        here.fault("sku", "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
    price = here.money(values.get("unit_price"), "unit_price", optional=False)
    if values.get("tax_flag", "").strip() == "0":
        price = with_tax(price, values.get("tax_rate"), "tax_rate", here)
    line = OutsideLine(
        line=here.text(values.get("line"), "line", most=80) or str(n + 1),
        codes=tuple(codes),
        name=here.text(values.get("name"), "name", most=300),
        quantity=here.quantity(values.get("quantity"), "quantity"),
        unit_price=price,
        discount=here.money(values.get("line_discount"), "line_discount"),
        destination=destination,
    )
    reader.faults += here.faults
    return line


def _person(values: dict[str, str], reader: Reader) -> Person:
    who = "buyer" if any(values.get(f"buyer_{name}", "").strip() for name in ("name", "family_name", "organisation")) else "ship"
    said = {name: reader.text(values.get(f"{who}_{name}"), f"{who}_{name}", most=120) for name in ("name", *_PLACE)}
    family, given = names(said["family_name"], said["given_name"], said["name"])
    return Person(
        family_name=family,
        given_name=given,
        family_kana=said["family_kana"],
        given_kana=said["given_kana"],
        organisation_name=said["organisation"],
        email=own_address(reader.text(values.get(f"{who}_email"), f"{who}_email", most=254)),
        phone=said["phone"].strip("-"),
    )


def _destinations(own: list[tuple[int, dict[str, str]]], reader: Reader, wishes: Any) -> tuple[tuple[OutsideDestination, ...], list[int]]:
    """Every destination once, and to which of them each row goes."""
    found: dict[Any, OutsideDestination] = {}
    at = []
    for _row, values in own:
        who = "ship" if any(values.get(f"ship_{name}", "").strip() for name in ("street", "city", "prefecture", "postal")) else "buyer"
        given: dict[str, object] = {name: values.get(f"{who}_{name}", "") for name in _PLACE}
        whole_name = values.get(f"{who}_name", "")
        if not (whole_name.strip() or any(str(given[name]).strip() for name in _NAMES)):  # an address alone: the buyer's own name
            given |= {name: values.get(f"buyer_{name}", "") for name in (*_NAMES, *(() if given["phone"] else ("phone",)))}
            whole_name = values.get("buyer_name", "")
        family, called = names(str(given["family_name"]), str(given["given_name"]), whole_name)
        given |= {"family_name": family, "given_name": called, "postal_code": values.get(f"{who}_postal", "")}
        given["organisation_name"] = given.pop("organisation")
        noshi = reader.text(values.get("noshi"), "noshi", most=400)
        one = OutsideDestination(
            place=reader.place(given, who),
            wished_on=reader.day(values.get("wished_on"), "wished_on") or wishes.wished_on,
            time_band=_band(reader.text(values.get("time_band"), "time_band", most=40)) or wishes.time_band,
            is_gift=bool(noshi or values.get("wrapping", "").strip()),
            gift_message=noshi,
            ref=reader.text(values.get("destination"), "destination", most=40),
        )
        key = (one.ref, one.place)
        found.setdefault(key, one)
        at.append(list(found).index(key) + 1)
    return tuple(found.values()), at


def _band(typed: str) -> str:
    return "" if typed in ("0", "なし", "指定なし") else typed


def _notes(own: list[tuple[int, dict[str, str]]], reader: Reader) -> tuple[str, ...]:
    def said() -> Iterator[str]:
        for _row, values in own:
            for name in ("noshi", "wrapping", "note"):
                yield reader.text(values.get(name), name, most=400)

    return tuple(dict.fromkeys(filter(None, said())))
