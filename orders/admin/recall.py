"""Recalling a lot: who received it, how they are reached, and a list to take along."""

import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin_site import actor_of
from core.csv import ExportWriter
from core.operations import record_personal_read
from customers.queries import visible_to
from inventory.queries import NamedLot, lots_named
from orders.queries import Recipient, lots_of_customer, recipients_of_lot

MOST_LOTS = 500
READ = ("name", "email", "phone", "address")
COLUMNS = (
    "order_number", "shipment_number", "shipped_on", "quantity", "buyer_name", "buyer_email", "buyer_phone", "recipient_name",
    "recipient_phone", "postal_code", "address",
)  # fmt: skip


def may_recall(request: HttpRequest) -> bool:
    """Whoever sees parcels and may know people."""
    account: Any = request.user
    return bool(account.has_perm("orders.view_shipment") and account.has_perm("customers.view_personal"))


def recall_view(counter: Any, request: HttpRequest) -> HttpResponse:
    """The recipients of a lot, found by its number; with ``export`` as a CSV. Every reading is written down with its people."""
    if not may_recall(request):
        raise PermissionDenied
    number = request.GET.get("lot", "").strip()[:64]
    found = lots_named(number) if number else []
    wanted = request.GET.get("id", "")
    chosen = next((lot for lot in found if str(lot.lot_id) == wanted), found[0] if len(found) == 1 else None)
    people = recipients_of_lot(chosen.lot_id, company_id=getattr(request.user, "company_id", None)) if chosen else []
    if chosen:
        _write_down(chosen, people, request=request)
    if chosen and "export" in request.GET:
        return _csv(chosen, people)
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Recall a lot"),
        "number": number,
        "found": found,
        "chosen": chosen,
        "people": people,
        "pieces": sum(person.quantity for person in people),
        "customers": len({person.customer_id for person in people}),
        "back": reverse("admin:orders_shipment_changelist"),
    }
    return TemplateResponse(request, "orders/admin/recall.html", words)


def lots_of_view(counter: Any, request: HttpRequest, *, customer_id: int) -> HttpResponse:
    """The lots that went to a customer, the latest first; who looked is written down."""
    account: Any = request.user
    if not (counter.has_view_permission(request) and account.has_perm("customers.view_customer")):
        raise PermissionDenied
    found = list(visible_to(actor_of(request)).filter(pk=customer_id))
    if not found:
        raise Http404
    [customer] = found
    in_full = bool(account.has_perm("customers.view_personal"))
    lots = lots_of_customer(customer_id, limit=MOST_LOTS + 1)
    record_personal_read(
        [f"customer:{customer.public_id}"], actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=("lots",)
    )
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Lots received"),
        "number": customer.number,
        "lots": lots[:MOST_LOTS],
        "more": len(lots) > MOST_LOTS,
        "recall": reverse("admin:orders_shipment_recall") if in_full else "",
        "back": reverse("admin:customers_customer_change", args=[customer_id]),
    }
    return TemplateResponse(request, "orders/admin/lots_of.html", words)


def _write_down(lot: NamedLot, people: list[Recipient], *, request: HttpRequest) -> None:
    record_personal_read(
        [f"customer:{person.customer_ref}" for person in people],
        actor=actor_of(request),
        screen=f"admin {request.path}"[:200],
        fields=READ,
        reason=f"lot {lot.number}",
    )


def _csv(lot: NamedLot, people: list[Recipient]) -> HttpResponse:
    headings = (
        _("order number"), _("shipment number"), _("shipped on"), _("quantity"), _("buyer"), _("buyer's e-mail"), _("buyer's phone"),
        _("recipient"), _("phone"), _("postal code"), _("address"),
    )  # fmt: skip
    file = io.BytesIO()
    writer = ExportWriter(file, header=[_("lot"), _("stock item"), *headings])
    writer.write_all((lot.number, lot.item, *(getattr(person, column) for column in COLUMNS)) for person in people)
    writer.close()
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="recall-{lot.lot_id}.csv"'
    return response
