"""Held orders as a list to be worked off, and the rules that hold them."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.rules import PaymentMethod
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, money_column, status_column
from core.queries import forget_kept
from orders.models import Hold, HoldRule
from orders.operations import tick_off_holds
from orders.rules import HoldKind

FLAGS = ("first_order", "has_remark", "postal_differs", "has_time_band", "over_credit_limit", "awaits_approval")
SHOWN = 4
"""Beginnings of postal codes that a list shows."""
TONES = {
    **dict.fromkeys(HoldKind, "info"),
    **dict.fromkeys((HoldKind.ATTENTION, HoldKind.PAYMENT, HoldKind.SHORT, HoldKind.CREDIT, HoldKind.APPROVAL), "danger"),
}


class OpenFilter(admin.SimpleListFilter):
    """Open holds unless something else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("released", _("released")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("On hold")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        if self.value() == "all":
            return queryset
        return queryset.filter(released_at__isnull=self.value() != "released")


@admin.register(Hold)
class HoldAdmin(LedgerAdmin):
    """What waits for somebody to look at it, the longest first; each hold is ticked off by itself."""

    company_path = "order__company"
    list_display = ("order_number", "kind_label", "reason", "role", "order_total", "raised_at", "released_at")
    list_display_links = ("order_number",)
    list_select_related = ("order", "role")
    list_filter = (OpenFilter, "kind", ("role", admin.RelatedOnlyFieldListFilter), ("order__channel", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=order__number",)
    search_help_text = _("Order number")
    ordering = ("raised_at", "pk")
    fields = (("order_link", "kind_label"), "reason", "role", ("raised_at", "actor_label"), ("released_at", "released_by"))
    readonly_fields = ("order_link", "kind_label")
    empty_words = _("Nothing waits here: no order is on hold.")
    verbs = (
        Verb(
            name="release", label=_("Release"), permission="orders.release_hold",
            run=lambda call: tick_off_holds(call.ids, reason=call.reason, actor=call.actor, at=call.at), icon="play_arrow", variant="primary",
            offered=lambda hold: hold.released_at is None,
            explanation=_("Ticks off this hold with your name and reason. The order goes on when its last hold is released."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    @display(description=_("order number"), ordering="order__id")
    def order_number(self, row: Hold) -> str:
        return row.order.number

    @display(description=_("order"))
    def order_link(self, row: Hold) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order.number
        )

    kind_label = status_column("kind", description=_("kind"), tones=TONES)

    order_total = money_column("order.total", description=_("total"), currency="order.currency")


@admin.register(HoldRule)
class HoldRuleAdmin(HouseAdmin):
    """Which orders somebody looks at before they ship. An order is held by every rule all of whose conditions it meets."""

    company_path = "company"
    list_display = ("position", "name", "kind", "conditions", "role", "company", "ended_at")
    list_display_links = ("name",)
    list_select_related = ("role", "company", "channel")
    list_filter = ("kind", "company")
    search_fields = ("name",)
    search_help_text = _("Reason")
    editable_fields = ("total_from", "kind", "method")
    ordering = ("company", "position", "pk")
    fieldsets = (
        (None, {"fields": (("company", "position"), "name", ("kind", "role"), "ended_at")}),
        (
            _("Conditions, all of which an order must meet"),
            {
                "fields": (
                    ("channel", "method"), ("total_from", "repeats_within_days"), ("first_order", "has_remark"),
                    ("postal_differs", "has_time_band"), ("postal_prefixes", "words"),
                    ("article_pieces_from", "pieces_from"), ("pieces_within_days", "profile"), ("over_credit_limit", "awaits_approval"),
                )
            },
        ),
    )  # fmt: skip
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    empty_words = _("Without rules only orders of customers who ask for attention are held.")
    after_saving = staticmethod(forget_kept)

    class Media:
        css = {"all": ("orders/desk.css",)}

    @display(description=_("conditions"))
    def conditions(self, row: HoldRule) -> str:
        named = {
            "channel": row.channel and row.channel.name,
            "method": row.method and gettext(PaymentMethod.labels()[PaymentMethod(row.method)]),
            "total_from": row.total_from is not None and f"{row.total_from:,d}",
            "profile": row.profile,
            "words": gettext(", ").join([*row.words[:SHOWN], *(["…"] if len(row.words) > SHOWN else [])]),
            "article_pieces_from": row.article_pieces_from is not None and str(row.article_pieces_from),
            "pieces_from": row.pieces_from is not None and str(row.pieces_from),
            "pieces_within_days": row.pieces_within_days is not None and str(row.pieces_within_days),
            "repeats_within_days": row.repeats_within_days is not None and str(row.repeats_within_days),
            "postal_prefixes": gettext(", ").join([*row.postal_prefixes[:SHOWN], *(["…"] if len(row.postal_prefixes) > SHOWN else [])]),
        }
        words = {column.name: column.verbose_name for column in row._meta.fields}
        told = [f"{words[name]}: {value}" for name, value in named.items() if value]
        told += [str(words[name]) for name in FLAGS if getattr(row, name)]
        return " ＋ ".join(told)
