"""One outside warehouse with which files are exchanged: told what to ship, it says what it shipped and what lies with it."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from config.demo.finding import Cast
from config.demo.orders import TOKYO
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from inventory.models import ExchangeFolder
from inventory.operations import FileGiven, FileTaken, give_file, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn

_TOLD: Final = "SELECT 1 AS told FROM inventory_exchangefile WHERE company_id = %s LIMIT 1"
_INSTRUCTED: Final = """
SELECT i.number, l.sku, max(sl.quantity) AS quantity
FROM orders_shipmentinstruction i JOIN orders_shipmentline sl ON sl.shipment_id = i.shipment_id JOIN orders_line l ON l.id = sl.line_id
WHERE i.file_id = %s GROUP BY i.id, i.number, l.id, l.sku ORDER BY i.id, l.id
"""
_SHELVES: Final = """
SELECT i.code, s.on_hand FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id
WHERE s.location_id = %s AND s.on_hand > 0 ORDER BY i.code
"""
_INSTRUCTION: Final = (
    MapColumn(heading="データ区分", field="action", codes={"new": "1", "withdrawal": "9"}),
    MapColumn(heading="荷主コード", constant="0042"),
    MapColumn(heading="出荷指示番号", field="instruction"),
    MapColumn(heading="お届け先名", field="name", most_bytes=40),
    MapColumn(heading="郵便番号", field="postal_code"),
    MapColumn(heading="住所1", field="prefecture"),
    MapColumn(heading="住所2", field="city"),
    MapColumn(heading="住所3", field="street"),
    MapColumn(heading="住所4", field="building"),
    MapColumn(heading="電話番号", field="phone"),
    MapColumn(heading="配達希望日", field="wished_on"),
    MapColumn(heading="代引金額", field="collect"),
    MapColumn(heading="商品コード", field="sku"),
    MapColumn(heading="商品名", field="product", most_bytes=40),
    MapColumn(heading="出荷数", field="quantity"),
)


def exchange_with_warehouse(cast: Cast, *, now: datetime) -> None:
    """Its files of this morning stand in the history, some rows of them for a person to look at; told twice, it changes nothing.

    Its folder is set up but not in use, so that nobody who looks at the demo finds parcels told to a warehouse by themselves.
    """
    company, keeper = cast.house.company_id, cast.staff.actor("warehouse")
    if rows(_TOLD, (company,)):
        return
    place = FilePlace(company_id=company, location_id=cast.places.osaka)
    with acting(SYSTEM, reason="demo"):
        ExchangeFolder.objects.get_or_create(
            location_id=cast.places.osaka, defaults={"is_active": False, "gives": "shipping_instruction,stock_books"}
        )
    for columns, weeks in ((_INSTRUCTION[:-2] + _INSTRUCTION[-1:], 8), (_INSTRUCTION, 2)):  # the names of goods were added later
        at = now - timedelta(weeks=weeks)
        _sure(
            save_column_map(
                "shipping_instruction",
                columns,
                company_id=company,
                location_id=cast.places.osaka,
                encoding=FileEncoding.CP932,
                file_name="SHIJI",
                actor=keeper,
                at=at,
            )
        )
    given = give_file("shipping_instruction", place=place, actor=keeper, at=now - timedelta(minutes=50))
    if isinstance(given, FileGiven):  # what its shops ordered this morning; nothing where they have been told before
        told = rows(_INSTRUCTED, (given.file_id,))
        _take("shipping_acceptance", _accepted(told), place, actor=keeper, at=now - timedelta(minutes=45))
        _take("shipping_actual", _shipped(told, now=now), place, actor=keeper, at=now - timedelta(minutes=20))
    _sure(give_file("stock_books", place=place, actor=keeper, at=now - timedelta(minutes=15)))
    _take("stock_snapshot", _counted(cast.places.osaka), place, actor=keeper, at=now - timedelta(minutes=10))


def _accepted(told: Sequence[Any]) -> list[list[object]]:
    return [["出荷指示番号"], *([number] for number in dict.fromkeys(row.number for row in told))]


def _shipped(told: Sequence[Any], *, now: datetime) -> list[list[object]]:
    """All but the last parcel, of which a piece too few was packed: that row waits for a person."""
    numbers = list(dict.fromkeys(row.number for row in told))
    day = (now - timedelta(minutes=50)).astimezone(TOKYO).strftime("%Y/%m/%d")
    lines: list[list[object]] = [["出荷指示番号", "出荷日", "配送会社", "送り状番号", "SKU", "出荷数量"]]
    for row in told:
        place = numbers.index(row.number)
        packed = row.quantity - 1 if place == len(numbers) - 1 else row.quantity
        lines.append([row.number, day, "ヤマト運輸", f"4410{place:08}", row.sku, packed])
    return lines


def _counted(location_id: int) -> list[list[object]]:
    """What the warehouse holds: two items differ from our books, and one it calls by a code that nobody knows."""
    shelves = rows(_SHELVES, (location_id,))
    wrong = {len(shelves) // 3: -2, len(shelves) // 2: 3}
    counted = [[shelf.code, shelf.on_hand + wrong.get(place, 0)] for place, shelf in enumerate(shelves)]
    return [["商品コード", "在庫数"], *counted, ["SAMPLE-OLD", 4]]


def _take(kind: str, lines: Sequence[Sequence[object]], place: FilePlace, *, actor: Any, at: datetime) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    answer = take_file(kind, text.getvalue().encode("cp932"), name=f"{kind}_{at:%m%d%H%M}.csv", place=place, actor=actor, at=at)
    _sure(answer)
    assert isinstance(answer, FileTaken)


def _sure(answer: object) -> None:
    for one in answer if isinstance(answer, list | tuple) else [answer]:
        if isinstance(one, Refusal):
            raise RuntimeError(f"The demo's own file was refused: {one.code} {one.text()}")
