"""Coupons: what each takes off for whom, how often it was used, and by which orders."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from campaigns.admin.masters import customer_link, their_company
from campaigns.models import Coupon, CouponArticle, CouponUse
from campaigns.rules import CouponDeed, CouponKind, coupon_code, worth_fault
from core.admin_site import HouseAdmin, HouseInline, LedgerAdmin, SeenForm, money_column, shown_money, status_column
from core.text import plain
from customers.queries import customers_by_number


class CouponForm(SeenForm):
    """A coupon as it is thought of: a part in per cent, its customer by number, its currency the company's."""

    percent = forms.DecimalField(
        label=_("part off (%)"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    customer_number = forms.CharField(
        label=_("given to (customer number)"), required=False, max_length=20, widget=UnfoldAdminTextInputWidget,
        help_text=_("Only this customer can use it. Empty: everybody who knows the code."),
    )  # fmt: skip

    class Meta:
        model = Coupon
        fields = (
            "company", "code", "name", "kind", "amount", "most_off", "minimum", "starts_at", "until_at", "use_limit", "customer_limit", "campaign",
            "is_shown", "back_when_returned", "ended_at",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["percent"].disabled = True
            self.initial["percent"] = self.instance.percent_bp and Decimal(self.instance.percent_bp) / 100
            self.initial["customer_number"] = self.instance.customer.number if self.instance.customer_id else ""

    def clean_code(self) -> str:
        return coupon_code(self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        company = said.get("company") or (self.instance.company if self.instance.company_id else None)
        if company is not None:
            self.instance.currency = company.currency
            campaign = said.get("campaign")
            if campaign is not None and campaign.company_id != company.pk:
                self.add_error("campaign", gettext("This one belongs to another company."))
            self._take_customer(said.get("customer_number", ""), company_id=company.pk)
        if "percent" in self.fields:
            percent = said.get("percent")
            self.instance.percent_bp = int(percent * 100) if percent is not None else None
        if not self.instance.pk and said.get("kind"):
            worth: dict[str, Any] = {name: said.get(name) for name in ("amount", "most_off")}
            fault = worth_fault(CouponKind(said["kind"]), percent_bp=self.instance.percent_bp, **worth)
            if fault is not None:
                self.add_error(fault.field.removeprefix("/"), gettext(fault.message))
        return said

    def _take_customer(self, number: str, *, company_id: int) -> None:
        wanted = plain(number).strip().upper()
        found = customers_by_number([wanted], company_id=company_id) if wanted else {}
        if wanted and not found:
            self.add_error("customer_number", gettext("There is no such customer."))
        self.instance.customer_id = found.get(wanted)


class ArticleInline(HouseInline):
    """What it is good for; nothing named is everything."""

    model = CouponArticle
    fields = ("variant",)
    autocomplete_fields = ("variant",)
    hide_title = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouponArticle]:
        return super().get_queryset(request).select_related("variant")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


_USED = (
    CouponUse.objects.filter(coupon=OuterRef("pk"))
    .order_by()
    .values("coupon")
    .annotate(n=Sum(Case(When(deed=CouponDeed.USED.value, then=Value(1)), default=Value(-1), output_field=IntegerField())))
    .values("n")
)


@admin.register(Coupon)
class CouponAdmin(HouseAdmin):
    """Coupons, the newest first. What one is worth is decided when it is made: another worth is another coupon."""

    company_path = "company"
    form = CouponForm
    list_display = ("code", "name", "worth", "starts_at", "until_at", "uses", "whose", "ended_at", "company")
    list_select_related = ("company", "customer")
    list_filter = ("company", "kind", ("ended_at", admin.EmptyFieldListFilter), "is_shown")
    search_fields = ("code", "name", "=customer__number")
    search_help_text = _("Code, name or customer number")
    ordering = ("-starts_at", "-id")
    autocomplete_fields = ("company", "campaign")
    inlines = (ArticleInline,)
    readonly_fields = ("uses",)
    empty_words = _("No coupon yet. Make one with a code, what it takes off, and from when on it can be used.")
    fieldsets = (
        (None, {"fields": (("company", "code"), "name", "starts_at", "until_at", "seen")}),
        (_("What it takes off"), {"fields": (("kind", "amount"), ("percent", "most_off"), "minimum")}),
        (_("Who may use it how often"), {"fields": ("customer_number", ("use_limit", "customer_limit"), "is_shown", "uses")}),
        (_("What becomes of it"), {"fields": ("back_when_returned", "campaign", "ended_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        found: QuerySet[Coupon] = super().get_queryset(request).defer("customer__search")
        return found.annotate(used=Coalesce(Subquery(_USED), 0))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**their_company(request), **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Whether there is a limit is decided when it is made: its uses are counted from the first on."""
        kept = ["company", "code", "kind", *(["use_limit"] if obj.use_limit is None else [])] if obj else []
        return [*super().get_readonly_fields(request, obj), *kept]

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """All but the counter, which orders may have moved since the form read it; a use is no change, and raises no version."""
        if change:
            obj.version += 1
        names = [column.name for column in self.opts.concrete_fields if not column.primary_key and column.name != "used_count"]
        obj.save(update_fields=names if change else None)

    @display(description=_("takes off"))
    def worth(self, row: Coupon) -> Any:
        if row.kind == CouponKind.AMOUNT:
            return shown_money(row.amount, row.currency)
        return f"{(row.percent_bp or 0) / 100:g}%"

    @display(description=_("used"))
    def uses(self, row: Coupon) -> Any:
        if row.pk is None:
            return "-"
        used = getattr(row, "used", 0)
        words = f"{used:,}" if row.use_limit is None else f"{used:,}\u00a0/\u00a0{row.use_limit:,}"
        address = reverse("admin:campaigns_couponuse_changelist")
        return format_html('<a class="house-link" href="{}?coupon__id__exact={}">{}</a>', address, row.pk, words)

    @display(description=_("given to"))
    def whose(self, row: Coupon) -> Any:
        return customer_link(row.customer) if row.customer else "-"


@admin.register(CouponUse)
class CouponUseAdmin(LedgerAdmin):
    """Which orders used a coupon, and what was given back; the newest first."""

    company_path = "coupon__company"
    list_display = ("at", "code", "deed_told", "order_link", "who", "off", "by")
    list_select_related = ("coupon", "order", "customer")
    list_filter = ("deed",)
    search_fields = ("=coupon__code", "=order__number", "=customer__number")
    search_help_text = _("Coupon code, order number or customer number")
    ordering = ("-at", "-id")
    fields = ("at", "code", "deed", "order_link", "who", "off", "by")
    readonly_fields = fields
    empty_words = _("No coupon was used yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouponUse]:
        found: QuerySet[CouponUse] = super().get_queryset(request)
        return found.select_related("coupon", "order", "customer").defer("customer__search")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "coupon__id__exact" or super().lookup_allowed(lookup, value, request)

    deed_told = status_column("deed", description=_("what happened"), tones={"used": "info", "given_back": "warning"})
    off = money_column("amount", description=_("amount"), currency="coupon.currency")

    @display(description=_("coupon"), ordering="coupon__code")
    def code(self, row: CouponUse) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:campaigns_coupon_change", args=[row.coupon_id]), row.coupon
        )

    @display(description=_("order"))
    def order_link(self, row: CouponUse) -> Any:
        return format_html('<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order)

    @display(description=_("entered by"))
    def by(self, row: CouponUse) -> str:
        """A customer who orders alone is named beside it already."""
        return row.actor_label or "-"

    @display(description=_("customer"))
    def who(self, row: CouponUse) -> Any:
        return customer_link(row.customer)
