"""Returns, exchanges and claims as a list to be worked off, and the page of a case."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, PersonalData, Verb, VerbCall, VerbForm, money_column, status_column
from core.admin_site.verbs import ReasonForm
from core.queries import company_context
from orders.admin.photos import photo_page, photos_added
from orders.admin.return_work import work_page
from orders.models import ReturnCase
from orders.operations import (
    SettleAsk,
    approve_returns,
    note_refunds,
    refuse_returns,
    reship_undelivered,
    settle_returns,
    withdraw_returns,
)
from orders.queries import CaseView, case_view, order_view, photos_of
from orders.rules import (
    OPEN_CASES,
    ExchangeTiming,
    PhotoOf,
    PostageBearer,
    RefundWay,
    ReturnCondition,
    ReturnKind,
    ReturnStatus,
)

KIND_TONES = {ReturnKind.RETURN: "info", ReturnKind.EXCHANGE: "info", ReturnKind.CLAIM: "warning", ReturnKind.UNDELIVERED: "danger"}
CASE_TONES = {
    ReturnStatus.REQUESTED: "warning",
    ReturnStatus.APPROVED: "info",
    ReturnStatus.PARTLY_RECEIVED: "warning",
    ReturnStatus.RECEIVED: "warning",
    ReturnStatus.INSPECTED: "warning",
    ReturnStatus.SETTLED: "success",
}
TO_RECEIVE = (ReturnStatus.APPROVED, ReturnStatus.PARTLY_RECEIVED)
TO_INSPECT = (ReturnStatus.PARTLY_RECEIVED, ReturnStatus.RECEIVED)


class WorkFilter(admin.SimpleListFilter):
    """What is to be done next; cases that are open unless something else is asked for."""

    title = _("to be done")
    parameter_name = "do"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("decide", _("To decide")),
            ("await", _("Goods awaited")),
            ("inspect", _("To inspect")),
            ("settle", _("To settle")),
            ("refund", _("To refund")),
            ("ended", _("Settled or ended")),
            ("all", _("all")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Everything open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReturnCase]) -> QuerySet[ReturnCase]:
        wanted = self.value()
        states = {
            None: OPEN_CASES,
            "decide": (ReturnStatus.REQUESTED,),
            "await": TO_RECEIVE,
            "inspect": TO_INSPECT,
            "settle": (ReturnStatus.INSPECTED,),
        }
        if wanted == "refund":
            return queryset.filter(refund_total__gt=F("refunded_total"))
        if wanted == "ended":
            return queryset.exclude(status__in=OPEN_CASES)
        return queryset.filter(status__in=states[wanted]) if wanted in states else queryset


class SettleForm(VerbForm):
    """Whether what has not come is still waited for."""

    rest_stays = forms.BooleanField(
        label=_("The rest stays with the customer"), required=False, help_text=_("Only what is here and inspected is settled.")
    )


def _settle(call: VerbCall) -> Any:
    asks = [SettleAsk(case_id=key, rest_stays=bool(call.values.get("rest_stays"))) for key in call.ids]
    return settle_returns(asks, actor=call.actor, at=call.at)


@admin.register(ReturnCase)
class ReturnCaseAdmin(LedgerAdmin):
    """What customers send back, want instead, or complain of: the longest waiting first."""

    company_path = "company"
    list_display = ("number", "kind_label", "status_label", "order_number", "buyer", "requested_at", "to_refund", "company")
    list_display_links = ("number",)
    list_select_related = ("order", "company", "customer")
    list_filter = (WorkFilter, "kind", "company")
    search_fields = ("=number", "=order__number")
    search_help_text = _("Case number or order number; scan the slip")
    ordering = ("requested_at", "pk")
    fieldsets = ()
    change_form_before_template = "orders/admin/return_case.html"
    warn_unsaved_form = False
    show_facets = admin.ShowFacets.NEVER
    personal = PersonalData(fields=("buyer_name", "remark"), subject=lambda row: f"customer:{row.customer.public_id}")
    empty_words = _("Nothing is to be done here. Take a return with the button on the page of its order.")
    verbs = (
        Verb(
            name="approve", label=_("Approve"), permission="orders.decide_return", icon="check", variant="primary", form=None,
            run=lambda call: approve_returns(call.ids, actor=call.actor, at=call.at), offered=lambda c: c.status == "requested",
            explanation=_("The goods are awaited, what is sent instead is ordered, and the customer is written to."),
        ),
        Verb(
            name="settle", label=_("Settle"), permission="orders.settle_return", icon="price_check", variant="primary", form=SettleForm,
            run=_settle, offered=lambda c: c.status in ("inspected", "partly_received"),
            explanation=_("What was accepted is credited at exactly what it was invoiced at. A card gets its money back; other refunds are noted once they are transferred."),
        ),
        Verb(
            name="refund", label=_("Refund was transferred"), permission="orders.settle_return", icon="currency_exchange", variant="primary", form=None,
            run=lambda call: note_refunds(call.ids, actor=call.actor, at=call.at), offered=lambda c: c.refund_total > c.refunded_total,
            explanation=_("The amount has left our account: it is booked out of what the customer had paid."),
        ),
        Verb(
            name="reship", label=_("Send once more"), permission="orders.decide_return", icon="local_shipping", form=None,
            run=lambda call: reship_undelivered(call.ids, actor=call.actor, at=call.at),
            offered=lambda c: c.kind == "undelivered" and c.exchange_order_id is None and c.settled_at is None,
            explanation=_("The same goods are ordered to the same address, paid with what had been paid."),
        ),
        Verb(
            name="refuse", label=_("Refuse"), permission="orders.decide_return", icon="block", variant="danger", form=ReasonForm,
            run=lambda call: refuse_returns(call.ids, reason=call.reason, actor=call.actor, at=call.at), offered=lambda c: c.status == "requested",
            explanation=_("The customer is written to, with your reason."),
        ),
        Verb(
            name="withdraw", label=_("Withdraw"), permission="orders.decide_return", icon="undo", form=ReasonForm,
            run=lambda call: withdraw_returns(call.ids, reason=call.reason, actor=call.actor, at=call.at),
            offered=lambda c: c.status in ("requested", "approved"), explanation=_("Nothing is awaited any more; what was to be sent instead is cancelled."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:key>/work/", self.admin_site.admin_view(self.work_view), name="orders_returncase_work"),
            path("<int:key>/photos/", self.admin_site.admin_view(self.photos_view), name="orders_returncase_photos"),
            path("photos/<uuid:ref>/", self.admin_site.admin_view(photo_page), name="orders_casephoto_file"),
            path("<int:key>/slip/", self.admin_site.admin_view(self.slip_view), name="orders_returncase_slip"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template; verbs change the case."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        words = case_words(row.pk, request=request) if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def work_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Goods are received and inspected."""
        row = self._row(request, key)
        return work_page(request, row.pk, counter=self)

    def photos_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Photos are added."""
        row = self._row(request, key)
        back = reverse("admin:orders_returncase_change", args=[row.pk])
        return photos_added(request, PhotoOf(case_id=row.pk), permission="orders.decide_return", back=back)

    def slip_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The slip that goes with the goods."""
        row = self._row(request, key)
        self._record_reading([row], request=request)
        case = case_view(row.pk)
        order = order_view(row.order_id)
        words = {
            "case": case,
            "order": order,
            "company": company_context(row.company_id),
            "kind": gettext(ReturnKind.labels()[ReturnKind(row.kind)]),
        }
        return TemplateResponse(request, "orders/admin/return_slip.html", words)

    def _row(self, request: HttpRequest, key: int) -> ReturnCase:
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row  # type: ignore[no-any-return]

    kind_label = status_column("kind", description=_("kind"), tones=KIND_TONES)
    status_label = status_column("status", description=_("status"), tones=CASE_TONES)
    to_refund = money_column("refund_total", description=_("to be refunded"), currency="order.currency")

    @display(description=_("order number"), ordering="order__id")
    def order_number(self, row: ReturnCase) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order.number
        )

    @display(description=_("buyer"))
    def buyer(self, row: ReturnCase) -> str:
        return row.order.buyer_name or "-"


def case_words(key: int, *, request: HttpRequest) -> dict[str, Any]:
    """What the page of a case shows."""
    account: Any = request.user
    case = case_view(key)
    assert case is not None
    may_work = account.has_perm("orders.receive_return") and ReturnStatus(case.status) in {*TO_RECEIVE, *TO_INSPECT}
    undelivered = case.kind == ReturnKind.UNDELIVERED and any(line.waiting for line in case.lines)
    may_add = account.has_perm("orders.decide_return") and ReturnStatus(case.status) in OPEN_CASES
    photos = {
        "photos": photos_of(case_ids=[key]).get(("case", key), []),
        "photo_action": reverse("admin:orders_returncase_photos", args=[key]) if may_add else "",
    }
    return {**photos, "case": case, "words": case_labels(case), "may_work": may_work or undelivered, "steps": case_steps(case)}


def case_labels(case: CaseView) -> dict[str, Any]:
    """The enumerations of a case in words."""
    status, kind = ReturnStatus(case.status), ReturnKind(case.kind)
    return {
        "status": gettext(ReturnStatus.labels()[status]),
        "status_tone": CASE_TONES.get(status, ""),
        "kind": gettext(ReturnKind.labels()[kind]),
        "kind_tone": KIND_TONES[kind],
        "postage_by": gettext(PostageBearer.labels()[PostageBearer(case.postage_by)]),
        "refund_way": gettext(RefundWay.labels()[RefundWay(case.refund_way)]),
        "timing": gettext(ExchangeTiming.labels()[ExchangeTiming(case.exchange_timing)]),
        "conditions": {str(c): gettext(words) for c, words in ReturnCondition.labels().items()},
    }


def case_steps(case: CaseView) -> list[tuple[str, Any]]:
    """What happened to the case, in order, as far as it has come."""
    steps = [
        (gettext("Requested"), case.requested_at),
        (gettext("Approved"), case.approved_at),
        (gettext("Refused or withdrawn"), case.ended_at),
        (gettext("Goods received"), case.received_at),
        (gettext("Inspected"), case.inspected_at),
        (gettext("Settled up"), case.settled_at),
    ]
    return [(word, at) for word, at in steps if at is not None]
