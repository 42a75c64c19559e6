"""The list of products and a product's page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from catalog import operations
from catalog.admin.columns import TONES, found_by, name_of, picture_of, prices_at
from catalog.models import Listing, Price, Product, ProductCategory, ProductImage, ProductText, Variant
from catalog.queries import named_profiles
from catalog.rules import ProductStatus
from core import clock
from core.admin_site import HouseAdmin, HouseInline, Verb, VerbCall, actor_of, shown_money, status_column
from core.queries import companies


class TextInline(StackedInline):
    """The product's words, one block per language."""

    model = ProductText
    extra = 0
    fields = ("name", ("language", "kana"), "summary", "keywords", "description")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VariantInline(HouseInline):
    """The product's SKUs."""

    model = Variant
    fields = ("sku", "jan", "option", "option_en", "purchase_types", "max_quantity", "weight_grams", "position", "ended_at")
    readonly_fields = ("ended_at",)
    ordering = ("position", "pk")


class ImageInline(HouseInline):
    """The product's pictures."""

    model = ProductImage
    fields = ("file", "alt", "position")
    ordering = ("position", "pk")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class PlacementInline(HouseInline):
    """Where the product lies, in each season's tree."""

    model = ProductCategory
    fields = ("category", "is_main")
    autocomplete_fields = ("category",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class ProductForm(ModelForm):  # type: ignore[type-arg]
    """A product, whose workflow profile is one of those there are."""

    class Meta:
        model = Product
        fields = (
            "company", "brand", "code", "status", "kind", "tax_class", "temperature_zone", "content_quantity", "content_unit", "use_days",
            "workflow_profile", "successor_of", "position",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "workflow_profile" in self.fields:
            self.fields["workflow_profile"] = forms.ChoiceField(
                label=self.fields["workflow_profile"].label, required=False, choices=self._profiles(), widget=UnfoldAdminSelectWidget(),
                help_text=_("What orders of this product need. Empty: the company’s default profile."),
            )  # fmt: skip

    def _profiles(self) -> list[tuple[str, str]]:
        """Those of its company; of every company while it has none. A code that is no profile any more stays until another is chosen."""
        own, code = self.instance.company_id, str(self.instance.workflow_profile or "") if self.instance.pk else ""
        found = [(one.code, f"{one.name} ({one.code})") for one in named_profiles([own] if own else [c.id for c in companies()])]
        stale = [(code, gettext("%(code)s (no such profile)") % {"code": code})] if code and code not in dict(found) else []
        return [("", "–"), *found, *stale]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        code, company = said.get("workflow_profile"), said.get("company")
        if code and company is not None and "workflow_profile" in self.changed_data:
            known = [one.code for one in named_profiles([company.pk])]
            if code not in known:
                self.add_error(
                    "workflow_profile",
                    forms.ValidationError(_(operations.UNKNOWN_PROFILE), params={"code": code, "codes": ", ".join(known) or "–"}),
                )
        return said


def _status_verb(status: ProductStatus, name: str, **kwargs: Any) -> Verb:
    def run(call: VerbCall) -> int:
        return operations.change_status(call.ids, status=status, reason=call.reason, actor=call.actor, at=call.at)

    return Verb(name=name, permission="catalog.change_product", run=run, offered=lambda row: row.status != status, **kwargs)


@admin.register(Product)
class ProductAdmin(HouseAdmin):
    """Products: what is described."""

    form = ProductForm
    list_display = ("shown_picture", "shown_name", "shown_code", "shown_status", "shown_price", "shown_sku", "shown_tax", "shown_brand")
    list_display_links = ("shown_picture", "shown_name")
    list_select_related = ("tax_class", "brand")
    list_filter = ("status", "kind", "brand", "tax_class")
    ordering = ("company", "-pk")
    search_fields = ("code",)
    search_help_text = _("Name, reading, search word, SKU, JAN or product code; two characters are enough.")
    autocomplete_fields = ("successor_of",)
    inlines = (TextInline, VariantInline, ImageInline, PlacementInline)
    readonly_fields = ("shown_prices", "shown_listings")
    fieldsets = (
        (None, {"fields": (("company", "brand"), ("code", "status"), ("kind", "tax_class", "temperature_zone"))}),
        (
            _("Content and use"),
            {"fields": (("content_quantity", "content_unit", "use_days"), ("workflow_profile", "successor_of", "position"))},
        ),
        (_("Prices and listings"), {"fields": ("shown_prices", "shown_listings")}),
    )
    verbs = (
        _status_verb(ProductStatus.ACTIVE, "activate", label=_("Put on sale"), icon="storefront", variant="primary"),
        _status_verb(ProductStatus.ENDED, "end", label=_("End the sale"), icon="block", variant="danger"),
    )
    empty_words = _("No product fits. Search with fewer letters, or take a filter away.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        price = prices_at(clock.now()).filter(variant__product=OuterRef("pk"))
        skus = Variant.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                text_name=name_of("pk"),
                picture=picture_of("pk"),
                price=Subquery(price.values("amount")[:1]),
                price_currency=Subquery(price.values("price_list__currency")[:1]),
                first_sku=Subquery(skus.values("sku")[:1]),
            )
        )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Product], search_term: str) -> tuple[QuerySet[Product], bool]:
        return (found_by(queryset, search_term, product="pk"), False) if search_term.strip() else (queryset, False)

    @display(description=_("image"))
    def shown_picture(self, row: Any) -> Any:
        if not row.picture:
            return mark_safe('<span class="material-symbols-outlined text-base-300">image</span>')
        return format_html(
            '<img src="{}" alt="" width="40" height="40" loading="lazy" class="rounded-default">', default_storage.url(row.picture)
        )

    @display(description=_("name"))
    def shown_name(self, row: Any) -> str:
        return row.text_name or row.code

    shown_status = status_column("status", description=_("status"), tones=TONES)

    @display(description=_("unit price"))
    def shown_price(self, row: Any) -> Any:
        return shown_money(row.price, row.price_currency or "JPY")

    @display(description=_("SKU"))
    def shown_sku(self, row: Any) -> Any:
        return _whole(row.first_sku)

    @display(description=_("product code"), ordering="code")
    def shown_code(self, row: Any) -> Any:
        return _whole(row.code)

    @display(description=_("tax class"))
    def shown_tax(self, row: Any) -> Any:
        return _whole(row.tax_class)

    @display(description=_("brand"))
    def shown_brand(self, row: Any) -> Any:
        return _whole(row.brand)

    @display(description=_("prices"))
    def shown_prices(self, row: Any) -> Any:
        """Every price row that holds or will, newest first: the evidence of what was charged stays in the price history."""
        from_today = prices_of(row)
        line = "<tr><td class='pr-6'>{}</td><td class='pr-6'>{}</td><td class='pr-6'>{}</td><td class='pr-6 text-right'>{}</td><td>{}</td></tr>"
        body = format_html_join(
            "",
            line,
            (
                (p.variant.sku, p.price_list.name, gettext("from %(n)s pieces") % {"n": p.min_quantity} if p.min_quantity > 1 else "",
                 shown_money(p.amount, p.price_list.currency), _until(p))
                for p in from_today
            ),
        )  # fmt: skip
        return format_html("<table class='w-full'>{}</table>", body) if body else "-"

    @display(description=_("listings"))
    def shown_listings(self, row: Any) -> Any:
        found = listings_of(row)
        return format_html_join(
            "",
            "<div>{}: {} {}</div>",
            ((item.variant.sku, item.channel or item.site or _("all channels"), item.rank_code) for item in found),
        ) or _("Not listed anywhere: nobody can buy it.")

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        for inner in formset.forms:
            if isinstance(inner.instance, Variant):
                inner.instance.company_id = form.instance.company_id
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        operations.refresh_products([form.instance.pk], actor=actor_of(request), at=clock.now())


def _whole(text: object) -> Any:
    """A short text that isn't broken over lines."""
    return format_html('<span class="whitespace-nowrap">{}</span>', text or "-")


def prices_of(product: Product) -> Any:
    """The product's price rows that haven't ended, by variant and list."""
    at = clock.now()
    open_rows = Price.objects.filter(variant__product=product).exclude(until_at__lte=at)
    return open_rows.select_related("variant", "price_list").order_by(
        "variant__position", "variant_id", "price_list__code", "min_quantity", "from_at"
    )[:200]


def listings_of(product: Product) -> Any:
    """The product's listings that haven't ended."""
    open_rows = Listing.objects.filter(variant__product=product).exclude(until_at__lte=clock.now())
    return open_rows.select_related("variant", "channel", "site").order_by("variant_id", "pk")[:200]


def _until(price: Price) -> str:
    return " – ".join(date_format(localtime(moment), "Y-m-d H:i") if moment else "" for moment in (price.from_at, price.until_at))
