"""The work pages of transfers: what shall go, and what arrived, by scanner or keyboard."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import clock
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from inventory.admin.pages import HeadCell, company_of_staff, show_sheet
from inventory.admin.purchase_pages import blame_counted
from inventory.admin.sheets import Sheet, SheetLine, counted
from inventory.admin.staff_places import places_of, works_at
from inventory.models import StockTransfer
from inventory.operations import TransferStep, plan_transfers, receive_transfers
from inventory.queries import transfer_lines
from inventory.rules import ArrivalAsk, TransferAsk, TransferLineAsk

PLAN_HEAD = ("from", "to", "expected_on", "note")


def plan_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """A transfer is planned; the same page sent twice plans one."""
    _insist(request, "inventory.send_stocktransfer")
    company_id = company_of_staff(request)
    places = list(places_of(request, company_id=company_id))
    choices = [(str(place.pk), place.name) for place in places]
    head = (
        HeadCell(name="from", label=_("from location"), choices=[c for c in choices if works_at(request, int(c[0]))]),
        HeadCell(name="to", label=_("to location"), choices=choices[1:] + choices[:1]),
        HeadCell(name="expected_on", label=_("expected on"), kind="date"),
        HeadCell(name="note", label=_("note"), most=500),
    )
    if request.method == "POST":
        sheet = Sheet.of(request.POST, company_id=company_id, head=PLAN_HEAD)
        sheet.know()
        if request.POST.get("do") != "save":
            sheet.take_scan()
        elif sheet.is_clean and (step := _plan(request, sheet)):
            messages.success(request, _("%(number)s is planned. Send it off when the goods leave.") % {"number": step.number})
            return HttpResponseRedirect(reverse("admin:inventory_stocktransfer_change", args=[step.transfer_id]))
    else:
        sheet = Sheet.fresh(company_id=company_id, head=dict.fromkeys(PLAN_HEAD, ""))
    return show_sheet(
        request, sheet, counter=counter, title=_("Plan a transfer"), save_words=_("Plan it"), head=head, columns=("lot",),
        subtitle=_("Nothing moves yet: the goods leave when the transfer is sent off."),
        back=reverse("admin:inventory_stocktransfer_changelist"),
    )  # fmt: skip


def _plan(request: HttpRequest, sheet: Sheet) -> TransferStep | None:
    try:
        expected = parse_date(sheet.head["expected_on"]) if sheet.head["expected_on"] else None
    except ValueError:
        expected = None
    if sheet.head["expected_on"] and expected is None:
        sheet.faults["expected_on"] = _("This is no date.")
        return None
    chosen = {name: int(text) if text.isdecimal() and len(text) < 19 else 0 for name, text in sheet.head.items() if name in ("from", "to")}
    if not works_at(request, chosen["from"]):
        sheet.faults["from"] = _("Goods are sent from a location of yours.")
        return None
    ask = TransferAsk(
        from_location_id=chosen["from"],
        to_location_id=chosen["to"],
        lines=tuple(
            TransferLineAsk(stock_item_id=line.stock_item_id, quantity=line.number("quantity"), lot_number=line.lot) for line in sheet.lines
        ),
        once_key=f"admin:{sheet.once}",
        expected_on=expected,
        note=sheet.head["note"],
    )
    [result] = plan_transfers([ask], company_id=sheet.company_id, actor=actor_of(request), at=clock.now())
    if isinstance(result, Refusal):
        sheet.blame(result)
        return None
    return result


def arrival_page(request: HttpRequest, *, counter: Any, transfer: StockTransfer) -> HttpResponse:
    """What arrived of a transfer is confirmed; the same page sent twice confirms it once."""
    _insist(request, "inventory.receive_stocktransfer")
    if not works_at(request, transfer.to_location_id):
        raise PermissionDenied
    back = reverse("admin:inventory_stocktransfer_change", args=[transfer.pk])
    waiting = [line for line in transfer_lines([transfer.pk]).get(transfer.pk, ()) if line.on_the_road]
    if request.method == "POST":
        sheet = Sheet.of(request.POST, company_id=transfer.company_id, head=())
        sheet.know({line.stock_item_id: line.on_the_road for line in waiting})
        if request.POST.get("do") != "save":
            sheet.take_scan()
        elif sheet.is_clean and (step := _confirm(request, sheet, transfer)):
            words = (
                _("Confirmed: %(number)s is complete.")
                if step.status == "closed"
                else _("Confirmed. A part of %(number)s is still on the road.")
            )
            messages.success(request, words % {"number": step.number})
            return HttpResponseRedirect(back)
    else:
        lines = [
            SheetLine(
                stock_item_id=line.stock_item_id, item=line.item, name=line.name, is_lot_tracked=line.is_lot_tracked, lot=line.lot_number,
                expected=line.on_the_road,
            )
            for line in waiting
        ]  # fmt: skip
        sheet = Sheet.fresh(company_id=transfer.company_id, head={}, lines=lines)
    return show_sheet(
        request, sheet, counter=counter, title=_("Confirm what arrived of %(number)s") % {"number": transfer.number},
        subtitle=f"{transfer.from_location} → {transfer.to_location}", save_words=_("Confirm"), back=back, head=(), columns=("expected", "lot"),
        expected_words=_("on the road"),
    )  # fmt: skip


def _confirm(request: HttpRequest, sheet: Sheet, transfer: StockTransfer) -> TransferStep | None:
    ask = ArrivalAsk(
        transfer_id=transfer.pk,
        lines=tuple(
            TransferLineAsk(stock_item_id=line.stock_item_id, quantity=line.number("quantity"), lot_number=line.lot)
            for _place, line in counted(sheet.lines)
        ),
        once_key=f"admin:{sheet.once}",
    )
    try:
        [result] = receive_transfers([ask], actor=actor_of(request), at=clock.now())
    except HouseError as error:
        result = error.refusal
    if isinstance(result, Refusal):
        blame_counted(sheet, result)
        return None
    return result


def _insist(request: HttpRequest, permission: str) -> None:
    account: Any = request.user
    if not account.has_perm(permission):
        raise PermissionDenied
