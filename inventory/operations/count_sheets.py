"""A count sheet is taken in as a whole or not at all, and once: its rows are counts, its mistakes are told row by row."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.csv import Bad, Column, Row, UnreadableFile, read
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.operations.counting import NOT_WRITTEN, enter_counts
from inventory.operations.file_keeping import FileNote, keep_file
from inventory.operations.stocktaking import NO_STOCKTAKE, locked
from inventory.queries import items_read
from inventory.rules import (
    CountEntry,
    CountKind,
    CountMode,
    FileStatus,
    FileWay,
    RowFate,
    RowNote,
    counted_quantity,
    is_mangled,
    read_date,
    typed_code,
)

KIND = "stocktake_count"
MOST_BYTES = 20 * 2**20
COLUMNS = (
    Column("stocktake", names=("棚卸番号",), required=True),
    Column("location", names=("拠点コード", "拠点"), required=True),
    Column("item", names=("在庫品コード", "商品コード")),
    Column("sku", names=("SKU",)),
    Column("jan", names=("JAN", "JANコード")),
    Column("lot", names=("ロット番号", "ロット")),
    Column("expires_on", names=("有効期限", "賞味期限", "使用期限")),
    Column("counted", names=("実棚数", "棚卸数", "数量"), required=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTaken:
    """What came of a sheet: how many rows count, and why none does where one was wrong."""

    file_id: int | None
    counted: int = 0
    refusals: tuple[Refusal, ...] = ()


_BEFORE = """
SELECT f.name, f.actor_label FROM inventory_exchangefile f
WHERE f.company_id = %s AND f.kind = %s AND f.about = %s AND f.content_hash = %s AND f.status = 'done'
"""


@operation
def take_count_sheet(
    stocktake_id: int, content: bytes, *, name: str, mode: CountMode, counted_at: datetime, actor: Actor, at: datetime
) -> SheetTaken | Refusal:
    """Every row of the sheet is counted, or none: a sheet with a mistake is kept with its report and changes nothing.

    Rows left empty were not counted; an item stands in one row, or in one for each lot. Two sheets at once wait for each other. Refuses "inventory.no_such_stocktake",
    "inventory.file_too_large", "inventory.file_known" (the same sheet in the same round), "csv.*" where it cannot be read;
    rows like ``record_counts``, and with "inventory.sheet_of_another", "inventory.doubled_in_sheet", "inventory.bad_date".
    """
    take = locked(stocktake_id)
    if take is None:
        return NO_STOCKTAKE
    if len(content) > MOST_BYTES:
        return Refusal("inventory.file_too_large", gettext_noop("The file is larger than %(most)s MB."), {"most": MOST_BYTES // 2**20})
    about, mark = f"{take.number}/{take.round}", hashlib.sha256(content).hexdigest()
    known = rows(_BEFORE, (take.company_id, KIND, about, mark))
    if known:
        return Refusal(
            "inventory.file_known",
            gettext_noop("This very sheet was taken in before as “%(name)s” by %(by)s. Nothing was counted twice."),
            {"name": known[0].name, "by": known[0].actor_label},
        )
    try:
        table = read(io.BytesIO(content), columns=COLUMNS)
        found = list(table)
    except UnreadableFile as error:
        return error.refusal
    code = rows("SELECT code FROM inventory_location WHERE id = %s", (take.location_id,))[0].code
    entries, refused = _entries(found, take=take, location=code, mark=mark, mode=mode, counted_at=min(counted_at, at))
    if not entries and not refused:
        return Refusal("inventory.nothing_counted", gettext_noop("No row of this sheet has a count."))
    if not refused:
        answers = enter_counts(take, [entry for _n, entry in entries], whole=True, actor=actor, at=at)
        refused = [
            (n, entry.code, answer.at(answer.field.rpartition("/")[2]))
            for (n, entry), answer in zip(entries, answers, strict=True)
            if isinstance(answer, Refusal) and answer is not NOT_WRITTEN
        ]
    notes = [RowNote(number=n, key=key, fate=RowFate.REFUSED, refusal=refusal) for n, key, refusal in refused]
    if not refused:
        notes = [RowNote(number=n, key=entry.code, fate=RowFate.DONE) for n, entry in entries]
    file_id = keep_file(
        FileNote(
            company_id=take.company_id, location_id=take.location_id, kind=KIND, way=FileWay.IN,
            status=FileStatus.FAILED if refused else FileStatus.DONE, name=name, about=about, encoding=table.encoding, content=content,
            rows=tuple(notes),
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    return SheetTaken(file_id=file_id, counted=0 if refused else len(entries), refusals=tuple(refusal for _n, _k, refusal in refused))


def _entries(
    found: Sequence[Row | Bad], *, take: Any, location: str, mark: str, mode: CountMode, counted_at: datetime
) -> tuple[list[tuple[int, CountEntry]], list[tuple[int, str, Refusal]]]:
    """The counts of a sheet with their lines in the file, and every row that cannot be one."""
    entries: list[tuple[int, CountEntry]] = []
    refused: list[tuple[int, str, Refusal]] = []
    reads = items_read([_code(row) for row in found if isinstance(row, Row)], company_id=take.company_id)
    first: dict[tuple[int, str], int] = {}
    for row in found:
        if isinstance(row, Bad):
            refused.append((row.number, "", row.refusal))
            continue
        code, typed = _code(row), row["counted"].strip()
        wrong = _of_another(row, take=take, location=location)
        if wrong:
            refused.append((row.number, code, wrong))
            continue
        if not typed:
            continue  # nobody stood before this shelf
        quantity, read_as, day = counted_quantity(typed), reads[code], _day(row) if take.counts_lots else None
        lot = typed_code(row["lot"]) if take.counts_lots else ""
        if isinstance(quantity, Refusal):
            refused.append((row.number, code, quantity.at("counted")))
        elif isinstance(read_as, Refusal):
            refused.append((row.number, code, read_as.at("code")))
        elif isinstance(day, Refusal):
            refused.append((row.number, code, day.at("expires_on")))
        elif is_mangled(lot):
            refused.append((row.number, code, _rounded(lot)))
        elif (read_as.stock_item_id, lot) in first:
            refused.append((row.number, code, _doubled(f"{read_as.item} {lot}".strip(), first[read_as.stock_item_id, lot])))
        else:
            first[read_as.stock_item_id, lot] = row.number
            key = f"sheet:{take.id}:{take.round}:{mark[:16]}:{row.number}"
            entries.append(
                (
                    row.number,
                    CountEntry(
                        code=code, quantity=quantity, once_key=key, kind=CountKind.FILE, mode=mode, counted_at=counted_at,
                        lot_number=row["lot"], expires_on=day if lot else None,
                    ),
                )
            )  # fmt: skip
    return entries, refused


def _day(row: Row) -> date | Refusal | None:
    return read_date(row["expires_on"]) if row["expires_on"].strip() else None


def _rounded(lot: str) -> Refusal:
    words = gettext_noop("A spreadsheet has rounded this lot: %(lot)s. Keep the column as text, or take the sheet anew.")
    return Refusal("inventory.unknown_lot", words, {"lot": lot[:40]}, "lot")


def _code(row: Row) -> str:
    """What the row is about: the item's own code, else its SKU, else its JAN."""
    return next((code for name in ("item", "sku", "jan") if (code := typed_code(row[name]))), "")


def _doubled(item: str, line: int) -> Refusal:
    return Refusal(
        "inventory.doubled_in_sheet",
        gettext_noop("%(item)s stands in this sheet before, in line %(line)s. Add the two up."),
        {"item": item, "line": line},
        "code",
    )


def _of_another(row: Row, *, take: Any, location: str) -> Refusal | None:
    number, place = typed_code(row["stocktake"]), typed_code(row["location"])
    if place != location:
        return Refusal(
            "inventory.sheet_of_another",
            gettext_noop("This row is of location “%(found)s”; %(number)s counts “%(location)s”."),
            {"found": place[:40], "number": take.number, "location": location},
            "location",
        )
    if number != take.number:
        return Refusal(
            "inventory.sheet_of_another",
            gettext_noop("This row is of stocktake “%(found)s”, not of %(number)s."),
            {"found": number[:40], "number": take.number},
            "stocktake",
        )
    return None
