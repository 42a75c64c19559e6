"""Stocktakes at the staff counter: how far they are, what differs and what it is worth, and who may say yes to it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall, VerbForm, status_column
from inventory import operations
from inventory.admin.counting import count_page, sheet_page
from inventory.admin.figures import STYLE, figure, of_items
from inventory.admin.staff_places import of_own
from inventory.admin.stocktake_opening import open_page
from inventory.models import Lot, Stocktake, StocktakeCount, StocktakeLine
from inventory.queries import Variance, stocktake_sums, variances
from inventory.rules import StocktakeStatus, Uncounted

TONES = {"counting": "info", "counted": "warning", "closed": "success", "cancelled": ""}
BARS = 15


class SubmitForm(VerbForm):
    """What the items mean that nobody has counted."""

    uncounted = forms.ChoiceField(
        label=_("items that were not counted"), choices=[(value.value, _(Uncounted.labels()[value])) for value in Uncounted]
    )


def _submit(call: VerbCall) -> Sequence[Any]:
    said = Uncounted(call.values["uncounted"])
    return [operations.submit_stocktake(call.ids[0], uncounted=said, actor=call.actor, at=call.at)]


def _second(call: VerbCall) -> Sequence[Any]:
    return [operations.ask_second_count(call.ids[0], reason=call.reason, actor=call.actor, at=call.at)]


def _approve(call: VerbCall) -> Sequence[Any]:
    return [operations.approve_stocktake(call.ids[0], reason=call.reason, actor=call.actor, at=call.at)]


def _cancel(call: VerbCall) -> Sequence[Any]:
    return operations.cancel_stocktakes(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _discard(call: VerbCall) -> Sequence[Any]:
    return operations.cancel_stocktakes(call.ids, reason=call.reason, actor=call.actor, at=call.at, handed_in=True)


def _is(*statuses: StocktakeStatus) -> Any:
    return lambda row: row.status in statuses


VERBS = (
    Verb(
        name="submit", label=_("Hand in the count"), permission="inventory.count_stocktake", run=_submit, form=SubmitForm, icon="task_alt",
        variant="primary", on_list=False, offered=_is(StocktakeStatus.COUNTING),
        explanation=_("Counting ends. What differs stands against the books of the moment it was counted; sales since then change nothing."),
    ),
    Verb(
        name="approve", label=_("Approve and close"), permission="inventory.approve_stocktake", run=_approve, form=ReasonForm, icon="verified",
        variant="success", on_list=False, offered=_is(StocktakeStatus.COUNTED),
        explanation=_("The differences go into the books. Whoever counted or handed in cannot approve."),
    ),
    Verb(
        name="second", label=_("Count differences again"), permission="inventory.approve_stocktake", run=_second, form=ReasonForm, icon="replay",
        variant="warning", on_list=False, offered=_is(StocktakeStatus.COUNTED),
        explanation=_("Everything that differs is counted a second time; what agreed stays as it is."),
    ),
    Verb(
        name="cancel", label=_("Cancel the stocktake"), permission="inventory.count_stocktake", run=_cancel, form=ReasonForm, icon="block", variant="danger",
        on_list=False, offered=_is(StocktakeStatus.COUNTING),
        explanation=_("Nothing goes into the books. The counts stay on record, and the shelves may be counted anew."),
    ),
    Verb(
        name="discard", label=_("Throw the count away"), permission="inventory.approve_stocktake", run=_discard, form=ReasonForm, icon="block",
        variant="danger", on_list=False, offered=_is(StocktakeStatus.COUNTED),
        explanation=_("Nothing goes into the books. Whoever counted or handed in cannot throw it away."),
    ),
)  # fmt: skip


class OfOwnPlaces(LedgerAdmin):
    """Rows of the reader’s company, and of the locations whose stock they see."""

    to_location = "location"
    to_company = "location__company"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_own(super().get_queryset(request), request, self.to_location, company=self.to_company)


@admin.register(Stocktake)
class StocktakeAdmin(OfOwnPlaces):
    """Every stocktake with its progress."""

    list_display = ("number", "name", "location", "shown_status", "progress", "differing", "started_at", "closed_at", "approver_label")
    list_select_related = ("location",)
    list_filter = ("status", "location")
    search_fields = ("number", "name")
    ordering = ("-pk",)
    actions_list = ("open_one",)
    actions_detail = ("go_count", "go_sheet")
    verbs = VERBS
    empty_words = _("Nothing has been counted yet. Begin with the button above; sales go on meanwhile.")
    fieldsets = ()
    change_form_before_template = "inventory/admin/stocktake.html"
    shown_status = status_column("status", description=_("status"), tones=TONES)

    class Media:
        css = {"all": (*STYLE, "inventory/stocktake.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stocktake]:
        found: QuerySet[Stocktake] = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not (match.url_name or "").endswith("_changelist"):
            return found
        return found.annotate(
            all_lines=Count("lines"), counted_lines=Count("lines__counted"), differing_lines=Count("lines", filter=~Q(lines__difference=0))
        )

    @display(description=_("counted"))
    def progress(self, row: Any) -> str:
        return f"{row.counted_lines:,d} / {row.all_lines:,d}"

    @display(description=_("differences"))
    def differing(self, row: Any) -> Any:
        waits = row.status == StocktakeStatus.COUNTING
        return "–" if waits else figure(row.differing_lines)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template; verbs change the stocktake."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        words = {"page": page_of(row, with_value=account.has_perm("inventory.view_value"))} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open_view), name="inventory_stocktake_open"),
            path("<int:key>/count/", view(self.count_view), name="inventory_stocktake_count"),
            path("<int:key>/sheet/", view(self.sheet_view), name="inventory_stocktake_sheet"),
            *super().get_urls(),
        ]

    def has_count_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.count_stocktake"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        shown = super().get_actions_detail(request, object_id)
        row = self.get_object(request, str(object_id))
        if row is not None and row.status == StocktakeStatus.COUNTING:
            return shown
        return [one for one in shown if not str(one.action_name).endswith(("go_count", "go_sheet"))]

    @action(description=_("Begin a stocktake"), url_path="begin", icon="add_task", permissions=["count"])  # type: ignore[untyped-decorator]
    def open_one(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_open"))

    @action(description=_("Count with the scanner"), url_path="go-count", icon="barcode_scanner", permissions=["count"])  # type: ignore[untyped-decorator]
    def go_count(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_count", args=[object_id]))

    @action(description=_("Count sheet"), url_path="go-sheet", icon="table_view", permissions=["count"])  # type: ignore[untyped-decorator]
    def go_sheet(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_sheet", args=[object_id]))

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """The form that begins a stocktake."""
        if not self.has_count_permission(request):
            raise PermissionDenied
        return open_page(request, counter=self)

    def count_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The scanner screen."""
        row = self._counted_here(request, key)
        return count_page(request, row, counter=self) if row else self._nowhere(request)

    def sheet_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The count sheet, out and in."""
        row = self._counted_here(request, key)
        return sheet_page(request, row, counter=self) if row else self._nowhere(request)

    def _counted_here(self, request: HttpRequest, key: int) -> Stocktake | None:
        if not self.has_count_permission(request):
            raise PermissionDenied
        found: Stocktake | None = self.get_queryset(request).select_related("location").filter(pk=key).first()
        return found

    def _nowhere(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, gettext("There is no such record."))
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_changelist"))


def page_of(row: Stocktake, *, with_value: bool) -> dict[str, Any]:
    """What a stocktake's page shows; while a blind one is being counted it tells nothing of the books."""
    sums = stocktake_sums(row.pk)
    hidden = row.status == StocktakeStatus.COUNTING
    found = [] if hidden else variances(row.pk)
    return {
        "take": row,
        "sums": sums,
        "hidden": hidden,
        "variances": found,
        "bars": _bars([one for one in found if one.value]) if with_value else [],
        "with_value": with_value,
        "currency": row.company.currency,
        "lines": f"{reverse('admin:inventory_stocktakeline_changelist')}?stocktake__id__exact={row.pk}",
        "status": row.get_status_display(),  # type: ignore[attr-defined]
        "tone": TONES[row.status] or "plain",
        "scope": row.get_scope_display(),  # type: ignore[attr-defined]
    }


def _bars(found: Sequence[Variance]) -> list[dict[str, Any]]:
    """The dearest differences as bars to both sides of nothing; the longest is 100 wide."""
    shown = found[:BARS]
    longest = max((abs(one.value or 0) for one in shown), default=1)
    bars = []
    for place, one in enumerate(shown):
        width = max(1, round(100 * abs(one.value or 0) / longest))
        below = (one.value or 0) < 0
        bars.append({"one": one, "width": width, "x": 100 - width if below else 100, "y": place * 22, "below": below})
    return bars


@admin.register(StocktakeLine)
class StocktakeLineAdmin(OfOwnPlaces):
    """Every line of every stocktake: what the books said, what was counted, what differs."""

    list_display = (
        "stocktake", "stock_item", "lot", "shown_expected", "shown_book", "shown_counted", "shown_difference", "counted_at", "is_found",
    )  # fmt: skip
    list_select_related = ("stocktake", "stock_item", "lot")
    list_filter = (("difference", admin.EmptyFieldListFilter), "is_found")
    search_fields = ("stock_item__code",)
    search_help_text = _("Code or name of the item, a SKU that is made of it, or a lot number.")
    ordering = ("-stocktake", F("difference_value").asc(nulls_last=True), "pk")
    fields = (
        ("stocktake", "location"), ("stock_item", "lot"), ("shown_expected", "shown_book", "shown_counted", "shown_difference"),
        ("counted_at", "round"), ("previous_counted", "is_found"), "entries",
    )  # fmt: skip
    readonly_fields = ("shown_expected", "shown_book", "shown_counted", "shown_difference", "entries")
    empty_words = _("No line fits. Search with fewer letters, or take a filter away.")

    class Media:
        css = {"all": STYLE}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A stocktake's page links to its own lines."""
        return lookup == "stocktake__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[call-arg]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        number = search_term.strip()
        by_lot = queryset.filter(lot__in=Lot.objects.filter(number=number)) if number else queryset.none()
        return of_items(queryset, search_term) | by_lot, False

    @display(description=_("in the books at the beginning"))
    def shown_expected(self, row: StocktakeLine) -> Any:
        return self._told(row, row.expected)

    @display(description=_("in the books when counted"))
    def shown_book(self, row: StocktakeLine) -> Any:
        return self._told(row, row.book)

    @display(description=_("counted"))
    def shown_counted(self, row: StocktakeLine) -> Any:
        return "–" if row.counted is None else figure(row.counted)

    @display(description=_("difference"), ordering="difference")
    def shown_difference(self, row: StocktakeLine) -> Any:
        return "–" if row.difference is None else figure(row.difference, signed=True)

    @staticmethod
    def _told(row: StocktakeLine, number: int | None) -> Any:
        """Whoever counts blind reads no figure of the books."""
        if row.stocktake.is_blind and row.stocktake.status == StocktakeStatus.COUNTING:
            return "•••"
        return "–" if number is None else figure(number)

    @display(description=_("counts"))
    def entries(self, row: StocktakeLine) -> str:
        found = StocktakeCount.objects.filter(line=row).order_by("-pk")[:50]
        return render_to_string("inventory/admin/counts.html", {"counts": found})
