"""Recording a payment: say what came, see what it will settle, confirm."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.looks import companies_of, typed_number
from billing.operations import receive_payments
from billing.queries import PaymentPreview, PaymentTarget, find_target, payment_preview
from billing.rules import PaymentAsk, PaymentMethod
from core import clock
from core.admin_site import VerbForm, actor_of
from core.errors import HouseError, Refusal
from core.ids import new_id
from core.money import format_money, format_number, parse_amount
from core.queries import company_context

METHODS = [PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.CONVENIENCE_STORE, PaymentMethod.DEFERRED,
           PaymentMethod.DIRECT_DEBIT, PaymentMethod.CASH_AT_STORE, PaymentMethod.MARKETPLACE, PaymentMethod.CARD]  # fmt: skip


class RecordForm(VerbForm):
    """What came, and for which order."""

    number = forms.CharField(label=_("order or invoice number"), max_length=40)
    amount = forms.CharField(label=_("amount received"), max_length=20)
    received_on = forms.DateField(label=_("received on"))
    method = forms.ChoiceField(label=_("payment method"), choices=[(m.value, _(PaymentMethod.labels()[m])) for m in METHODS])
    payer_name = forms.CharField(label=_("payer"), max_length=160, required=False, help_text=_("As the bank statement says it."))
    reference = forms.CharField(
        label=_("payment reference"), max_length=80, required=False, help_text=_("Number of the bank line or receipt.")
    )
    once_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, company_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company_ids = company_ids
        self.target: PaymentTarget | None = None

    def clean(self) -> dict[str, Any]:
        """Find the order, and read the amount in its currency."""
        values = super().clean() or {}
        self.target = find_target(self.company_ids, number=typed_number(values.get("number", "")))
        if self.target is None:
            self.add_error("number", _("No order or invoice has this number."))
        elif "amount" in values:
            try:
                values["whole_amount"] = parse_amount(values["amount"], currency=self.target.currency)
            except HouseError as error:
                self.add_error("amount", error.refusal.text(gettext))
        return values


def record_payment_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """The form; then what the money would settle; then, confirmed, the payment. Sending it twice records it once."""
    if not counter.has_record_permission(request):
        raise PermissionDenied
    form = RecordForm(request.POST or None, company_ids=companies_of(request), initial=_first_values(request))
    preview: PaymentPreview | None = None
    if request.method == "POST" and form.is_valid() and form.target is not None:
        if "confirmed" in request.POST:
            result = receive_payments([_ask(form, form.target)], actor=actor_of(request), at=clock.now())[0]
            if not isinstance(result, Refusal):
                messages.success(request, _told(form.target, applied=result.applied, unapplied=result.unapplied))
                return HttpResponseRedirect(reverse("admin:billing_payment_change", args=[result.payment_id]))
            form.add_error(None, result.text(gettext))
        else:
            preview = payment_preview(form.target, amount=form.cleaned_data["whole_amount"])
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Record payment"),
        "form": form,
        "preview": preview,
        "method": _(PaymentMethod.labels()[PaymentMethod(form.cleaned_data["method"])]) if preview else "",
        "company": company_context(preview.target.company_id).name if preview else "",
        "back": reverse("admin:billing_payment_changelist"),
    }
    return TemplateResponse(request, "admin/billing/record_payment.html", words)


def _first_values(request: HttpRequest) -> dict[str, Any]:
    given = request.GET
    values: dict[str, Any] = {
        "once_key": f"desk:{new_id().hex}",
        "received_on": clock.today("Asia/Tokyo"),
        "number": given.get("number", "")[:40],
    }
    target = find_target(companies_of(request), number=values["number"]) if values["number"] else None
    if target:
        values["method"] = target.method
        amount = given.get("amount", "")
        values["amount"] = format_number(int(amount), target.currency) if amount.isascii() and amount.isdigit() else ""
    return values


def _ask(form: RecordForm, target: PaymentTarget) -> PaymentAsk:
    said = form.cleaned_data
    return PaymentAsk(
        company_id=target.company_id,
        method=PaymentMethod(said["method"]),
        currency=target.currency,
        amount=said["whole_amount"],
        received_on=said["received_on"],
        once_key=said["once_key"],
        reference=said["reference"],
        payer_name=said["payer_name"],
        order_ref=target.order_ref,
        customer_id=target.customer_id,
    )


def _told(target: PaymentTarget, *, applied: int, unapplied: int) -> str:
    said = {"applied": format_money(applied, target.currency), "deposit": format_money(unapplied, target.currency)}
    if unapplied:
        return gettext("Recorded: %(applied)s settled invoices, %(deposit)s is held as a deposit.") % said
    return gettext("Recorded: %(applied)s settled invoices.") % said
