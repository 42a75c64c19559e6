"""The receipt of an order (領収書): what was invoiced of it and what was paid, on one page that can be printed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from billing.queries import invoice_paper, invoices_of_shipments
from orders.models import Order, Shipment

MAY = "billing.view_invoice"


def receipt_page(request: HttpRequest, order: Order) -> HttpResponse:
    """The receipt; an order of which something is still owed, or nothing has left, has none yet."""
    account: Any = request.user
    if not account.has_perm(MAY):
        raise PermissionDenied
    back = reverse("admin:orders_order_change", args=[order.pk])
    parcels = Shipment.objects.filter(order=order).values_list("public_id", flat=True)
    papers = [paper for one in invoices_of_shipments(list(parcels)) if (paper := invoice_paper(one.invoice_id))]
    if not papers or any(paper.open_amount for paper in papers):
        messages.error(request, _("There is no receipt yet: what was invoiced of this order has not been paid in full."))
        return HttpResponseRedirect(back)
    first = papers[0]
    words = {
        "papers": papers, "paper": first, "order": order, "back": back, "next": reverse("admin:orders_order_entry"),
        "sells": account.has_perm("orders.place_order"), "total": sum(paper.paid for paper in papers),
    }  # fmt: skip
    with translation.override(first.language):
        return TemplateResponse(request, "orders/admin/receipt.html", words).render()
