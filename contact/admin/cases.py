"""Cases and their reasons at the staff counter."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from contact.admin.desk import call_screen, log_contact
from contact.admin.page import page_of
from contact.admin.verbs import VERBS
from contact.models import Case, CaseReason
from contact.rules import CaseState, Priority
from core import clock
from core.admin_site import HouseAdmin, PersonalData, status_column
from core.queries import companies
from customers.queries import search_customers
from customers.rules import masked_name

STATE_TONES = {CaseState.OPEN: "warning", CaseState.WAITING: "info", CaseState.SOLVED: "success"}


class SolvedFilter(admin.SimpleListFilter):
    """What waits, for whom."""

    title = _("what waits")
    parameter_name = "solved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("no", _("Unsolved")),
            ("mine", _("My cases")),
            ("overdue", _("Answers overdue")),
            ("ownerless", _("Looked after by nobody")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        unsolved = queryset.exclude(state=CaseState.SOLVED)
        account: Any = request.user
        wanted = {
            "no": lambda: unsolved,
            "mine": lambda: unsolved.filter(owner_id=account.pk),
            "overdue": lambda: unsolved.filter(due_at__lt=clock.now()),
            "ownerless": lambda: unsolved.filter(owner=None),
        }
        return wanted[self.value() or ""]() if self.value() in wanted else queryset


@admin.register(Case)
class CaseAdmin(HouseAdmin):
    """Why people contact us, until it is solved."""

    list_display = ("head", "occurred_at", "who", "about", "state_label", "signs", "owed", "owner_name")
    list_display_links = ("head",)
    list_select_related = ("reason", "customer", "owner")
    list_filter = (SolvedFilter, "state", "desk", "complaint", "priority", "reason", ("occurred_at", admin.DateFieldListFilter), "company")
    search_fields = ("number",)
    search_help_text = _("Case number, customer's number, name in kanji or kana, phone, e-mail")
    ordering = ("-occurred_at", "-id")
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No case fits. A case begins on the customer's page: look the customer up by phone number or name.")
    personal = PersonalData(
        fields=("name", "theme", "interactions"), subject=lambda row: f"customer:{row.customer.public_id}" if row.customer_id else ""
    )
    actions_list = ("look_up",)
    warn_unsaved_form = False
    verbs = VERBS

    class Media:
        css = {"all": ("customers/back_office.css", "contact/desk.css")}
        js = ("customers/page.js",)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("desk/", guarded(self.desk_view), name="contact_case_desk"),
            path("log/", guarded(self.log_view), name="contact_case_log_unknown"),
            path("log/<int:customer_id>/", guarded(self.log_view), name="contact_case_log"),
            *super().get_urls(),
        ]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """Who is calling: by phone number in any form, name, kana or number."""
        return call_screen(request, counter=self)

    def log_view(self, request: HttpRequest, customer_id: int | None = None) -> HttpResponse:
        """Log a contact of a customer, or of somebody unknown."""
        return log_contact(request, customer_id, counter=self)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A case begins with a contact, on the customer's page or the call screen."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page is read; verbs change it, each with its own permission."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        account: Any = request.user
        found = super().get_queryset(request).annotate(in_full=Value(account.has_perm("customers.view_personal")))
        company_id = getattr(request.user, "company_id", None)
        return found.filter(company_id=company_id) if company_id else found

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Case], search_term: str) -> tuple[QuerySet[Case], bool]:
        """Customers are found first, by indexes of their own, then their cases."""
        word = search_term.strip()
        if not word:
            return queryset, False
        company_id = getattr(request.user, "company_id", None)
        owners = [company_id] if company_id else [company.id for company in companies()]
        wanted = Q(number=word.upper())
        if customers := search_customers(owners, word, limit=200):
            wanted |= Q(customer_id__in=customers)
        return queryset.filter(wanted), False

    def _record_reading(self, shown: Any, *, request: HttpRequest) -> None:
        """Only those who may know people have read about them."""
        super()._record_reading([row for row in shown if row.in_full], request=request)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The case's page: read, not edited; verbs move the case."""
        row = self.get_object(request, object_id)
        if request.method != "GET" or row is None or not self.has_view_permission(request, row):
            return super().change_view(request, object_id, form_url, extra_context)
        account: Any = request.user
        self._record_reading([row], request=request)
        verbs = [verb for verb in VERBS if self._may(verb, request) and (verb.offered is None or verb.offered(row))]
        words = {
            **self.admin_site.each_context(request),
            "title": row.number,
            "opts": self.opts,
            "original": row.number,
            "media": self.media,
            "page": page_of(row, may=account.has_perm, at=clock.now()),
            "verbs": [(verb, reverse(f"admin:contact_case_verb_{verb.name}", args=[row.pk])) for verb in verbs],
            "history": reverse("admin:contact_case_history", args=[row.pk]),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "contact/admin/case.html", words)

    @action(description=_("Look up a customer"), url_path="look-up", permissions=["look_up"], icon="person_search")  # type: ignore[untyped-decorator]
    def look_up(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads to the call screen."""
        return HttpResponseRedirect(reverse("admin:contact_case_desk"))

    def has_look_up_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("customers.view_customer"))

    @display(description=_("case number"), ordering="id")
    def head(self, row: Case) -> str:
        return row.number

    @display(description=_("customer"))
    def who(self, row: Case) -> str:
        full = bool(row.in_full)  # type: ignore[attr-defined]
        if row.customer is None:
            return (row.caller_name if full else "") or gettext("unknown caller")
        name = row.customer.organisation_name or f"{row.customer.family_name} {row.customer.given_name}".strip()
        return (name if full else masked_name(name)) or row.customer.number

    @display(description=_("matter"))
    def about(self, row: Case) -> Any:
        theme = row.theme if row.in_full else ""  # type: ignore[attr-defined]
        return format_html('{} <small class="house-soft">{}</small>', theme or row.reason.name, row.reason.name if theme else "")

    state_label = status_column("state", description=_("state"), tones=STATE_TONES)

    @display(description=_("signs"))
    def signs(self, row: Case) -> Any:
        found = [("bad", gettext("Complaint"))] if row.complaint else []
        if row.priority != Priority.NORMAL:
            tone = "warn" if row.priority in (Priority.HIGH, Priority.URGENT) else ""
            found.append((tone, gettext(Priority.labels()[Priority(row.priority)])))
        return format_html_join(" ", '<span class="house-sign house-sign-{}">{}</span>', found)

    @display(description=_("answer owed by"), ordering="due_at")
    def owed(self, row: Case) -> Any:
        if row.due_at is None or row.state == CaseState.SOLVED:
            return "-"
        words = f"{timezone.localtime(row.due_at):%m/%d %H:%M}"
        return format_html('<span class="house-word-bad">{}</span>', words) if row.due_at < clock.now() else words

    @display(description=_("looked after by"))
    def owner_name(self, row: Case) -> str:
        return (row.owner.display_name or row.owner.handle) if row.owner else "-"


@admin.register(CaseReason)
class CaseReasonAdmin(HouseAdmin):
    """Why people contact a company; what is no longer used ends."""

    list_display = ("name", "code", "desk", "complaint", "due_hours", "position", "ended_at", "company")
    list_select_related = ("company",)
    list_filter = ("desk", "complaint", "company")
    search_fields = ("name", "code")
    ordering = ("company", "position", "id")
