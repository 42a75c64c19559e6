"""Transfers between locations: planned, sent off, confirmed by the store they go to, settled where something is missing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall, status_column
from inventory import operations
from inventory.admin.figures import STYLE, figure
from inventory.admin.matrix import latest
from inventory.admin.staff_places import of_own, works_at
from inventory.admin.transfer_pages import arrival_page, plan_page
from inventory.models import StockTransfer
from inventory.queries import transfer_lines
from inventory.rules import ON_THE_ROAD, Discrepancy, SettlementAsk, TransferStatus

TONES = {"planned": "warning", "in_transit": "info", "partly_received": "warning", "closed": "success"}


class SettleForm(ReasonForm):
    """What became of the goods."""

    outcome = forms.ChoiceField(
        label=_("what became of the rest"), choices=[(one.value, _(Discrepancy.labels()[one])) for one in Discrepancy]
    )
    field_order: tuple[str, ...] = ("outcome", "reason")


def _settle(call: VerbCall) -> Sequence[Any]:
    outcome = Discrepancy(call.values["outcome"])
    asks = [SettlementAsk(transfer_id=one, outcome=outcome) for one in call.ids]
    return operations.settle_transfers(asks, reason=call.reason, actor=call.actor, at=call.at)


VERBS = (
    Verb(
        name="send", label=_("Send off"), permission="inventory.send_stocktransfer", form=None, icon="local_shipping", variant="primary",
        run=lambda call: operations.send_transfers(call.ids, actor=call.actor, at=call.at),
        offered=lambda row: row.status == TransferStatus.PLANNED,
        explanation=_("The goods leave: they lie “in transit” from now on, and nobody sells them until they are confirmed."),
    ),
    Verb(
        name="settle", label=_("Settle the rest"), permission="inventory.settle_stocktransfer", form=SettleForm, icon="rule", run=_settle,
        offered=lambda row: row.status in ON_THE_ROAD,
        explanation=_("Everything still on the road comes home to where it left, or is written off."),
    ),
    Verb(
        name="cancel", label=_("Cancel the transfer"), permission="inventory.send_stocktransfer", icon="cancel", variant="danger",
        run=lambda call: operations.cancel_transfers(call.ids, reason=call.reason, actor=call.actor, at=call.at),
        offered=lambda row: row.status == TransferStatus.PLANNED,
        explanation=_("It never leaves. What is on the road is settled instead."),
    ),
)  # fmt: skip


@admin.register(StockTransfer)
class StockTransferAdmin(LedgerAdmin):
    """Transfers; staff who are named for locations see and confirm those of theirs."""

    list_display = ("number", "shown_status", "from_location", "to_location", "shown_pieces", "shown_road", "expected_on", "sent_at", "by")
    list_select_related = ("from_location", "to_location")
    list_filter = ("status", "from_location", "to_location")
    ordering = ("-pk",)
    search_fields = ("number",)
    fields = (
        ("number", "status"), ("from_location", "to_location"), ("expected_on", "note"), ("planned_at", "by"), ("sent_at", "closed_at"),
        "shown_lines",
    )  # fmt: skip
    readonly_fields = ("by", "shown_lines")
    verbs = VERBS
    actions_list = ("open_plan",)
    actions_detail = ("arrived",)
    empty_words = _("No transfer fits. Plan one with the button above.")
    shown_status = status_column("status", description=_("status"), tones=TONES)

    class Media:
        css = {"all": STYLE}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.plan_view), name="inventory_stocktransfer_new"),
            path("<int:key>/arrival/", wrap(self.arrival_view), name="inventory_stocktransfer_arrival"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockTransfer]:
        settled = F("lines__received_quantity") + F("lines__home_quantity") + F("lines__lost_quantity")
        found = super().get_queryset(request).select_related("from_location", "to_location")
        found = found.annotate(pieces=Sum("lines__quantity"), settled=Sum(settled))
        return of_own(found, request, "from_location", "to_location")

    def verb_page(self, request: HttpRequest, verb: Verb, *, ids: Sequence[Any], in_bulk: bool = False) -> HttpResponse:
        """Goods are sent off, and transfers called off, by the location that they leave."""
        if verb.name in ("send", "cancel"):
            chosen = self.get_queryset(request).filter(pk__in=[i for i in ids if str(i).isdecimal()])
            foreign = next((row for row in chosen if not works_at(request, row.from_location_id)), None)
            if foreign is not None:
                words = gettext("%(number)s leaves another location than yours: only its staff send it off or cancel it.")
                messages.error(request, words % {"number": foreign.number})
                return HttpResponseRedirect(self._list_url())
        return super().verb_page(request, verb, ids=ids, in_bulk=in_bulk)

    def plan_view(self, request: HttpRequest) -> HttpResponse:
        """A new transfer."""
        return plan_page(request, counter=self)

    def arrival_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What arrived."""
        row = self.get_object(request, str(key))
        if not isinstance(row, StockTransfer) or not self.has_view_permission(request, row):
            raise Http404
        return arrival_page(request, counter=self, transfer=row)

    @action(description=_("Plan a transfer"), url_path="plan", permissions=["plan"], icon="add")  # type: ignore[untyped-decorator]
    def open_plan(self, request: HttpRequest) -> HttpResponse:
        """The button above the list."""
        return HttpResponseRedirect(reverse("admin:inventory_stocktransfer_new"))

    @action(description=_("Confirm the arrival"), url_path="arrived", permissions=["arrived"], icon="barcode_scanner")  # type: ignore[untyped-decorator]
    def arrived(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the confirming page."""
        return HttpResponseRedirect(reverse("admin:inventory_stocktransfer_arrival", args=[object_id]))

    def has_plan_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.send_stocktransfer"))

    def has_arrived_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.receive_stocktransfer"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what is on the road is confirmed, by the location it goes to."""
        row = self.get_object(request, str(object_id))
        fits = row is not None and row.status in ON_THE_ROAD and works_at(request, row.to_location_id)
        return [one for one in super().get_actions_detail(request, object_id) if fits or not one.action_name.endswith("arrived")]

    @display(description=_("pieces in all"))
    def shown_pieces(self, row: Any) -> SafeString:
        return figure(row.pieces or 0)

    @display(description=_("on the road"))
    def shown_road(self, row: Any) -> SafeString:
        return figure((row.pieces or 0) - (row.settled or 0) if row.status in ON_THE_ROAD else 0)

    @display(description=_("planned by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind

    @display(description=_("lines"))
    def shown_lines(self, row: StockTransfer) -> SafeString:
        return latest(
            [
                (
                    line.item, line.name, line.lot_number, figure(line.quantity), figure(line.received_quantity), figure(line.home_quantity),
                    figure(line.lost_quantity), figure(line.on_the_road if row.status in ON_THE_ROAD else 0),
                )
                for line in transfer_lines([row.pk]).get(row.pk, ())
            ],
            (
                _("code"), _("name"), _("lot number"), _("quantity"), _("received"), _("came home"), _("written off"), _("on the road"),
            ),
        )  # fmt: skip
