"""Picking lists in words and figures: all of a batch in one walk, or parcel by parcel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.queries import company_context
from orders.operations import LeasedPaper
from orders.queries import ParcelOnList, copies_in_file, parcels_on_list, pieces_and_marks, place_of_papers
from orders.rules import CARRIERS, PickedPiece, PickLine, barcode_svg, pick_lines


def total_list_content(ids: Sequence[int], *, paper: LeasedPaper, at: datetime) -> dict[str, Any]:
    """The walk through the shelves: item by item and lot by lot, how many for all parcels together."""
    pieces, _marks = pieces_and_marks(ids)
    lines = pick_lines(pieces)
    head = _head(paper, _("Total picking list"), parcels=len(ids), at=at)
    return {
        **head,
        "columns": [_("Shelf"), _("Item and name"), _("Lot / keeps until"), _("Pieces"), _("Parcels"), "", "✓"],
        "rows": [_row(line, parcels=True) for line in lines],
        "pieces": f"{sum(line.quantity for line in lines):,d}",
        "words": {**head["words"], "pieces": _("pieces")},
    }


def parcel_lists_content(ids: Sequence[int], *, paper: LeasedPaper, at: datetime) -> dict[str, Any]:
    """A list per parcel, each with the barcode that begins its inspection."""
    pieces, _marks = pieces_and_marks(ids)
    held: dict[int, list[PickedPiece]] = {}
    for piece in pieces:
        held.setdefault(piece.shipment_id, []).append(piece)
    return {
        **_head(paper, _("Picking list"), parcels=len(ids), at=at),
        "columns": [_("Shelf"), _("Item and name"), _("Lot / keeps until"), _("Pieces"), "", "✓"],
        "parcels": [_parcel(one, held.get(one.shipment_id, [])) for one in parcels_on_list(ids)],
    }


def _head(paper: LeasedPaper, heading: str, *, parcels: int, at: datetime) -> dict[str, Any]:
    place, copy = place_of_papers(paper.file_id), copies_in_file(paper.file_id)
    company = company_context(paper.company_id)
    made = localtime(at, ZoneInfo(company.timezone))
    number = place.batch or "–"
    return {
        "title": f"{heading} {number}",
        "heading": heading,
        "lang": company.language,
        "number": number,
        "bars": barcode_svg(place.batch),
        "facts": [
            [_("Batch"), number], [_("Location"), place.location], [_("Parcels"), f"{parcels:,d}"],
            [_("Printed"), f"{date_format(made, 'SHORT_DATE_FORMAT')} {made:%H:%M}"], [_("By"), place.asked_by],
        ],
        "copy": "" if copy < 2 else _("Printed again (copy %(copy)s)") % {"copy": copy},
        "words": {"insert": _("insert"), "box": _("In one box with others"), "remark": _("Remark")},
    }  # fmt: skip


def _row(line: PickLine, *, parcels: bool) -> dict[str, Any]:
    days = date_format(line.expires_on, "SHORT_DATE_FORMAT") if line.expires_on else ""
    return {
        "mark": line.mark, "item": line.item, "name": line.name, "lot": line.lot, "until": days, "quantity": f"{line.quantity:,d}",
        "parcels": f"{line.parcels:,d}" if parcels else "", "bars": barcode_svg(line.jan or line.item), "code": line.jan or line.item,
        "insert": line.is_insert,
    }  # fmt: skip


def _parcel(one: ParcelOnList, pieces: Sequence[PickedPiece]) -> dict[str, Any]:
    lines = pick_lines(pieces)
    return {
        "position": f"{one.position:,d}" if one.position else "",
        "number": one.number,
        "bars": barcode_svg(one.number),
        "order": one.order_number,
        "recipient": f"{one.recipient} ({one.prefecture})" if one.prefecture else one.recipient,
        "carrier": _(CARRIERS[one.carrier]) if one.carrier in CARRIERS else one.carrier,
        "boxed": one.box is not None,
        "remark": one.remark,
        "rows": [_row(line, parcels=False) for line in lines],
        "pieces": f"{sum(line.quantity for line in lines):,d}",
    }
