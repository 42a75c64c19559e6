"""Shelves: one stock item at one location, its counters, what moved, and the verbs that move it."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall
from core.errors import Refusal
from core.ids import new_id
from inventory import operations
from inventory.admin.figures import LEVEL_TONES, figure, level, level_words, of_items, quantity_column
from inventory.admin.matrix import latest
from inventory.models import Location, Movement, Stock
from inventory.queries import ShelfKey, shelf_keys
from inventory.rules import Adjustment, MovementKind, Receipt, Transfer, Turn

MOST = 1_000_000
LATEST = 20


class OnceForm(ReasonForm):
    """A form that moves goods once, however often its button is pressed."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: new_id().hex)


class ReceiveForm(OnceForm):
    """What came in."""

    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    unsellable = forms.IntegerField(label=_("of which cannot be sold"), min_value=0, max_value=MOST, initial=0)
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[
            (kind.value, _(MovementKind.labels()[kind])) for kind in (MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.OPENING)
        ],
    )
    lot_number = forms.CharField(label=_("lot number"), max_length=64, required=False)
    expires_on = forms.DateField(label=_("expires on"), required=False)
    field_order = ("kind", "quantity", "unsellable", "lot_number", "expires_on", "reason")


class AdjustForm(OnceForm):
    """By how much the figure was wrong."""

    quantity = forms.IntegerField(label=_("difference"), min_value=-MOST, max_value=MOST, help_text=_("More pieces: 3. Fewer: -3."))
    only_unsellable = forms.BooleanField(label=_("only pieces that cannot be sold"), required=False)
    field_order = ("quantity", "only_unsellable", "reason")


class TransferForm(OnceForm):
    """How many go where."""

    to = forms.ModelChoiceField(Location.objects.filter(ended_at=None).order_by("company", "priority", "pk"), label=_("to location"))
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    field_order = ("to", "quantity", "reason")


class TurnForm(OnceForm):
    """How many, and which way."""

    way = forms.ChoiceField(label=_("what happens"), choices=[("-", _("may no longer be sold")), ("+", _("may be sold again"))])
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    field_order = ("way", "quantity", "reason")


def _each(call: VerbCall, ask: Callable[[ShelfKey, str], Any], do: Callable[..., Sequence[Any]]) -> Sequence[Any]:
    """One operation for the shelves chosen; they all belong to one company as a rule, else to the first one's."""
    keys = shelf_keys(call.ids)
    chosen = [keys[stock_id] for stock_id in call.ids]
    asks = [ask(key, f"admin:{call.values['once']}:{key.stock_id}") for key in chosen]
    return do(asks, company_id=chosen[0].company_id, reason=call.reason, actor=call.actor, at=call.at)


def _receive(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Receipt(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"],
            sellable_quantity=said["quantity"] - said["unsellable"], kind=MovementKind(said["kind"]), lot_number=said["lot_number"],
            expires_on=said["expires_on"], once_key=once, cause=f"admin:{said['kind']}",
        ),
        operations.receive_stock,
    )  # fmt: skip


def _adjust(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Adjustment(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"],
            sellable_quantity=0 if said["only_unsellable"] else None, once_key=once, cause="admin:adjustment",
        ),
        operations.adjust_stock,
    )  # fmt: skip


def _transfer(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Transfer(
            stock_item_id=key.stock_item_id, from_location_id=key.location_id, to_location_id=said["to"].pk, quantity=said["quantity"],
            once_key=once, cause="admin:transfer",
        ),
        operations.transfer_stock,
    )  # fmt: skip


def _turn(call: VerbCall) -> Sequence[Any]:
    said = call.values
    sign = 1 if said["way"] == "+" else -1
    return _each(
        call,
        lambda key, once: Turn(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=sign * said["quantity"], once_key=once,
            cause="admin:inspection",
        ),
        operations.turn_stock,
    )  # fmt: skip


def _recount(call: VerbCall) -> int:
    found = operations.recount_stock(call.ids, reason=call.reason, actor=call.actor, at=call.at)
    return sum(not isinstance(result, Refusal) for result in found)


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
            case "low":
                return left.filter(left__gt=0, left__lte=F("stock_item__low_at"))
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
    list_select_related = ("stock_item", "location")
    list_filter = (LevelFilter, "location", ("location__kind", admin.ChoicesFieldListFilter))
    ordering = ("-pk",)
    search_fields = ("stock_item__code",)
    search_help_text = _("Code or name of the item, or a SKU that is made of it.")
    fields = (("stock_item", "location"), "shown_level", ("on_hand", "sellable", "allocated", "reserved"), "shown_free", "movements")
    readonly_fields = ("shown_level", "shown_free", "movements")
    empty_words = _("Nothing lies here. Receive goods on an item’s page to open a shelf.")
    shown_on_hand = quantity_column("on_hand", description=_("on hand"))
    shown_sellable = quantity_column("sellable", description=_("sellable"))
    shown_allocated = quantity_column("allocated", description=_("allocated"))
    shown_reserved = quantity_column("reserved", description=_("reserved"))
    verbs = (
        Verb(
            name="receive", label=_("Receive"), permission="inventory.receive_stock", run=_receive, form=ReceiveForm, icon="input",
            variant="primary", on_list=False, explanation=_("The goods are on hand from now on and may be sold."),
        ),
        Verb(
            name="adjust", label=_("Correct"), permission="inventory.adjust_stock", run=_adjust, form=AdjustForm, icon="exposure",
            on_list=False, explanation=_("Writes the difference to the ledger. What is promised to orders cannot be taken away."),
        ),
        Verb(
            name="transfer", label=_("Move"), permission="inventory.adjust_stock", run=_transfer, form=TransferForm, icon="swap_horiz",
            on_list=False, explanation=_("Takes free pieces to another location, out and in at once."),
        ),
        Verb(
            name="turn", label=_("Block or free"), permission="inventory.adjust_stock", run=_turn, form=TurnForm, icon="block", on_list=False,
            explanation=_("Pieces that are damaged or being checked stay on hand but are not sold."),
        ),
        Verb(
            name="recount", label=_("Recount"), permission="inventory.adjust_stock", run=_recount, icon="calculate",
            explanation=_("Compares the counters with their movements, allocations and reservations, and sets them right where they differ."),
        ),
    )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Stock], search_term: str) -> tuple[QuerySet[Stock], bool]:
        return of_items(queryset, search_term), False

    @display(description=_("stock level"), label=LEVEL_TONES)
    def shown_level(self, row: Any) -> tuple[str, str]:
        name = level(row.sellable - row.allocated - row.reserved, row.stock_item.low_at)
        return name, level_words(name)

    @display(description=_("free"))
    def shown_free(self, row: Any) -> Any:
        return figure(row.sellable - row.allocated - row.reserved)

    @display(description=_("latest movements"))
    def movements(self, row: Any) -> Any:
        found = Movement.objects.filter(stock=row).select_related("lot").order_by("-pk")[:LATEST]
        lines = [
            (
                date_format(localtime(m.at), "SHORT_DATETIME_FORMAT"), m.get_kind_display(), figure(m.quantity, signed=True),
                figure(m.sellable_quantity, signed=True), m.lot or "", m.cause, m.reason, m.actor_label or m.actor_kind,
            )
            for m in found
        ]  # fmt: skip
        headings = (_("at"), _("kind"), _("quantity"), _("of which sellable"), _("lot"), _("cause"), _("reason"), _("by"))
        every = f"{reverse('admin:inventory_movement_changelist')}?stock__id__exact={row.pk}"
        return format_html(
            '{}<p style="margin-top:.5rem"><a href="{}">{}</a></p>', latest(lines, headings), every, _("All movements of this shelf")
        )
