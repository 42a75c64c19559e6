"""Lots on their shelves by the day they expire, what channels can no longer sell of them, and the verb that takes them off sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import LedgerAdmin, Verb, VerbCall
from core.money import format_money
from core.queries import companies
from inventory import operations
from inventory.admin.figures import STYLE, figure, of_items, quantity_column, shelf_link
from inventory.admin.lot_chart import months_of, sums_of
from inventory.admin.matrix import latest
from inventory.admin.sight import of_seen_places, seen_places
from inventory.admin.verbs import OnceForm, state_choices
from inventory.admin.worth import MAY_SEE
from inventory.models import ShelfLife, StockLot
from inventory.queries import closed_to, closed_to_channels, expired_promises, expiry_days, too_short_for
from inventory.rules import StockState
from inventory.rules.value import share

MONTHS, SHOWN, MOST_HERE = 12, 20, 30
WITHIN = (7, 30, 60, 90)


def today_here() -> date:
    """The day by which the screen says what has expired."""
    return clock.business_date(clock.now(), settings.TIME_ZONE)


class DaysLeftFilter(admin.SimpleListFilter):
    """How long they still keep."""

    title = _("days left")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("expired", _("Expired")),
            *((str(n), ngettext("%(n)d day or less", "%(n)d days or less", n) % {"n": n}) for n in WITHIN),
            ("none", _("No expiry date")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockLot]) -> QuerySet[StockLot]:
        today, wanted, queryset = today_here(), self.value() or "", queryset.filter(on_hand__gt=0)
        if wanted == "expired":
            return queryset.filter(lot__expires_on__lt=today)
        if wanted == "none":
            return queryset.filter(lot__expires_on=None)
        if wanted in map(str, WITHIN):
            return queryset.filter(lot__expires_on__gte=today, lot__expires_on__lte=today + timedelta(days=int(wanted)))
        # A shelf's own lots are all shown; everywhere, those that expire, in the order of an index.
        return queryset if "stock__id__exact" in request.GET else queryset.filter(lot__expires_on__isnull=False)


class TooShortForFilter(admin.SimpleListFilter):
    """Which channel no longer sells them, because they do not keep as long as it wants."""

    title = _("too short for the channel")
    parameter_name = "short"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        lives = ShelfLife.objects.select_related("channel").order_by("-least_days", "pk")
        return [(str(life.channel_id), f"{life.channel.name} ({life.least_days})") for life in lives]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockLot]) -> QuerySet[StockLot]:
        wanted = self.value() or ""
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
            return queryset
        return queryset.filter(pk__in=too_short_for(int(wanted), today=today_here()))


class AsideForm(OnceForm):
    """Where they go."""

    to_state = forms.ChoiceField(
        label=_("to state"),
        choices=state_choices(StockState.EXPIRED, StockState.QUARANTINE, StockState.QUALITY_CHECK, StockState.DAMAGED),
        initial=StockState.EXPIRED.value,
    )
    field_order: tuple[str, ...] = ("to_state", "reason")


def _set_aside(call: VerbCall) -> Sequence[Any]:
    return operations.set_lots_aside(
        call.ids, to_state=StockState(call.values["to_state"]), once_key=f"admin:{call.values['once']}", reason=call.reason,
        actor=call.actor, at=call.at,
    )  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A figure above the list, with the list it opens."""

    words: str
    pieces: int
    value: str
    tone: str
    link: str


@admin.register(StockLot)
class StockLotAdmin(LedgerAdmin):
    """What expires when, where it lies, and who may still sell it."""

    list_display = (
        "shown_lot", "stock_item", "location", "expires_on", "shown_left", "shown_on_hand", "shown_sellable", "shown_picked", "shown_closed",
    )  # fmt: skip
    list_select_related = ()
    list_filter = (DaysLeftFilter, "stock__location", TooShortForFilter)
    ordering = ("lot__expires_on", "pk")
    search_fields = ("=lot__number",)
    search_help_text = _("Lot number, code or name of the item, or a SKU that is made of it.")
    fields = (
        ("shown_lot", "shelf"), ("expires_on", "shown_left", "received_on"), ("on_hand", "sellable", "picked"), "states", "shown_closed",
    )  # fmt: skip
    readonly_fields = ("shown_lot", "shelf", "expires_on", "shown_left", "received_on", "states", "shown_closed", "shown_value")
    list_before_template = "inventory/admin/expiring.html"
    empty_words = _("No lot fits. Take a filter away, or receive goods with a lot.")
    shown_on_hand = quantity_column("on_hand", description=_("on hand"))
    shown_sellable = quantity_column("sellable", description=_("sellable"))
    shown_picked = quantity_column("picked", description=_("picked"))
    verbs = (
        Verb(
            name="aside", label=_("Take off sale"), permission="inventory.adjust_stock", run=_set_aside, form=AsideForm, icon="event_busy",
            variant="primary", offered=lambda row: row.lot_id is not None and row.sellable > row.picked,
            explanation=_("Every free piece of the lot goes into the state you choose. What is promised to orders stays, and you are told."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": (*STYLE, "inventory/board.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLot]:
        found = super().get_queryset(request).annotate(closed_to=closed_to(today=today_here()))
        found = found.select_related("lot", "stock__stock_item", "stock__location__company")
        return of_seen_places(found, request, path="stock__location")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return (*self.list_display, *(("shown_value",) if _may_see_value(request) else ()))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return (*self.fields, *(("shown_value",) if _may_see_value(request) else ()))

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Inside one shelf those that keep for ever come last; elsewhere none of them is shown."""
        return (F("lot__expires_on").asc(nulls_last=True), "pk") if "stock__id__exact" in request.GET else self.ordering

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A shelf's page links to its own lots."""
        return lookup == "stock__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[call-arg]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[StockLot], search_term: str) -> tuple[QuerySet[StockLot], bool]:
        """A lot is scanned by its whole number; else an item is meant."""
        if not search_term.strip():
            return queryset, False
        by_number = queryset.filter(lot__number=search_term.strip())
        return (by_number if by_number.exists() else of_items(queryset, search_term, item="stock__stock_item")), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words: dict[str, Any] = {"title": gettext("Lots by expiry"), "above": None}
        if not any(name in request.GET for name in ("q", "stock__id__exact")) and self.has_view_permission(request):
            words["above"] = _above(request, address=reverse("admin:inventory_stocklot_changelist"))
        return super().changelist_view(request, {**words, **(extra_context or {})})

    @display(description=_("lot"), ordering="lot__number")
    def shown_lot(self, row: StockLot) -> str:
        return row.lot.number if row.lot else gettext("Nobody named it")

    @display(description=_("stock item"))
    def stock_item(self, row: StockLot) -> str:
        return str(row.stock.stock_item)

    @display(description=_("location"))
    def location(self, row: StockLot) -> SafeString:
        return shelf_link(row.stock_id, row.stock.location.name)

    @display(description=_("shelf"))
    def shelf(self, row: StockLot) -> SafeString:
        return shelf_link(row.stock_id, str(row.stock))

    @display(description=_("expires on"), ordering="lot__expires_on")
    def expires_on(self, row: StockLot) -> Any:
        return row.lot.expires_on if row.lot else None

    @display(description=_("came in on"))
    def received_on(self, row: StockLot) -> Any:
        return row.lot.received_on if row.lot else None

    @display(description=_("days left"))
    def shown_left(self, row: StockLot) -> Any:
        if row.lot is None or row.lot.expires_on is None:
            return "–"
        left = (row.lot.expires_on - today_here()).days
        tone = "stock-out" if left < 0 else "stock-low" if left <= 30 else ""
        words = gettext("past expiry") if left < 0 else ngettext("%(n)d day", "%(n)d days", left) % {"n": left}
        return format_html('<span class="{}">{}</span>', tone, words)

    @display(description=_("not sold any more by"))
    def shown_closed(self, row: Any) -> str:
        return "、".join(row.closed_to) or "–"

    @display(description=_("by state"))
    def states(self, row: StockLot) -> str:
        lying = [(state, getattr(row, "sellable" if state is StockState.AVAILABLE else state.value)) for state in StockState]
        return " ・ ".join(f"{gettext(StockState.labels()[state])} {pieces:,d}" for state, pieces in lying if pieces)

    @display(description=_("stock value"))
    def shown_value(self, row: StockLot) -> SafeString:
        value = share(row.stock.value, row.on_hand, row.stock.on_hand)
        return format_html('<span class="house-money">{}</span>', format_money(value, row.stock.location.company.currency))


def lots_here(stock: Any) -> SafeString:
    """The lots of one shelf, those that expire first on top: a line each, which opens the lot."""
    found = (
        StockLot.objects.filter(stock=stock, on_hand__gt=0).select_related("lot").order_by(F("lot__expires_on").asc(nulls_last=True), "pk")
    )
    today, lines = today_here(), []
    for row in found[: MOST_HERE + 1]:
        left = (row.lot.expires_on - today).days if row.lot and row.lot.expires_on else None
        name = row.lot.number if row.lot else gettext("Nobody named it")
        words = "–" if left is None else gettext("past expiry") if left < 0 else ngettext("%(n)d day", "%(n)d days", left) % {"n": left}
        lines.append(
            (
                format_html('<a class="house-link" href="{}">{}</a>', reverse("admin:inventory_stocklot_change", args=[row.pk]), name),
                date_format(row.lot.expires_on, "SHORT_DATE_FORMAT") if row.lot and row.lot.expires_on else "–", words,
                figure(row.on_hand), figure(row.sellable), figure(row.picked),
            )
        )  # fmt: skip
    headings = (_("lot"), _("expires on"), _("days left"), _("on hand"), _("sellable"), _("picked"))
    every = f"{reverse('admin:inventory_stocklot_changelist')}?stock__id__exact={stock.pk}"
    table = latest(lines[:MOST_HERE], headings)
    return format_html('{}<p class="stock-more"><a href="{}">{}</a></p>', table, every, _("All lots of this shelf"))


def _may_see_value(request: HttpRequest) -> bool:
    account: Any = request.user
    return bool(account.has_perm(MAY_SEE))


def _currency() -> str:
    """In what sums of several companies are told: the first one's money, which is everybody's in a group of one country."""
    return next((company.currency for company in companies()), "JPY")


def _above(request: HttpRequest, *, address: str) -> dict[str, Any]:
    """What stands above the list: figures, the chart of the months, what channels lost, and what needs a person."""
    today, seen, sees_value = today_here(), seen_places(request), _may_see_value(request)
    days = expiry_days(seen, until=date(today.year + 1, today.month, 1))
    currency = _currency()

    def in_currency(value: int) -> str:
        return format_money(value, currency)

    sums = sums_of(days, today=today, within=WITHIN)
    figures = [
        Figure(
            words=gettext("past expiry") if name == "expired" else gettext("within %(n)s days") % {"n": name}, pieces=pieces,
            value=in_currency(value) if sees_value else "", tone=("bad" if name == "expired" else "warn" if name == "7" else "") if pieces else "",
            link=f"{address}?left={name}",
        )
        for name, pieces, value in sums
    ]  # fmt: skip
    return {
        "figures": figures,
        "chart": months_of(days, today=today, months=MONTHS),
        "channels": closed_to_channels(seen, today=today),
        "promised": expired_promises(seen, today=today, limit=SHOWN),
        "sees_value": sees_value,
        "currency": currency,
        "address": address,
    }
