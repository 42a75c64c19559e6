"""Order forms at the staff counter: what is printed on them, and printing them for customers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.queries import variant_keys
from core import clock
from core.admin_site import HouseAdmin, actor_of
from core.errors import HouseError
from core.operations import record_personal_read
from core.text import plain
from customers.queries import customer_rows, customers_by_number
from orders.admin.order_form_paper import FormReader, order_form_paper
from orders.models import OrderForm

MOST_FORMS = 500


class OrderFormForm(forms.ModelForm):  # type: ignore[type-arg]
    """An order form, whose articles exist."""

    class Meta:
        model = OrderForm
        fields = ("company", "code", "name", "channel", "medium", "ad_code", "skus", "note", "ended_at")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        company, channel = said.get("company"), said.get("channel")
        said["skus"] = list(dict.fromkeys(plain(word).strip() for word in said.get("skus") or [] if word.strip()))
        if company is not None:
            known = variant_keys(company.pk, said["skus"])
            if odd := [sku for sku in said["skus"] if sku not in known]:
                self.add_error("skus", forms.ValidationError(_("There is no “%(word)s” in this company."), params={"word": odd[0]}))
            if channel is not None and channel.company_id != company.pk:
                self.add_error("channel", forms.ValidationError(_("It belongs to another company.")))
        return said


@admin.register(OrderForm)
class OrderFormAdmin(HouseAdmin):
    """The order forms that are printed, and what an order that comes back on one is put down to."""

    company_path = "company"
    form = OrderFormForm
    list_display = ("code", "name", "channel", "medium", "ad_code", "company", "ended_at")
    list_display_links = ("code", "name")
    list_select_related = ("channel", "company")
    list_filter = ("channel", "company")
    search_fields = ("code", "name", "ad_code")
    search_help_text = _("Code, name, ad code")
    ordering = ("company", "code")
    fields = (("company", "code"), "name", ("channel", "medium", "ad_code"), "skus", "note", "ended_at")
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    empty_words = _("No order form yet. A form that is printed here finds its customer and medium when it comes back.")
    actions_detail = ("go_print",)

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        return [path("<int:key>/print/", self.admin_site.admin_view(self.print_view), name="orders_orderform_print"), *super().get_urls()]

    @action(description=_("Print"), url_path="go-print", icon="print")  # type: ignore[untyped-decorator]
    def go_print(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_orderform_print", args=[object_id]))

    def print_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """For whom it is printed, then the PDF; whose names stand on it is written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(key))
        if row is None:
            raise Http404
        numbers = list(dict.fromkeys(plain(request.POST.get("numbers", "")).upper().replace("\x00", "").split()))
        if request.method == "POST" and len(numbers) <= MOST_FORMS:
            printed = _printed(row, numbers, request)
            if printed is not None:
                return printed
        elif request.method == "POST":
            messages.error(request, gettext("At most %(most)d forms at a time.") % {"most": MOST_FORMS})
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": gettext("Print order forms"), "row": row,
            "numbers": request.POST.get("numbers", ""), "most": MOST_FORMS, "back": reverse("admin:orders_orderform_change", args=[row.pk]),
        }  # fmt: skip
        return TemplateResponse(request, "orders/admin/order_form_print.html", words)


def _printed(form: OrderForm, numbers: list[str], request: HttpRequest) -> HttpResponse | None:
    """The PDF, a page per customer; None, and words about it, where it cannot be printed."""
    found = {
        row.number: row
        for row in customer_rows(list(customers_by_number(numbers, company_id=form.company_id).values()))
        if row.status != "erased"
    }
    if unknown := [number for number in numbers if number not in found]:
        said = {"numbers": ", ".join(unknown[:10])}
        messages.error(request, gettext("No customer has these numbers: %(numbers)s. Nothing was printed.") % said)
        return None
    rows = [found[number] for number in numbers]
    readers = [FormReader(number=row.number, name=row.organisation_name or row.name) for row in rows] or [FormReader(number="", name="")]
    try:
        pdf = order_form_paper(form, readers, at=clock.now())
    except HouseError as error:
        messages.error(request, error.refusal.text(gettext))
        return None
    seen = [f"customer:{row.public_id}" for row in rows]
    record_personal_read(seen, actor=actor_of(request), screen="order forms", fields=("name", "number"))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="order-form-{form.code}.pdf"'
    return response
