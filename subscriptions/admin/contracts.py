"""Contracts at the staff counter: found in one box, read on one page, changed by verbs."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import HouseAdmin, PersonalData, Verb, VerbCall, VerbForm, status_column
from core.admin_site.verbs import ReasonForm
from core.queries import companies
from customers.queries import search_customers
from subscriptions.admin.page import CONTRACT_TONES, page_of
from subscriptions.models import Cycle, Plan, Subscription
from subscriptions.operations import (
    cancel_contracts,
    change_contracts,
    pause_contracts,
    resume_contracts,
    skip_cycles,
    unskip_cycles,
)
from subscriptions.rules import CancelAsk, ChangeAsk, CycleAsk, PauseAsk, ResumeAsk, interval_words, read_intervals


class DeliveryForm(ReasonForm):
    """Which delivery, and why."""

    number = forms.IntegerField(label=_("slot"), min_value=1, required=False, help_text=_("Empty: the next one."))


class PauseForm(ReasonForm):
    """Until when, and why."""

    until_on = forms.DateField(label=_("paused until"), required=False, help_text=_("Empty: until it is resumed."))


class ResumeForm(VerbForm):
    """From when."""

    next_on = forms.DateField(
        label=_("next delivery"), required=False, help_text=_("Empty: the first date of the schedule that can be met.")
    )


class ScheduleForm(ReasonForm):
    """When and how often."""

    next_on = forms.DateField(label=_("next delivery"), required=False, help_text=_("The deliveries after it move along."))
    interval = forms.ChoiceField(label=_("interval"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_fields["interval"].choices = [("", "—"), *_intervals()]  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)


def _intervals() -> list[tuple[str, str]]:
    """Every interval of every course; the operation refuses what the contract's course does not offer."""
    codes = {i.code for p in Plan.objects.values_list("intervals", flat=True)[:100] for i in read_intervals(p)}
    return [(code, interval_words(code, translate=lambda text: str(_(text)))) for code in sorted(codes)]


def _skip(call: VerbCall) -> Any:
    number = call.values["number"]
    return skip_cycles([CycleAsk(contract_id=i, number=number, reason=call.reason) for i in call.ids], actor=call.actor, at=call.at)


def _skip_anyway(call: VerbCall) -> Any:
    asks = [CycleAsk(contract_id=i, number=call.values["number"], reason=call.reason, exception=True) for i in call.ids]
    return skip_cycles(asks, actor=call.actor, at=call.at)


def _unskip(call: VerbCall) -> Any:
    number = call.values["number"]
    return unskip_cycles([CycleAsk(contract_id=i, number=number, reason=call.reason) for i in call.ids], actor=call.actor, at=call.at)


def _pause(call: VerbCall) -> Any:
    until_on = call.values["until_on"]
    return pause_contracts([PauseAsk(contract_id=i, until_on=until_on, reason=call.reason) for i in call.ids], actor=call.actor, at=call.at)


def _resume(call: VerbCall) -> Any:
    return resume_contracts([ResumeAsk(contract_id=i, next_on=call.values["next_on"]) for i in call.ids], actor=call.actor, at=call.at)


def _schedule(call: VerbCall) -> Any:
    next_on, interval = call.values["next_on"], call.values["interval"] or None
    asks = [ChangeAsk(contract_id=i, next_on=next_on, interval=interval, reason=call.reason) for i in call.ids]
    return change_contracts(asks, actor=call.actor, at=call.at)


def _cancel(call: VerbCall) -> Any:
    return cancel_contracts([CancelAsk(contract_id=i, reason=call.reason) for i in call.ids], actor=call.actor, at=call.at)


def _cancel_anyway(call: VerbCall) -> Any:
    asks = [CancelAsk(contract_id=i, reason=call.reason, exception=True) for i in call.ids]
    return cancel_contracts(asks, actor=call.actor, at=call.at)


def _asked_number(request: HttpRequest, _row: Any) -> dict[str, Any]:
    """The delivery whose button was pressed."""
    number = request.GET.get("number", "")
    return {"number": number} if number.isdigit() and number.isascii() else {}


class NextFilter(admin.SimpleListFilter):
    """When the next delivery comes."""

    title = _("next delivery")
    parameter_name = "next"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("week", _("Within a week")), ("month", _("Within a month")), ("failed", _("Failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        today = clock.today("Asia/Tokyo")
        if self.value() == "failed":
            return queryset.filter(pk__in=Cycle.objects.filter(status="failed").values("subscription_id"))
        days = {"week": 7, "month": 31}.get(self.value() or "")
        if days is None:
            return queryset
        coming = Cycle.objects.filter(status="planned", planned_on__lt=today + timedelta(days=days))
        return queryset.filter(status="active", pk__in=coming.values("subscription_id"))


def _running(row: Subscription) -> bool:
    return row.status == "active"


def _by_its_row(_row: Subscription) -> bool:
    """No button of its own: it stands beside each skipped delivery."""
    return False


def _bound(row: Subscription) -> bool:
    """Whether the course asks for so many deliveries first."""
    return _open(row) and row.plan.minimum_cycles > 1


def _open(row: Subscription) -> bool:
    return row.status in ("active", "paused")


@admin.register(Subscription)
class SubscriptionAdmin(HouseAdmin):
    """Every contract of every course."""

    list_display = ("number", "customer_name", "plan", "rhythm", "state", "next_on", "started_at")
    list_display_links = ("number",)
    list_select_related = ("plan", "customer")
    list_filter = ("status", NextFilter, "plan", "channel", ("started_at", admin.DateFieldListFilter), "company")
    search_fields = ("number",)
    search_help_text = _("Contract number, name in kanji or kana, phone, e-mail")
    ordering = ("-started_at", "-id")
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No contract fits. Contracts begin with an order of a course.")
    personal = PersonalData(fields=("family_name", "given_name", "destination"), subject=lambda row: f"customer:{row.customer.public_id}")
    fieldsets = ()
    change_form_before_template = "subscriptions/admin/page.html"
    warn_unsaved_form = False
    verbs = (
        Verb(
            name="skip", label=_("Skip"), permission="subscriptions.manage_subscription", run=_skip, form=DeliveryForm, icon="skip_next",
            initial=_asked_number, offered=_running, explanation=_("One delivery is left out; the next one comes on its own date."),
        ),
        Verb(
            name="unskip", label=_("Deliver after all"), permission="subscriptions.manage_subscription", run=_unskip, form=DeliveryForm, icon="undo",
            initial=_asked_number, offered=_by_its_row, on_list=False, explanation=_("A delivery that was skipped comes on its own date."),
        ),
        Verb(
            name="schedule", label=_("Change dates"), permission="subscriptions.manage_subscription", run=_schedule, form=ScheduleForm,
            icon="edit_calendar", offered=_running, on_list=False,
        ),
        Verb(
            name="pause", label=_("Pause"), permission="subscriptions.manage_subscription", run=_pause, form=PauseForm, icon="pause", offered=_running,
            explanation=_("Nothing is delivered or charged until the day named, or until somebody resumes the contract."),
        ),
        Verb(
            name="resume", label=_("Resume"), permission="subscriptions.manage_subscription", run=_resume, form=ResumeForm, icon="play_arrow",
            variant="primary", offered=lambda row: row.status == "paused",
        ),
        Verb(
            name="cancel", label=_("Cancel contract"), permission="subscriptions.cancel_subscription", run=_cancel, form=ReasonForm, icon="cancel",
            variant="danger", offered=_open,
            explanation=_("By the rules of the course. A delivery that can no longer be stopped still comes; the customer is told by mail."),
        ),
        Verb(
            name="skip_anyway", label=_("Skip in spite of the rules"), permission="subscriptions.waive_rules", run=_skip_anyway, form=DeliveryForm,
            icon="skip_next", initial=_asked_number, on_page=False,
            explanation=_("Deadlines and limits of the course are set aside; say why."),
        ),
        Verb(
            name="cancel_anyway", label=_("Cancel in spite of the rules"), permission="subscriptions.waive_rules", run=_cancel_anyway,
            form=ReasonForm, icon="cancel", variant="danger", offered=_bound, on_list=False,
            explanation=_("Minimum and deadlines of the course are set aside; say why."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css", "subscriptions/contract.css")}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template; verbs change the contract."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        words = {"page": page_of(row, may=account.has_perm)} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        found = super().get_queryset(request)
        company_id = getattr(request.user, "company_id", None)
        coming = Cycle.objects.filter(subscription=OuterRef("pk"), status__in=["planned", "failed"]).values("planned_on")[:1]
        found = found.annotate(coming_on=Subquery(coming))
        return found.filter(company_id=company_id) if company_id else found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscription], search_term: str
    ) -> tuple[QuerySet[Subscription], bool]:
        """Customers are found first, then their contracts."""
        word = search_term.strip()
        if not word:
            return queryset, False
        company_id = getattr(request.user, "company_id", None)
        owners = [company_id] if company_id else [c.id for c in companies()]
        wanted = Q(number=word.upper())
        if customers := search_customers(owners, word, limit=200):
            wanted |= Q(customer_id__in=customers)
        return queryset.filter(wanted), False

    state = status_column("status", description=_("status"), tones=CONTRACT_TONES)

    @display(description=_("customer"))
    def customer_name(self, row: Subscription) -> str:
        return str(row.customer)

    @display(description=_("interval"))
    def rhythm(self, row: Subscription) -> str:
        return interval_words(row.interval, translate=lambda text: str(_(text)))

    @display(description=_("next delivery"))
    def next_on(self, row: Any) -> Any:
        return row.coming_on if row.status == "active" and row.coming_on else "-"
