"""The books: entries with their postings, accounts, balances of parties, and the trial balance."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from billing.admin.looks import DoneBy, companies_of, of_their_company, typed_number
from billing.models import Entry, LedgerAccount, PartyBalance, Posting
from billing.queries import TrialRow, trial_balance
from billing.rules import AccountKind
from core import clock
from core.admin_site import LedgerAdmin, LedgerInline, VerbForm, money_column, shown_money
from core.queries import companies, company_context, tax_classes


class PostingInline(LedgerInline):
    """Both sides of the entry."""

    model = Posting
    fields = ("account_name", "party", "debit", "credit")
    readonly_fields = fields
    ordering = ("pk",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).select_related("account", "account__tax_class")

    @display(description=_("ledger account"))
    def account_name(self, row: Posting) -> str:
        tax_class = f" ({row.account.tax_class})" if row.account.tax_class_id else ""
        return f"{row.account.get_kind_display()}{tax_class}"

    @display(description=_("party"))
    def party(self, row: Posting) -> str:
        return f"{row.get_party_kind_display()} #{row.party_id}" if row.party_id else "-"

    @display(description=_("debit"))
    def debit(self, row: Posting) -> Any:
        return shown_money(row.amount, row.currency) if row.amount > 0 else ""

    @display(description=_("credit"))
    def credit(self, row: Posting) -> Any:
        return shown_money(-row.amount, row.currency) if row.amount < 0 else ""


class TrialForm(VerbForm):
    """Whose books, up to and including which day."""

    company = forms.ChoiceField(label=_("company"))
    on = forms.DateField(label=_("up to and including"))

    def __init__(self, *args: Any, company_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {company.id: company.name for company in companies()}
        self.fields["company"].widget.choices = self.fields["company"].choices = [(i, names.get(i, str(i))) for i in company_ids]  # type: ignore[attr-defined]


@admin.register(Entry)
class EntryAdmin(DoneBy, LedgerAdmin):
    """Every business fact in money."""

    list_display = ("id", "booked_on", "kind", "reference", "memo", "done_by", "at")
    list_display_links = ("id",)
    list_select_related = ()
    list_filter = (("booked_on", RangeDateFilter), "kind", "company")
    list_filter_submit = True
    search_fields = ("reference",)
    search_help_text = _("Reference: number of the invoice or credit note, reference of the payment")
    ordering = ("-id",)
    empty_words = _("Nothing was booked here.")
    fields = (("kind", "reference"), ("booked_on", "at"), ("memo", "reverses"), ("company", "done_by"))
    inlines = (PostingInline,)
    actions_list = ("open_trial_balance",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return of_their_company(super().get_queryset(request), request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind", "reference", "booked_on", "at", "memo", "reverses", "company", "done_by"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str) -> tuple[QuerySet[Entry], bool]:
        word = search_term.strip()
        return (queryset.filter(reference__in=[word, typed_number(word)]), False) if word else (queryset, False)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial_balance_view)
        return [path("trial-balance/", page, name="billing_entry_trial_balance"), *super().get_urls()]

    @action(description=_("Trial balance"), url_path="open-trial-balance", icon="balance")  # type: ignore[untyped-decorator]
    def open_trial_balance(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:billing_entry_trial_balance"))

    def trial_balance_view(self, request: HttpRequest) -> HttpResponse:
        """Debits, credits and balances of every kind of account up to a day."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        company_ids = companies_of(request)
        first = company_ids[0] if company_ids else 0
        today = company_context(first).business_date(clock.now()) if first else clock.today("Asia/Tokyo")
        form = TrialForm(request.GET if "on" in request.GET else {"company": first, "on": today}, company_ids=company_ids)
        found = trial_balance(int(form.cleaned_data["company"]), on=form.cleaned_data["on"]) if form.is_valid() else []
        words = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Trial balance"),
            "form": form,
            "books": _books(found),
        }
        return TemplateResponse(request, "admin/billing/trial_balance.html", words)


def _books(found: list[TrialRow]) -> list[dict[str, Any]]:
    """The rows by currency, with names and the two sums that must be equal."""
    labels, classes = AccountKind.labels(), tax_classes()
    books: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        tax_class = classes[row.tax_class].name if row.tax_class else ""
        books.setdefault(row.currency, []).append({"name": labels[row.kind], "tax_class": tax_class, "row": row})
    return [
        {
            "currency": currency,
            "rows": rows,
            "debit": sum(entry["row"].debit for entry in rows),
            "credit": sum(entry["row"].credit for entry in rows),
            "off": sum(entry["row"].balance for entry in rows),
        }
        for currency, rows in books.items()
    ]


@admin.register(LedgerAccount)
class LedgerAccountAdmin(LedgerAdmin):
    """Where money stands."""

    list_display = ("id", "company", "kind", "currency", "tax_class", "party_kind", "party_id")
    list_display_links = ("id",)
    list_select_related = ("company", "tax_class")
    list_filter = ("kind", "currency", "party_kind", "company")
    search_fields = ("=party_id",)
    search_help_text = _("Party id")
    ordering = ("id",)
    fields = ("company", "kind", "currency", "tax_class", "party_kind", "party_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        return of_their_company(super().get_queryset(request), request)


@admin.register(PartyBalance)
class PartyBalanceAdmin(LedgerAdmin):
    """What every party's account holds."""

    list_display = ("account", "kind", "party", "sum")
    list_display_links = ("account",)
    list_select_related = ("account",)
    list_filter = ("account__kind", "account__company")
    search_fields = ("=account__party_id",)
    search_help_text = _("Party id")
    ordering = ("account",)
    fields = ("account", "sum")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["account", "sum"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartyBalance]:
        return of_their_company(super().get_queryset(request), request, path="account__company_id")

    @display(description=_("kind"))
    def kind(self, row: PartyBalance) -> Any:
        return row.account.get_kind_display()

    @display(description=_("party"))
    def party(self, row: PartyBalance) -> str:
        return f"{row.account.get_party_kind_display()} #{row.account.party_id}"

    sum = money_column("balance", description=_("balance"), currency="account.currency")
