"""Invoices and payments at the machine counter: read through what the partner may see, written by one operation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from billing.api.shapes import INVOICE_SCHEMA, PAYMENT, PAYMENT_SCHEMA, REFUND, REFUND_SCHEMA, invoice_shown, payment_shown, refund_shown
from billing.operations import receive_payments, refund_payments
from billing.queries import DocumentFilter, InvoiceView, PaymentView, invoice_view, invoice_views, knows_order, payment_view, payment_views
from billing.rules import PaymentAsk, PaymentStatus, RefundAsk
from core import clock, errors
from core.api.shapes import Choice, Code, Day, PublicId
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from core.words import gettext_noop as _
from customers.queries import customer_keys


class InvoicesView(ApiView):
    """Invoices of the partner's company."""

    scopes = {"GET": "billing:read"}
    filters = {
        "order": PublicId("ord").optional(None),
        "customer": PublicId("cus").optional(None),
        "number": Code(max=40).optional(None),
        "issued_from_on": Day().optional(None),
        "issued_until_on": Day().optional(None).described("Exclusive."),
    }
    gives = {"GET": INVOICE_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Invoices, newest first."""
        asked, said = self.page(request)
        where = DocumentFilter(
            order_ref=said["order"],
            customer_ref=said["customer"],
            number=said["number"],
            from_on=said["issued_from_on"],
            until_on=said["issued_until_on"],
        )
        partner = self.partner(request)
        before = asked.after[1] if asked.after else None
        found = invoice_views(partner.actor, company_id=partner.company_id, where=where, before=before, limit=asked.limit + 1)
        _note_recipients(self, request, found[: asked.limit])
        return self.list(found, asked, key=lambda i: (i.recorded_at, i.key), show=invoice_shown)


class InvoiceDetailView(ApiView):
    """One invoice."""

    scopes = {"GET": "billing:read"}
    gives = {"GET": INVOICE_SCHEMA}

    def get(self, request: Request, invoice_id: str) -> HttpResponse:
        """The invoice with its lines and tax per rate."""
        partner = self.partner(request)
        invoice = invoice_view(parse("inv", invoice_id), actor=partner.actor, company_id=partner.company_id)
        if invoice is None:
            raise NotFound
        _note_recipients(self, request, [invoice])
        return self.answer(invoice_shown(invoice))


class PaymentsView(ApiView):
    """Payments to the partner's company: list them, record one."""

    scopes = {"GET": "billing:read", "POST": "billing:write"}
    takes = {"POST": PAYMENT}
    filters = {
        "order": PublicId("ord").optional(None),
        "customer": PublicId("cus").optional(None),
        "status": Choice(PaymentStatus).optional(None),
        "received_from_on": Day().optional(None),
        "received_until_on": Day().optional(None).described("Exclusive."),
    }
    gives = {"GET": PAYMENT_SCHEMA, "POST": PAYMENT_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Payments, newest first."""
        asked, said = self.page(request)
        where = DocumentFilter(
            order_ref=said["order"],
            customer_ref=said["customer"],
            status=said["status"],
            from_on=said["received_from_on"],
            until_on=said["received_until_on"],
        )
        partner = self.partner(request)
        before = asked.after[1] if asked.after else None
        found = payment_views(partner.actor, company_id=partner.company_id, where=where, before=before, limit=asked.limit + 1)
        return self.list(found, asked, key=lambda p: (p.recorded_at, p.key), show=payment_shown)

    def post(self, request: Request) -> HttpResponse:
        """Record a payment, once per Idempotency-Key; 201 when it was recorded, 200 when its reference had been before."""
        said = self.body(request)
        return self.once(request, lambda: self._record(request, said))

    def _record(self, request: Request, said: dict[str, Any]) -> Answer:
        partner = self.partner(request)
        if partner.company_id is None:
            raise Forbidden
        ask = PaymentAsk(
            company_id=partner.company_id,
            method=said["method"],
            currency=said["currency"],
            amount=said["amount"],
            received_on=said["received_on"],
            once_key=f"api:{partner.company_id}:{said['reference']}",
            reference=said["reference"],
            payer_name=said["payer_name"],
            order_ref=_known_order(said["order"], company_id=partner.company_id),
            customer_id=_known_customer(said["customer"], company_id=partner.company_id),
        )
        (result,) = receive_payments([ask], actor=partner.actor, at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        payment = payment_view(result.public_id, actor=partner.actor, company_id=partner.company_id)
        assert payment is not None
        place = f"/api/v1/payments/{public('pay', result.public_id)}"
        return json_answer(201 if result.is_new else 200, payment_shown(payment), location=place)


class PaymentDetailView(ApiView):
    """One payment."""

    scopes = {"GET": "billing:read"}
    gives = {"GET": PAYMENT_SCHEMA}

    def get(self, request: Request, payment_id: str) -> HttpResponse:
        """The payment with what it settled and what went back."""
        return self.answer(payment_shown(_payment(self, request, payment_id)))


class RefundsView(ApiView):
    """Money given back out of a payment."""

    scopes = {"POST": "billing:write"}
    takes = {"POST": REFUND}
    gives = {"POST": REFUND_SCHEMA}

    def post(self, request: Request, payment_id: str) -> HttpResponse:
        """Refund part of what the payment still holds, once per Idempotency-Key; never what has settled an invoice."""
        said = self.body(request)
        return self.once(request, lambda: self._refund(request, payment_id, said))

    def _refund(self, request: Request, payment_id: str, said: dict[str, Any]) -> Answer:
        partner = self.partner(request)
        payment = _payment(self, request, payment_id)
        ask = RefundAsk(
            payment_id=payment.key, amount=said["amount"], once_key=f"api:{partner.company_id}:{said['reference']}", reason=said["reason"]
        )
        (result,) = refund_payments([ask], actor=partner.actor, at=clock.now(), reason=said["reason"])
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(201 if result.is_new else 200, refund_shown(result, payment=payment))


def _payment(view: ApiView, request: Request, payment_id: str) -> PaymentView:
    partner = view.partner(request)
    payment = payment_view(parse("pay", payment_id), actor=partner.actor, company_id=partner.company_id)
    if payment is None:
        raise NotFound
    return payment


def _known_order(order_ref: UUID | None, *, company_id: int) -> UUID | None:
    if order_ref is not None and not knows_order(order_ref, company_id=company_id):
        raise errors.Refused("billing.order_not_found", _("This company has no such order."), field="/order")
    return order_ref


def _known_customer(customer_ref: UUID | None, *, company_id: int) -> int | None:
    if customer_ref is None:
        return None
    found = customer_keys([customer_ref], company_id=company_id)
    if customer_ref not in found:
        raise errors.Refused("billing.customer_not_found", _("This company has no such customer."), field="/customer")
    return found[customer_ref]


def _refused(refusal: Refusal) -> errors.HouseError:
    field = "/reference" if refusal.field == "/once_key" else refusal.field
    return errors.Refused(refusal.code, refusal.message, params=refusal.params, field=field)


def _note_recipients(view: ApiView, request: Request, shown: Sequence[InvoiceView]) -> None:
    subjects = [f"customer:{invoice.customer_ref}" for invoice in shown]
    if subjects:
        record_personal_read(subjects, actor=view.actor(request), screen="api /invoices", fields=("recipient_name",))
