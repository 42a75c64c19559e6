"""Estimates at the staff counter: issued at the order desk, printed, ordered or declined here."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import LedgerAdmin, PersonalData, ReasonForm, Verb, company_of, money_column, shown_money, status_column
from core.clock import business_date
from core.queries import companies
from customers.queries import search_customers
from orders.models import Estimate
from orders.operations import decline_estimates, order_estimates
from orders.queries import estimate_paper
from orders.rules import EstimateStatus

TONES = {EstimateStatus.OPEN: "info", EstimateStatus.ORDERED: "success", EstimateStatus.DECLINED: "warning"}


class InDateFilter(admin.SimpleListFilter):
    """Those that can still be ordered, and those whose day has passed."""

    title = _("validity")
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("open and valid")), ("0", _("open, out of date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Estimate]) -> QuerySet[Estimate]:
        today, open_ones = clock.today("Asia/Tokyo"), queryset.filter(status=EstimateStatus.OPEN)
        if self.value() == "1":
            return open_ones.filter(valid_until_on__gte=today)
        return open_ones.filter(valid_until_on__lt=today) if self.value() == "0" else queryset


@admin.register(Estimate)
class EstimateAdmin(LedgerAdmin):
    """What customers were offered, and what became of it."""

    company_path = "company"
    list_display = ("number", "issued_at", "buyer_name", "channel", "shown_status", "shown_until", "shown_total", "shown_order")
    list_display_links = ("number",)
    list_select_related = ("channel", "customer", "order", "company")
    list_filter = ("status", InDateFilter, "channel", ("issued_at", admin.DateFieldListFilter))
    search_fields = ("number",)
    search_help_text = _("Estimate number, or what finds the customer: name, phone, e-mail")
    ordering = ("-issued_at", "-id")
    personal = PersonalData(fields=("buyer_name",), subject=lambda row: f"customer:{row.customer.public_id}")
    empty_words = _("No estimate yet. At the order desk, “Issue as an estimate” makes one of what was typed.")
    fields = (
        ("number", "shown_status"), ("buyer_name", "customer"), ("issued_at", "shown_until"), "shown_lines", "shown_total", "note",
        "shown_order", "decline_reason",
    )  # fmt: skip
    readonly_fields = ("shown_status", "shown_until", "shown_lines", "shown_total", "shown_order")
    actions_detail = ("open_paper",)
    shown_status = status_column("status", description=_("status"), tones=TONES)
    shown_total = money_column("total", description=_("total (tax included)"))
    verbs = (
        Verb(
            name="order", label=_("Order it"), permission="orders.place_order", icon="shopping_cart_checkout", variant="primary", form=None,
            offered=lambda e: e.status == EstimateStatus.OPEN,
            explanation=_("The order is placed at the prices of the estimate. Stock is taken now."),
            run=lambda call: order_estimates(call.ids, actor=call.actor, at=call.at),
        ),
        Verb(
            name="decline", label=_("Not wanted"), permission="orders.place_order", icon="thumb_down", form=ReasonForm,
            offered=lambda e: e.status == EstimateStatus.OPEN,
            explanation=_("The estimate can be ordered no more. The reason stays with it."),
            run=lambda call: decline_estimates(call.ids, reason=call.reason, actor=call.actor, at=call.at),
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        return [path("<int:key>/paper/", self.admin_site.admin_view(self.paper_view), name="orders_estimate_paper"), *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Estimate], search_term: str) -> tuple[QuerySet[Estimate], bool]:
        """An exact number, else the estimates of the customers that the words find."""
        word = search_term.strip()
        if not word:
            return queryset, False
        company_id = company_of(request)
        found = search_customers([company_id] if company_id else [c.id for c in companies()], word, limit=200)
        return queryset.filter(Q(number=word.upper()) | Q(customer_id__in=found)), False

    @action(description=_("PDF"), url_path="open-paper", icon="picture_as_pdf", attrs={"target": "_blank"})  # type: ignore[untyped-decorator]
    def open_paper(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_estimate_paper", args=[object_id]))

    def paper_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The estimate as PDF; who opened it is written down."""
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        self._record_reading([row], request=request)
        pdf = estimate_paper(row, language=str(row.draft.get("language") or row.company.language))
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
        return response

    @display(description=_("prices stand until"), ordering="valid_until_on")
    def shown_until(self, row: Estimate) -> Any:
        passed = row.status == EstimateStatus.OPEN and row.valid_until_on < business_date(clock.now(), row.company.timezone)
        return (
            format_html('{} <span class="order-badge order-danger">{}</span>', row.valid_until_on, _("out of date"))
            if passed
            else row.valid_until_on
        )

    @display(description=_("order"))
    def shown_order(self, row: Estimate) -> Any:
        if row.order is None:
            return "-"
        link = reverse("admin:orders_order_change", args=[row.order.pk])
        return format_html('<a class="house-link" href="{}">{}</a>', link, row.order.number)

    @display(description=_("lines"))
    def shown_lines(self, row: Estimate) -> Any:
        lines = (
            (
                line["name"],
                line["sku"],
                line["quantity"],
                shown_money(line["unit_price"], row.currency),
                shown_money(line["amount"], row.currency),
            )
            for line in row.shown.get("lines", ())
        )
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>× {}</td><td>{}</td><td>{}</td></tr>", lines)
        return format_html('<table class="house-lines">{}</table>', body)
