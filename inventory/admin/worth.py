"""What stock is worth: the month's report and any past day, on screen and as CSV; for those who may see value."""

from collections.abc import Sequence
from datetime import date, timedelta
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import VerbForm
from core.csv import ExportWriter
from core.queries import CompanyContext, companies
from inventory.models import Stock
from inventory.queries import By, ValueLine, total_of, value_report
from inventory.rules import REPORTED

MAY_SEE = "inventory.view_value"
SHOWN = 200
NAMES = {
    "opened": _("opening balances"),
    "received": _("received"),
    "returned": _("came back"),
    "shipped": _("shipped out"),
    "adjusted": _("corrected"),
    "moved": _("moved between locations"),
    "revalued": _("revalued"),
}


class WorthForm(VerbForm):
    """Whose stock, from which day to which, a line for what."""

    company = forms.ChoiceField(label=_("company"))
    since = forms.DateField(label=_("from"))
    until = forms.DateField(label=_("up to and including"))
    by = forms.ChoiceField(label=_("a line for each"), choices=[(By.LOCATION.value, _("location")), (By.ITEM.value, _("stock item"))])

    def __init__(self, *args: Any, companies: Sequence[CompanyContext], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].widget.choices = self.fields["company"].choices = [(c.id, c.name) for c in companies]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("since") and said.get("until") and said["until"] < said["since"]:
            self.add_error("until", _("The last day lies before the first."))
        return said


def worth_urls(site: AdminSite) -> list[URLPattern]:
    """The page of the stock's value."""
    return [path("worth/", site.admin_view(lambda request: worth_view(request, site)), name="inventory_stock_worth")]


def worth_view(request: HttpRequest, site: AdminSite) -> HttpResponse | FileResponse:
    """The report of a period: what was there, what moved, what is there; `csv=1` gives every line as a file."""
    account: Any = request.user
    if not account.has_perm(MAY_SEE):
        raise PermissionDenied
    own = getattr(account, "company_id", None)
    theirs = [company for company in companies() if own in (None, company.id)]
    form = WorthForm(request.GET if "since" in request.GET else _first(theirs), companies=theirs)
    company = next((c for c in theirs if form.is_valid() and str(c.id) == form.cleaned_data["company"]), None)
    said = form.cleaned_data if company else {}
    lines: list[ValueLine] = []
    if company:
        since, end = said["since"], said["until"] + timedelta(days=1)
        if "csv" in request.GET:
            return _file(value_report(company.id, since=since, until=end, by=By(said["by"])), company=company, said=said)
        lines = value_report(company.id, since=since, until=end, by=By(said["by"]), limit=SHOWN)
    places = lines if said.get("by") == By.LOCATION or not company else value_report(company.id, since=said["since"], until=end)
    used = [name for name, _kinds in REPORTED if any(line.moved[name] != (0, 0) for line in (*lines, *places))]
    words = {
        **site.each_context(request),
        "opts": Stock._meta,
        "title": _("Value of stock"),
        "form": form,
        "columns": [NAMES[name] for name in used],
        "lines": [_shown(line, used) for line in lines],
        "total": _shown(total_of(places), used),
        "is_cut": len(lines) == SHOWN,
        "currency": company.currency if company else "JPY",
        "csv": f"{reverse('admin:inventory_stock_worth')}?{_query(request, said)}" if lines else "",
        "months": _months(theirs, request),
    }
    return TemplateResponse(request, "inventory/admin/worth.html", words)


def _first(theirs: Sequence[CompanyContext]) -> dict[str, Any]:
    """This month of the first company, up to today."""
    today = theirs[0].business_date(clock.now()) if theirs else clock.today("Asia/Tokyo")
    return {"company": theirs[0].id if theirs else 0, "since": today.replace(day=1), "until": today, "by": By.LOCATION}


def _months(theirs: Sequence[CompanyContext], request: HttpRequest) -> list[tuple[date, str]]:
    """The last months that have ended, each with the address of its report."""
    company = request.GET.get("company") or (str(theirs[0].id) if theirs else "")
    by = request.GET.get("by") if request.GET.get("by") in list(By) else By.LOCATION.value
    first = _first(theirs)["since"]
    found = []
    for _n in range(6):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        found.append((first, f"?company={company}&since={first}&until={last}&by={by}"))
    return found


def _query(request: HttpRequest, said: dict[str, Any]) -> str:
    asked = request.GET.copy()
    asked.update({} if "since" in asked else {name: str(value) for name, value in said.items()})
    asked["csv"] = "1"
    return asked.urlencode()


def _shown(line: ValueLine, used: Sequence[str]) -> dict[str, Any]:
    """A line with the kinds of movement that there were; a quiet month is a narrow table."""
    return {
        "line": line,
        "moved": [line.moved[name] for name in used],
        "average": line.closing_value / line.closing_quantity if line.closing_quantity else None,
    }


def _file(lines: Sequence[ValueLine], *, company: CompanyContext, said: dict[str, Any]) -> FileResponse:
    file = TemporaryFile()  # noqa: SIM115  the response closes it
    pairs = [
        heading
        for name in (gettext("opening"), *(str(NAMES[name]) for name, _kinds in REPORTED), gettext("closing"))
        for heading in (gettext("%(name)s (pieces)") % {"name": name}, gettext("%(name)s (value)") % {"name": name})
    ]
    writer = ExportWriter(file, header=[gettext("code"), gettext("name"), *pairs])
    for line in [*lines, total_of(list(lines))]:
        moved = [figure for name, _kinds in REPORTED for figure in line.moved[name]]
        name = line.name if line.key else gettext("sum")
        writer.write([line.code, name, line.opening_quantity, line.opening_value, *moved, line.closing_quantity, line.closing_value])
    writer.close()
    file.seek(0)
    named = f"stock-value-{company.code}-{said['since']:%Y%m%d}-{said['until']:%Y%m%d}.csv"
    return FileResponse(file, as_attachment=True, filename=named, content_type="text/csv; charset=utf-8")
