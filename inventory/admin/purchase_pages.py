"""The work pages of purchasing: drafting an order, and taking a delivery in, by scanner or keyboard."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import clock
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from inventory.admin.pages import HeadCell, company_of_staff, show_sheet
from inventory.admin.sheets import Sheet, SheetLine, counted, expected_lines
from inventory.admin.staff_places import places_of, works_at
from inventory.models import PurchaseOrder, Supplier
from inventory.operations import Delivered, draft_purchase_orders, receive_deliveries, rewrite_purchase_order
from inventory.queries import purchase_lines
from inventory.rules import DeliveredLine, DeliveryAsk, PurchaseAsk, PurchaseLineAsk

DRAFT_HEAD = ("supplier", "location", "expected_on", "note", "version")
DELIVERY_HEAD = ("delivery_note", "takes_more")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0


def _insist(request: HttpRequest, permission: str) -> None:
    account: Any = request.user
    if not account.has_perm(permission):
        raise PermissionDenied


def draft_page(request: HttpRequest, *, counter: Any, order: PurchaseOrder | None = None) -> HttpResponse:
    """A purchase order is drafted, or a draft rewritten; the same page sent twice makes one order."""
    _insist(request, "inventory.send_purchaseorder")
    company_id = order.company_id if order else company_of_staff(request)
    suppliers = Supplier.objects.filter(company_id=company_id, ended_at=None).order_by("code")
    places = places_of(request, company_id=company_id)
    head = (
        HeadCell(name="supplier", label=_("supplier"), choices=[(str(s.pk), f"{s.code} {s.name}") for s in suppliers]),
        HeadCell(name="location", label=_("deliver to"), choices=[(str(p.pk), p.name) for p in places if works_at(request, p.pk)]),
        HeadCell(name="expected_on", label=_("Agreed date (by lead time where empty)"), kind="date"),
        HeadCell(name="note", label=_("note to the supplier"), most=500),
        HeadCell(name="version", label="", kind="hidden"),
    )
    if request.method == "POST":
        sheet = Sheet.of(request.POST, company_id=company_id, head=DRAFT_HEAD)
        sheet.know()
        if request.POST.get("do") != "save":
            sheet.take_scan()
        elif sheet.is_clean and (saved := _save_draft(request, sheet, order=order)):
            messages.success(request, _("%(number)s is drafted. Somebody else approves it.") % {"number": saved.number})
            return HttpResponseRedirect(reverse("admin:inventory_purchaseorder_change", args=[saved.purchase_order_id]))
    else:
        sheet = _fresh_draft(order, company_id=company_id)
    title = _("Rewrite %(number)s") % {"number": order.number} if order else _("Draft a purchase order")
    return show_sheet(
        request, sheet, counter=counter, title=title, save_words=_("Keep the draft"), head=head, columns=("cost",),
        subtitle=_("A cost left empty is the one of the supplier’s terms. Enter in the scan field adds a line."),
        back=reverse("admin:inventory_purchaseorder_changelist"),
    )  # fmt: skip


def _fresh_draft(order: PurchaseOrder | None, *, company_id: int) -> Sheet:
    if order is None:
        return Sheet.fresh(company_id=company_id, head=dict.fromkeys(DRAFT_HEAD, ""))
    lines = [
        SheetLine(stock_item_id=line.stock_item_id, item=line.item, name=line.name, quantity=str(line.quantity), cost=str(line.unit_cost))
        for line in purchase_lines([order.pk]).get(order.pk, ())
    ]
    head = {
        "supplier": str(order.supplier_id),
        "location": str(order.location_id),
        "expected_on": order.expected_on.isoformat() if order.expected_on else "",
        "note": order.note,
        "version": str(order.version),
    }
    return Sheet.fresh(company_id=company_id, head=head, lines=lines)


def _save_draft(request: HttpRequest, sheet: Sheet, *, order: PurchaseOrder | None) -> Any:
    try:
        agreed = parse_date(sheet.head["expected_on"]) if sheet.head["expected_on"] else None
    except ValueError:
        agreed = None
    if sheet.head["expected_on"] and agreed is None:
        sheet.faults["expected_on"] = _("This is no date.")
        return None
    if not works_at(request, _number(sheet.head["location"])):
        sheet.faults["location"] = _("Goods are ordered to a location of yours.")
        return None
    ask = PurchaseAsk(
        supplier_id=_number(sheet.head["supplier"]),
        location_id=_number(sheet.head["location"]),
        lines=tuple(
            PurchaseLineAsk(
                stock_item_id=line.stock_item_id,
                quantity=line.number("quantity"),
                unit_cost=line.number("cost") if line.cost else None,
            )
            for line in sheet.lines
        ),
        once_key=f"admin:{sheet.once}",
        expected_on=agreed,
        note=sheet.head["note"],
    )
    how: dict[str, Any] = {"company_id": sheet.company_id, "actor": actor_of(request), "at": clock.now()}
    result: Any
    if order:
        result = rewrite_purchase_order(order.pk, ask, version=_number(sheet.head["version"]), **how)
    else:
        result = draft_purchase_orders([ask], **how)[0]
    if isinstance(result, Refusal):
        sheet.blame(result)
        return None
    return result


def delivery_page(request: HttpRequest, *, counter: Any, order: PurchaseOrder | None) -> HttpResponse:
    """A delivery of a purchase order is taken in; the same page sent twice takes it in once."""
    _insist(request, "inventory.receive_stock")
    if order is None:
        raise Http404
    lines = purchase_lines([order.pk]).get(order.pk, ())
    missing = {line.stock_item_id: line.missing for line in lines}
    back = reverse("admin:inventory_purchaseorder_change", args=[order.pk])
    if request.method == "POST":
        sheet = Sheet.of(request.POST, company_id=order.company_id, head=DELIVERY_HEAD)
        sheet.know(missing)
        if request.POST.get("do") != "save":
            sheet.take_scan()
        elif sheet.is_clean and (done := _take_in(request, sheet, order)):
            _say_delivered(request, done)
            return HttpResponseRedirect(back)
    else:
        waiting = [(line.stock_item_id, line.item, line.name, line.is_lot_tracked, line.missing) for line in lines if line.missing]
        sheet = Sheet.fresh(company_id=order.company_id, head=dict.fromkeys(DELIVERY_HEAD, ""), lines=expected_lines(waiting, filled=False))
    return show_sheet(
        request, sheet, counter=counter, title=_("Take in a delivery of %(number)s") % {"number": order.number},
        subtitle=f"{order.supplier} → {order.location}", save_words=_("Take in"), back=back,
        head=(
            HeadCell(name="delivery_note", label=_("Number of the delivery note"), most=64),
            HeadCell(name="takes_more", label=_("Over-delivery"), kind="tick", help=_("Take more in than was ordered")),
        ),
        columns=("expected", "unsellable", "lot", "expires_on"), expected_words=_("still missing"),
    )  # fmt: skip


def _take_in(request: HttpRequest, sheet: Sheet, order: PurchaseOrder) -> Delivered | None:
    told = counted(sheet.lines)
    ask = DeliveryAsk(
        purchase_order_id=order.pk,
        delivery_note=sheet.head["delivery_note"],
        lines=tuple(
            DeliveredLine(
                stock_item_id=line.stock_item_id,
                quantity=line.number("quantity"),
                unsellable_quantity=line.number("unsellable") if line.unsellable else 0,
                lot_number=line.lot,
                expires_on=line.day,
            )
            for _place, line in told
        ),
        once_key=f"admin:{sheet.once}",
        takes_more=bool(sheet.head["takes_more"]),
    )
    for place, line in told:
        if line.expires_on and line.day is None:
            sheet.blame(Refusal("date", _("This is no date."), field=f"/lines/{place}/expires_on"))
            return None
    try:
        [result] = receive_deliveries([ask], company_id=order.company_id, actor=actor_of(request), at=clock.now())
    except HouseError as error:
        result = error.refusal
    if isinstance(result, Refusal):
        blame_counted(sheet, result)
        return None
    return result


def blame_counted(sheet: Sheet, refusal: Refusal) -> None:
    """Put a refusal beside the line it means: the operation was only told the lines that say something."""
    places = [place for place, _line in counted(sheet.lines)]
    parts = refusal.field.split("/")
    if len(parts) > 2 and parts[1] == "lines" and parts[2].isdigit() and int(parts[2]) < len(places):
        refusal = refusal.at(f"/lines/{places[int(parts[2])]}")
    sheet.blame(refusal)


def _say_delivered(request: HttpRequest, done: Delivered) -> None:
    if done.repeated:
        messages.info(request, _("This delivery of %(number)s was taken in before.") % {"number": done.number})
    elif done.missing:
        words = _("Taken in. %(missing)d pieces of %(number)s are still missing.")
        messages.warning(request, words % {"missing": done.missing, "number": done.number})
    else:
        messages.success(request, _("Taken in. Nothing of %(number)s is missing.") % {"number": done.number})
