"""Shelves: one stock item at one location, its counters, what moved, and the verbs that move it."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import LedgerAdmin, money_column
from inventory.admin.board import board_page
from inventory.admin.figures import LEVEL_TONES, STYLE, explained_link, figure, level, level_words, of_items, quantity_column
from inventory.admin.lots import lots_here
from inventory.admin.matrix import latest
from inventory.admin.sight import of_seen_places
from inventory.admin.verbs import SHELF_VERBS
from inventory.admin.virtual import QUOTA_VERB
from inventory.admin.worth import MAY_SEE, worth_urls
from inventory.models import Movement, Stock
from inventory.rules import UNSELLABLE, StockState

LATEST, PLAIN = 20, 5


def _may_see_value(request: HttpRequest) -> bool:
    account: Any = request.user
    return bool(account.has_perm(MAY_SEE))


class LevelFilter(admin.SimpleListFilter):
    """How much of it may still be sold."""

    title = _("stock level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, level_words(name)) for name in LEVEL_TONES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stock]) -> QuerySet[Stock]:
        left = queryset.annotate(left=F("sellable") - F("allocated") - F("reserved"))
        match self.value():
            case "out":
                return left.filter(left__lte=0)
            case "low":  # as the board and the first page count: also what is sold out, where the item names a figure
                return left.filter(stock_item__low_at__gt=0, left__lte=F("stock_item__low_at"), location__can_ship=True)
            case "enough":
                return left.filter(left__gt=F("stock_item__low_at"))
        return queryset


@admin.register(Stock)
class StockAdmin(LedgerAdmin):
    """Shelves with their counters; changed by receiving, correcting, moving and recounting only."""

    list_display = (
        "stock_item",
        "location",
        "shown_level",
        "shown_free",
        "shown_on_hand",
        "shown_sellable",
        "shown_allocated",
        "shown_reserved",
    )
    list_select_related = ("stock_item", "location", "location__company")
    list_filter = (LevelFilter, "location", ("location__kind", admin.ChoicesFieldListFilter))
    ordering = ("-pk",)
    search_fields = ("stock_item__code",)
    search_help_text = _("Code or name of the item, or a SKU that is made of it.")
    fields = (
        ("stock_item", "location"),
        ("level_in_words", "explained"),
        "counters",
        "lots",
        "movements",
    )
    readonly_fields = ("level_in_words", "counters", "explained", "shown_value", "lots", "movements")
    empty_words = _("Nothing lies here. Receive goods on an item’s page to open a shelf.")
    shown_on_hand = quantity_column("on_hand", description=_("on hand"))
    shown_sellable = quantity_column("sellable", description=_("sellable"))
    shown_allocated = quantity_column("allocated", description=_("allocated"))
    shown_reserved = quantity_column("reserved", description=_("reserved"))
    shown_value = money_column("value", description=_("stock value"), currency="location.company.currency")
    verbs = (*SHELF_VERBS, QUOTA_VERB)
    actions_list = ("open_board", "open_lots", "open_worth")

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stock]:
        return of_seen_places(super().get_queryset(request).select_related("stock_item", "location", "location__company"), request)

    def get_urls(self) -> list[URLPattern]:
        board = path("board/", self.admin_site.admin_view(self.board_view), name="inventory_stock_board")
        return [board, *worth_urls(self.admin_site), *super().get_urls()]

    @action(description=_("Value of stock"), url_path="open-worth", icon="savings", permissions=["see_value"])  # type: ignore[untyped-decorator]
    def open_worth(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stock_worth"))

    def has_see_value_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Asked by name and not by its permission: the check of the latter reads a table before there is one."""
        return _may_see_value(request)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """What it is worth, for those who may see that."""
        return (*self.list_display, *(("shown_value",) if _may_see_value(request) else ()))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        *first, lots, movements = self.fields
        by_lot = (lots,) if obj is not None and obj.has_lots else ()
        return (*first, *(("shown_value",) if _may_see_value(request) else ()), *by_lot, movements)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """What runs low comes with the emptiest first."""
        emptiest = F("sellable") - F("allocated") - F("reserved")
        return (emptiest.asc(), "pk") if request.GET.get("level") == "low" else self.ordering

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """The stock board."""
        return board_page(request, counter=self)

    @action(description=_("Stock board"), url_path="open-board", icon="bar_chart")  # type: ignore[untyped-decorator]
    def open_board(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stock_board"))

    @action(description=_("Lots by expiry"), url_path="open-lots", icon="event_upcoming")  # type: ignore[untyped-decorator]
    def open_lots(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stocklot_changelist"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Stock], search_term: str) -> tuple[QuerySet[Stock], bool]:
        return of_items(queryset, search_term), False

    @display(description=_("stock level"), label=LEVEL_TONES)
    def shown_level(self, row: Any) -> tuple[str, str]:
        name = level(row.sellable - row.allocated - row.reserved, row.stock_item.low_at)
        return name, level_words(name)

    @display(description=_("stock level"))
    def level_in_words(self, row: Any) -> str:
        return self.shown_level(row)[1]

    @display(description=_("free"))
    def shown_free(self, row: Any) -> Any:
        return figure(row.sellable - row.allocated - row.reserved)

    @display(description=_("quantity"))
    def counters(self, row: Any) -> Any:
        """What lies here, what of it may be sold, what is taken and what is left; blocked pieces by state where there are some."""
        told = [
            (_("on hand"), row.on_hand), (_("sellable"), row.sellable), (_("allocated"), row.allocated), (_("reserved"), row.reserved),
            (_("free"), row.sellable - row.allocated - row.reserved),
            *((StockState.labels()[state], pieces) for state in UNSELLABLE if (pieces := getattr(row, state.value))),
        ]  # fmt: skip
        lines = (
            ("" if place < PLAIN else "stock-blocked", gettext(str(words)), f"{pieces:,d}") for place, (words, pieces) in enumerate(told)
        )
        return format_html(
            '<ul class="stock-counters">{}</ul>', format_html_join("", '<li class="{}"><span>{}</span><b>{}</b></li>', lines)
        )

    @display(description=_("lots here"))
    def lots(self, row: Any) -> Any:
        return lots_here(row)

    @display(description=_("what channels see"))
    def explained(self, row: Any) -> Any:
        return explained_link(row.stock_item_id, _("Why a channel sees so many"))

    @display(description=_("latest movements"))
    def movements(self, row: Any) -> Any:
        found = Movement.objects.filter(stock=row).select_related("lot").order_by("-pk")[:LATEST]
        lines = [
            (
                date_format(localtime(m.at), "SHORT_DATETIME_FORMAT"), m.get_kind_display(), figure(m.quantity, signed=True),
                figure(m.sellable_quantity, signed=True), m.lot or "", " ・ ".join(filter(None, (m.cause, m.reason))), m.actor_label or m.actor_kind,
            )
            for m in found
        ]  # fmt: skip
        headings = (_("at"), _("kind"), _("quantity"), _("of which sellable"), _("lot"), _("cause and reason"), _("by"))
        every = f"{reverse('admin:inventory_movement_changelist')}?stock__id__exact={row.pk}"
        return format_html(
            '{}<p class="stock-more"><a href="{}">{}</a></p>', latest(lines, headings), every, _("All movements of this shelf")
        )
