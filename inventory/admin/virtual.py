"""What channels may promise: quotas, exclusions, the order of routing rules, and why a channel sees so many."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, VerbCall, VerbForm
from core.queries import open_channels
from inventory.admin.figures import OPEN_OR_ENDED, STYLE, quantity_column
from inventory.admin.sight import of_seen_places, seen_places
from inventory.admin.verbs import MOST
from inventory.models import ChannelFigure, Component, RoutingRule, StockExclusion, StockItem, StockQuota
from inventory.operations import QuotaAsk, end_quotas, set_quotas
from inventory.queries import Explanation, explanations, shelf_keys


class QuotaForm(VerbForm):
    """How many, for whom, until when."""

    channel = StockQuota._meta.get_field("channel").formfield()
    quantity = forms.IntegerField(
        label=_("set aside"), min_value=1, max_value=MOST, help_text=_("In all, with what the channel has sold of it already.")
    )
    until_at = forms.DateTimeField(
        label=_("set aside until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: until it is ended."),
    )
    reason = forms.CharField(label=_("reason"), max_length=200)


def _set_quota(call: VerbCall) -> Sequence[Any]:
    said, keys = call.values, shelf_keys(call.ids)
    asks = [
        QuotaAsk(stock_id=stock_id, channel_id=said["channel"].pk, quantity=said["quantity"], until_at=said["until_at"])
        for stock_id in call.ids
    ]
    return set_quotas(asks, company_id=keys[call.ids[0]].company_id, reason=call.reason, actor=call.actor, at=call.at)


QUOTA_VERB = Verb(
    name="quota", label=_("Set aside for a channel"), permission="inventory.change_stockpool", run=_set_quota, form=QuotaForm, icon="fence",
    on_list=False, explanation=_("Only this channel may sell these pieces, until the day or until the quota is ended."),
)  # fmt: skip


@admin.register(StockQuota)
class StockQuotaAdmin(LedgerAdmin):
    """Pieces set aside for one channel; made on a shelf's page, ended here."""

    list_display = ("stock_item", "location", "channel", "shown_remaining", "shown_quantity", "until_at", "ended_at")
    list_select_related = ("stock_item", "location", "channel")
    list_filter = (OPEN_OR_ENDED, "channel", "location")
    ordering = ("-pk",)
    search_fields = ("stock_item__code",)
    search_help_text = _("Code of the item.")
    fields = (("stock_item", "location"), "channel", ("remaining", "quantity"), "until_at", ("reason", "by"), "ended_at")
    readonly_fields = ("by",)
    empty_words = _("Nothing is set aside. Open a shelf and set pieces aside for a channel.")
    shown_remaining = quantity_column("remaining", description=_("left of it"))
    shown_quantity = quantity_column("quantity", description=_("set aside"))
    verbs = (
        Verb(
            name="end", label=_("End"), permission="inventory.change_stockpool",
            run=lambda call: end_quotas(call.ids, reason=call.reason, actor=call.actor, at=call.at), icon="lock_open",
            offered=lambda row: row.ended_at is None, explanation=_("What is left of it may be sold by every channel again."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockQuota]:
        return of_seen_places(super().get_queryset(request), request)

    @admin.display(description=_("by"))
    def by(self, row: StockQuota) -> str:
        return row.actor_label or row.actor_kind


@admin.register(StockExclusion)
class StockExclusionAdmin(HouseAdmin):
    """What a pool or a channel must not sell."""

    list_display = ("what", "location", "channel", "pool", "reason")
    list_display_links = ("what",)
    list_select_related = ("pool", "channel", "variant", "stock_item", "location")
    list_filter = ("pool", "channel", "location", "company")
    ordering = ("-pk",)
    search_fields = ("stock_item__code", "variant__sku")
    search_help_text = _("Code of the item, or SKU.")
    autocomplete_fields = ("variant", "stock_item", "location")
    fields = ("company", ("pool", "channel"), "variant", ("stock_item", "location"), "reason")
    empty_words = _("Nothing is excluded: every channel sees all that its pool draws on.")

    @admin.display(description=_("excluded"))
    def what(self, row: StockExclusion) -> str:
        return str(row.variant or row.stock_item or _("everything at the location"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(RoutingRule)
class RoutingRuleAdmin(HouseAdmin):
    """From where orders ship: rules are asked in this order, and the first that tells locations apart decides."""

    list_display = ("position", "kind", "location", "most", "channel", "prefecture", "company", "ended_at")
    list_display_links = ("position", "kind")
    list_select_related = ("location", "channel", "company")
    list_filter = (OPEN_OR_ENDED, "kind", "channel", "company")
    ordering = ("company", "position", "pk")
    autocomplete_fields = ("location",)
    fields = (("company", "position"), "kind", ("location", "most"), ("channel", "prefecture"), "ended_at")
    empty_words = _("Without rules an order ships from as few locations as possible, in the order of its pool.")


@admin.register(ChannelFigure)
class ChannelFigureAdmin(LedgerAdmin):
    """What marketplaces were last told."""

    list_display = ("variant", "channel", "units", "told_at")
    list_select_related = ("variant", "channel")
    list_filter = ("channel",)
    ordering = ("-told_at", "-pk")
    search_fields = ("variant__sku",)
    search_help_text = _("SKU")
    fields = ("variant", "channel", "units", "told_at")
    empty_words = _("No channel is told its figures yet. Switch it on for a channel on its pool’s page.")


def explain(counter: Any, request: HttpRequest, key: int) -> HttpResponse:
    """Why each channel sees so many of everything that is made of an item."""
    if not counter.has_view_permission(request):
        raise PermissionDenied
    item = StockItem.objects.filter(pk=key).first()
    works_for = getattr(request.user, "company_id", None)
    if item is None or works_for not in (None, item.company_id):
        raise Http404
    channels = open_channels(item.company_id)
    asked = request.GET.get("channel", "")
    chosen = next((channel for channel in channels if str(channel.id) == asked), channels[0] if channels else None)
    variants = list(Component.objects.filter(stock_item=item).order_by("variant_id").values_list("variant_id", flat=True)[:50])
    places = seen_places(request)
    told = explanations(variants, channel_id=chosen.id, at=clock.now(), places=places) if chosen else {}
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Why a channel sees so many"),
        "item": item,
        "channels": channels,
        "chosen": chosen,
        "told": [
            {"told": one, "sentence": sentence(one, chosen.name if chosen else ""), "kit": len(one.parts) > 1} for one in told.values()
        ],
        "own_places_only": places is not None,
    }
    return TemplateResponse(request, "admin/inventory/explain.html", words)


def sentence(told: Explanation, channel: str) -> str:
    """The answer in one sentence."""
    named = {"channel": channel, "sku": told.sku, "units": told.units}
    if told.is_excluded:
        return gettext("%(channel)s sees none of %(sku)s: the variant is excluded for this channel.") % named
    if told.units is None:
        return gettext("%(channel)s may promise %(sku)s without limit: it is made of nothing stocked.") % named
    if not told.units:
        return gettext("%(channel)s sees none of %(sku)s: no location that counts has a whole unit.") % named
    places = gettext(", ").join(f"{name} {count:,d}" for name, count in told.places if count)
    return gettext("%(channel)s sees %(units)s of %(sku)s: %(places)s.") % {**named, "places": places}
