"""Orders at the staff counter: found in one box, read on one page, changed by verbs."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Func, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter
from unfold.decorators import action, display

from core.admin_site import HouseAdmin, PersonalData, Verb, VerbCall, VerbForm, company_of, money_column, status_column
from core.admin_site.verbs import ReasonForm
from core.queries import companies
from orders.admin.changes import change_page
from orders.admin.entry import entry_page
from orders.admin.exports import EXPORT
from orders.admin.page import FULFILMENT_TONES, ORDER_TONES, PAYMENT_TONES, changing, page_of
from orders.admin.receipt import receipt_page
from orders.admin.return_desk import return_desk
from orders.models import Order
from orders.operations import add_order_notes, cancel_orders, raise_holds, release_holds
from orders.queries import MOST_FOUND, find_orders, orders_with_product, papers_of_order, scripts_said
from orders.rules import Visibility

RETURNABLE = ("partly_shipped", "shipped", "delivered")


class HeldFilter(admin.SimpleListFilter):
    """Orders that somebody has to look at before they ship."""

    title = _("holds")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("On hold")), ("0", _("Not on hold"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() == "1":
            return queryset.filter(open_holds__gt=0)
        return queryset.filter(open_holds=0) if self.value() == "0" else queryset


def _most(request: HttpRequest) -> int:
    """So many orders are looked for: far more where a filter or a later page picks some of them, or a file takes them all."""
    return MOST_FOUND if set(request.GET) <= {"q", "o"} and not request.path.endswith("/export/") else MOST_FOUND * 40


class ProductFilter(TextFilter):
    """Orders with a line of this SKU, or of a product whose name has these words: the newest of them."""

    title = _("product")
    parameter_name = "product"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        word = (self.value() or "").strip()
        if not word:
            return queryset
        company_id = getattr(request.user, "company_id", None)
        return queryset.filter(pk__in=orders_with_product([company_id] if company_id else [c.id for c in companies()], word))


class NoteForm(VerbForm):
    """A note, and who may read it."""

    body = forms.CharField(label=_("note"), max_length=2000, widget=forms.Textarea)
    visibility = forms.ChoiceField(
        label=_("visibility"), choices=[(str(v), _(words)) for v, words in Visibility.labels().items()], initial="staff"
    )


def _note(call: VerbCall) -> Any:
    visibility = Visibility(call.values["visibility"])
    return add_order_notes(call.ids, body=call.values["body"], visibility=visibility, actor=call.actor, at=call.at)


def _cancel(call: VerbCall) -> Any:
    return cancel_orders(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _hold(call: VerbCall) -> Any:
    return raise_holds(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _release(call: VerbCall) -> Any:
    return release_holds(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(Order)
class OrderAdmin(HouseAdmin):
    """Every order of every channel."""

    company_path = "company"
    list_display = ("head", "placed_at", "buyer", "channel", "order_label", "payment_label", "fulfilment_label", "holds_label", "sum")
    list_display_links = ("head",)
    list_select_related = ("channel", "customer")
    list_filter = (
        "status", "payment_status", "fulfilment_status", "return_status", HeldFilter, ProductFilter, "channel", "payment_method", ("placed_on", admin.DateFieldListFilter), "company",
    )  # fmt: skip
    search_fields = ("number",)
    search_help_text = _("Number, name in kanji or kana, phone, e-mail, tracking number, outside number")
    ordering = ("-placed_at", "-id")
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No order fits. Take one with the button above, or widen the filters.")
    personal = PersonalData(
        fields=("buyer_name", "buyer_email", "buyer_phone", "destination"), subject=lambda row: f"customer:{row.customer.public_id}"
    )
    export = EXPORT
    actions_list = ("open_desk",)
    fieldsets = ()
    change_form_before_template = "orders/admin/page.html"
    warn_unsaved_form = False
    verbs = (
        Verb(
            name="note", label=_("Add a note"), permission="orders.add_ordernote", run=_note, form=NoteForm, icon="sticky_note_2", on_list=False,
            explanation=_("The customer reads it only where you say so."),
        ),
        Verb(
            name="hold", label=_("Hold"), permission="orders.release_hold", run=_hold, form=ReasonForm, icon="pause",
            explanation=_("Nothing of the order ships until the hold is released."),
            offered=lambda o: o.status in ("pending", "confirmed") and not o.open_holds,
        ),
        Verb(
            name="release", label=_("Release holds"), permission="orders.release_hold", run=_release, form=ReasonForm, icon="play_arrow",
            explanation=_("All open holds are ticked off with your name and reason."), offered=lambda o: bool(o.open_holds),
        ),
        Verb(
            name="cancel", label=_("Cancel order"), permission="orders.cancel_order", run=_cancel, form=ReasonForm, icon="cancel", variant="danger",
            explanation=_("The stock becomes free, the payment is voided, and the customer gets a mail. An order that has left cannot be cancelled."),
            offered=lambda o: o.status in ("pending", "confirmed") and o.fulfilment_status in ("waiting", "planned", "nothing_to_ship"),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        return [
            path("entry/", self.admin_site.admin_view(self.desk_view), name="orders_order_entry"),
            path("<int:key>/changes/", self.admin_site.admin_view(self.changes_view), name="orders_order_changes"),
            path("<int:key>/return/", self.admin_site.admin_view(self.return_view), name="orders_order_return"),
            path("<int:key>/receipt/", self.admin_site.admin_view(self.receipt_view), name="orders_order_receipt"),
            path("<int:key>/print/", self.admin_site.admin_view(self.print_view), name="orders_order_print"),
            *super().get_urls(),
        ]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """The order desk."""
        return entry_page(request, counter=self)

    @action(description=_("Take an order"), url_path="take", permissions=["take"], icon="add_call")  # type: ignore[untyped-decorator]
    def open_desk(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads to the order desk."""
        return HttpResponseRedirect(reverse("admin:orders_order_entry"))

    def has_take_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("orders.place_order"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template; verbs change the order."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        page = page_of(row, may=account.has_perm) if row is not None else None
        words = (
            {
                "page": page,
                "may_place": account.has_perm("orders.place_order"),
                "may_return": account.has_perm("orders.decide_return") and row.fulfilment_status in RETURNABLE,
                "said": scripts_said(row.pk) if page.order.is_of_desk else [],
                "papers": papers_of_order(row.pk) if page.order.is_of_desk else [],
                **changing(row, account),
            }
            if row is not None and page is not None
            else {}
        )
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def changes_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The page on which a placed order is changed."""
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        self._record_reading([row], request=request)
        return change_page(request, row, counter=self)

    def return_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The page on which a return, an exchange or a claim is taken."""
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return return_desk(request, row, counter=self)

    def receipt_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What was invoiced and paid, as the buyer takes it along."""
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        self._record_reading([row], request=request)
        return receipt_page(request, row)

    def print_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The order on paper."""
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        account: Any = request.user
        self._record_reading([row], request=request)
        return TemplateResponse(request, "orders/admin/print.html", {"page": page_of(row, may=account.has_perm)})

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Order], search_term: str) -> tuple[QuerySet[Order], bool]:
        """One box: every fragment of a number, name, reading, mail address or phone; what was typed whole comes first."""
        word = search_term.strip()
        if not word:
            return queryset, False
        company_id = company_of(request)
        most = _most(request)
        found = find_orders([company_id] if company_id else [c.id for c in companies()], word, limit=most)
        if len(found) == most:
            messages.info(request, _("The newest %(count)d that fit are shown. Type more to find others.") % {"count": most})
        hits = queryset.filter(pk__in=found)
        return hits if "o" in request.GET or not found else hits.order_by(Func(Value(found), "pk", function="array_position")), False

    @display(description=_("order number"), ordering="id")
    def head(self, row: Order) -> str:
        return row.number

    @display(description=_("buyer"))
    def buyer(self, row: Order) -> str:
        return row.buyer_name or "-"

    order_label = status_column("status", description=_("order"), tones=ORDER_TONES)
    payment_label = status_column("payment_status", description=_("payment"), tones=PAYMENT_TONES)
    fulfilment_label = status_column("fulfilment_status", description=_("delivery"), tones=FULFILMENT_TONES)
    sum = money_column("total", description=_("total"))

    @display(description=_("holds"))
    def holds_label(self, row: Order) -> Any:
        return format_html('<span class="order-badge order-danger">{}</span>', _("On hold")) if row.open_holds else ""
