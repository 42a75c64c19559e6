"""The list of SKUs, with the verbs that price and end them."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog import operations
from catalog.admin.columns import found_by, name_of, prices_at
from catalog.models import Listing, Price, PriceList, Variant
from catalog.rules.drafts import ListingAsk, PriceAt
from core import clock
from core.admin_site import HouseAdmin, LedgerInline, ReasonForm, Verb, VerbCall, actor_of, shown_money


class PriceForm(ReasonForm):
    """Which price the chosen SKUs get, and from when."""

    price_list = forms.ModelChoiceField(PriceList.objects.select_related("company").order_by("company", "code"), label=_("price list"))
    amount = forms.IntegerField(
        label=_("unit price"), min_value=0, max_value=10**15, help_text=_("In the currency's smallest unit: yen, cents.")
    )
    min_quantity = forms.IntegerField(label=_("from quantity"), min_value=1, max_value=10**6, initial=1)
    from_on = forms.DateField(label=_("from"), required=False, help_text=_("The day's first moment. Empty: from now on."))


def _set_price(call: VerbCall) -> Any:
    price_list, day = call.values["price_list"], call.values["from_on"]
    from_at = datetime.combine(day, time(), ZoneInfo(price_list.company.timezone)) if day else None
    asks = [
        PriceAt(
            list_code=price_list.code,
            variant_id=variant_id,
            amount=call.values["amount"],
            min_quantity=call.values["min_quantity"],
            from_at=from_at,
        )
        for variant_id in call.ids
    ]
    return operations.set_prices(asks, company_id=price_list.company_id, reason=call.reason, actor=call.actor, at=call.at)


def _end(call: VerbCall) -> int:
    return len(operations.end_variants(call.ids, reason=call.reason, actor=call.actor, at=call.at))


def _list_everywhere(call: VerbCall) -> int:
    return len(operations.put_on_shelf([ListingAsk(variant_id=i) for i in call.ids], actor=call.actor, at=call.at))


class PriceHistory(LedgerInline):
    """What was, is and will be charged: the record for comparative prices."""

    model = Price
    fields = ("price_list", "min_quantity", "shown_amount", "from_at", "until_at", "recorded_at")
    readonly_fields = ("shown_amount", "recorded_at")
    ordering = ("price_list", "min_quantity", "-from_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        return super().get_queryset(request).select_related("price_list")

    @display(description=_("unit price"))
    def shown_amount(self, row: Any) -> Any:
        return shown_money(row.amount, row.price_list.currency)


class Listings(LedgerInline):
    """Where and to whom it is sold; changed in the list of listings."""

    model = Listing
    fields = ("channel", "site", "rank_code", "from_at", "until_at")
    ordering = ("channel", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).select_related("channel", "site")


@admin.register(Variant)
class VariantAdmin(HouseAdmin):
    """SKUs: what is sold."""

    list_display = ("sku", "shown_name", "option", "jan", "shown_price", "purchase_types", "max_quantity", "ended_at")
    list_select_related = ()
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    ordering = ("company", "-pk")
    search_fields = ("sku", "jan")
    search_help_text = _("Name, reading, search word, SKU, JAN or product code; two characters are enough.")
    autocomplete_fields = ("product",)
    fields = (
        "company", "product", ("sku", "jan"), ("option", "option_en"), ("purchase_types", "max_quantity"),
        ("weight_grams", "parcel_size", "position"), "ended_at",
    )  # fmt: skip
    readonly_fields = ("ended_at",)
    inlines = (PriceHistory, Listings)
    verbs = (
        Verb(
            name="set_price", label=_("Set a price"), permission="catalog.add_price", run=_set_price, form=PriceForm, icon="price_change", variant="primary",
            explanation=_("The price before ends and stays on record; the new one holds from the moment given."),
        ),
        Verb(name="list", label=_("List everywhere"), permission="catalog.add_listing", run=_list_everywhere, form=None, icon="storefront"),
        Verb(
            name="end", label=_("End the sale"), permission="catalog.change_variant", run=_end, icon="block", variant="danger",
            offered=lambda row: row.ended_at is None,
        ),
    )  # fmt: skip
    empty_words = _("No SKU fits. Search with fewer letters, or take a filter away.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        price = prices_at(clock.now()).filter(variant=OuterRef("pk"))
        named = super().get_queryset(request).annotate(text_name=name_of("product"))
        return named.annotate(price=Subquery(price.values("amount")[:1]), price_currency=Subquery(price.values("price_list__currency")[:1]))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Variant], search_term: str) -> tuple[QuerySet[Variant], bool]:
        return (found_by(queryset, search_term, product="product"), False) if search_term.strip() else (queryset, False)

    @display(description=_("name"))
    def shown_name(self, row: Any) -> str:
        return row.text_name or "-"

    @display(description=_("unit price"))
    def shown_price(self, row: Any) -> Any:
        return shown_money(row.price, row.price_currency or "JPY")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        operations.refresh_products([form.instance.product_id], actor=actor_of(request), at=clock.now())
