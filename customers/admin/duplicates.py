"""The worklist of possible duplicates: side by side, merged or told apart by a verb."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall, actor_of, status_column
from core.operations import record_personal_read
from customers.admin.comparing import compared
from customers.models import DuplicateCandidate, Merge
from customers.operations import dismiss_candidates, merge_customers, undo_merges
from customers.queries import pairs_of, visible_to
from customers.rules import LIKELY_FROM, CandidateStatus, MatchReason, MergeAsk, masked_name, reasons_from

MAY_MERGE = "customers.merge_customer"


class WhichStays(ReasonForm):
    """Which of the two names the merged customer."""

    stays = forms.ChoiceField(
        label=_("The principal is"), choices=[("older", _("the older entry")), ("newer", _("the newer entry"))], initial="older"
    )


def _merge(call: VerbCall) -> Any:
    pairs = pairs_of(call.ids)
    ordered = [pairs[number] if call.values["stays"] == "older" else pairs[number][::-1] for number in call.ids]
    asks = [MergeAsk(principal_id=principal, merged_id=merged) for principal, merged in ordered]
    return merge_customers(asks, reason=call.reason, actor=call.actor, at=call.at)


def _dismiss(call: VerbCall) -> Any:
    return dismiss_candidates(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _undo(call: VerbCall) -> Any:
    return undo_merges(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _is_open(row: Any) -> bool:
    return bool(row.status == CandidateStatus.OPEN)


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a decision comes first; the decided ones on demand."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(status), gettext(words)) for status, words in CandidateStatus.labels().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DuplicateCandidate]) -> QuerySet[DuplicateCandidate]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(DuplicateCandidate)
class DuplicateCandidateAdmin(LedgerAdmin):
    """Pairs that may be one person, the likeliest first."""

    list_display = ("score_label", "one", "two", "why", "status_label", "recorded_at")
    list_display_links = ("score_label", "one", "two")
    list_select_related = ("customer", "other")
    list_filter = (WaitingFilter, "company")
    ordering = ("-status", "-score", "-id")
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No pair waits for a decision.")
    change_form_before_template = "customers/admin/pair.html"
    verbs = (
        Verb(name="merge", label=_("One person: merge"), permission=MAY_MERGE, run=_merge, form=WhichStays, icon="merge",
             variant="primary", offered=_is_open,
             explanation=_("Both numbers stay valid and nothing is moved; the two are read as one. It can be undone.")),
        Verb(name="dismiss", label=_("Different people"), permission=MAY_MERGE, run=_dismiss, icon="call_split", offered=_is_open,
             explanation=_("The pair is not proposed again.")),
    )  # fmt: skip

    class Media:
        css = {"all": ("customers/back_office.css",)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[DuplicateCandidate]:
        visible = visible_to(actor_of(request)).values("pk")
        account: Any = request.user
        found = DuplicateCandidate.objects.select_related("customer", "other").defer("customer__search", "other__search")
        found = found.order_by(*self.ordering)
        if account.company_id:
            found = found.filter(customer__in=visible)
        return found

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        full = account.has_perm("customers.view_personal")
        told: dict[str, Any] = {}
        if row is not None:
            told = {"lines": compared(row.customer_id, row.other_id, full=full), "reasons": _reasons(row), "pair": row}
            if full:
                subjects = [f"customer:{customer.public_id}" for customer in (row.customer, row.other)]
                fields = ("name", "kana", "birth_on", "contact_points", "addresses")
                record_personal_read(subjects, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=fields)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        account: Any = request.user
        self.may_know = account.has_perm("customers.view_personal")
        return super().changelist_view(request, extra_context)

    may_know = False

    @display(description=_("score"), ordering="score", label={"likely": "danger", "possible": "warning"})
    def score_label(self, row: DuplicateCandidate) -> Any:
        return ("likely" if row.score >= LIKELY_FROM else "possible", str(row.score))

    @display(description=_("older entry"))
    def one(self, row: DuplicateCandidate) -> str:
        return self._named(row.customer)

    @display(description=_("newer entry"))
    def two(self, row: DuplicateCandidate) -> str:
        return self._named(row.other)

    def _named(self, customer: Any) -> str:
        return f"{customer.number} {customer if self.may_know else masked_name(str(customer))}"

    @display(description=_("reasons"))
    def why(self, row: DuplicateCandidate) -> str:
        return "・".join(_reasons(row))

    status_label = status_column(
        "status",
        description=_("status"),
        tones={CandidateStatus.OPEN: "warning", CandidateStatus.MERGED: "success", CandidateStatus.DISMISSED: "info"},
    )


def _reasons(row: DuplicateCandidate) -> list[str]:
    return [gettext(MatchReason.labels()[reason]) for reason in reasons_from(row.reasons)]


@admin.register(Merge)
class MergeAdmin(LedgerAdmin):
    """Merges that happened, each of which can be undone."""

    list_display = ("principal_number", "merged_number", "reason", "actor_label", "at", "undone_at")
    list_select_related = ("principal", "merged")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    fields = ("principal_number", "merged_number", "reason", "actor_label", "at", "undone_at")
    readonly_fields = fields
    verbs = (
        Verb(name="undo", label=_("Undo the merge"), permission=MAY_MERGE, run=_undo, icon="undo", variant="warning",
             offered=lambda m: m.undone_at is None, explanation=_("The two stand on their own again, each with exactly what it had.")),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merge]:
        account: Any = request.user
        found = Merge.objects.select_related("principal", "merged").defer("principal__search", "merged__search").order_by("-id")
        return found.filter(principal__company_id=account.company_id) if account.company_id else found

    @display(description=_("principal"))
    def principal_number(self, row: Merge) -> str:
        return row.principal.number

    @display(description=_("merged customer"))
    def merged_number(self, row: Merge) -> str:
        return row.merged.number
