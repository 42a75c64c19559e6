"""How files name their columns, and the folders they come through: seen and written anew at the staff counter."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import LedgerAdmin, actor_of
from core.errors import Refusal
from core.queries import CompanyContext, companies
from inventory.admin.exchange import own_places
from inventory.admin.figures import STYLE
from inventory.admin.files import kind_name
from inventory.admin.matrix import latest
from inventory.admin.sight import seen_places
from inventory.models import ColumnMap, Location, MappedColumn
from inventory.operations import save_column_map
from inventory.queries import MapInForce, file_kinds, kind_of, map_in_force
from inventory.rules import DATE_PATTERNS, FileEncoding, FileKind, MapColumn, code_pairs

BLANK_ROWS = 4
MOST_ROWS = 120
CELLS = ("heading", "field", "constant", "date_pattern", "most_bytes", "codes")
_SMALLINT = 32_767


@admin.register(ColumnMap)
class ColumnMapAdmin(LedgerAdmin):
    """Every version of every map that was written; what nobody wrote down is written as we name things ourselves."""

    list_display = ("at", "shown_kind", "location", "version", "encoding", "file_name", "by")
    list_select_related = ("location",)
    list_filter = ("encoding", "location")
    ordering = ("-pk",)
    fields = (("shown_kind", "version"), ("location", "company"), ("encoding", "file_name"), ("at", "by"), "shown_columns")
    readonly_fields = ("shown_kind", "by", "shown_columns")
    actions_list = ("go_in_force",)
    empty_words = _("Nobody has written a map: every file has our own headings, in Shift_JIS. The button above shows them.")

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        account: Any = request.user
        if account.company_id:
            found = found.filter(company_id=account.company_id)
        seen = seen_places(request)
        return found if seen is None else found.filter(Q(location=None) | Q(location__in=seen))

    @display(description=_("kind of file"), ordering="kind")
    def shown_kind(self, row: Any) -> str:
        return kind_name(row.kind)

    @display(description=_("by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind

    @display(description=_("columns of a map"))
    def shown_columns(self, row: Any) -> Any:
        """The columns in the order of the file; our fields under the names we give them."""
        kind = kind_of(row.kind)
        ours = {field.code: field.heading for field in kind.fields} if kind else {}
        lines = [
            (
                column.position, column.heading, ours.get(column.field, column.field) or "–", column.constant or "–", column.date_pattern or "–",
                column.most_bytes or "–", "、".join(column.codes.split("\n")) or "–",
            )
            for column in MappedColumn.objects.filter(column_map=row).order_by("position")
        ]  # fmt: skip
        headings = (
            _("position"), _("heading"), _("our field"), _("same in every row"), _("how days are written"), _("most bytes"), _("codes"),
        )  # fmt: skip
        return latest(lines, headings)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("in-force/", view(self.in_force_view), name="inventory_columnmap_in_force"),
            path("write/", view(self.write_view), name="inventory_columnmap_write"),
            *super().get_urls(),
        ]

    @action(description=_("How files are written now"), url_path="go-in-force", icon="view_column")  # type: ignore[untyped-decorator]
    def go_in_force(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_columnmap_in_force"))

    def in_force_view(self, request: HttpRequest) -> HttpResponse:
        """Every kind of file at every location: which map holds, and where it comes from."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return in_force_page(request, counter=self)

    def write_view(self, request: HttpRequest) -> HttpResponse:
        """The form that writes a map anew."""
        if not may_write(request):
            raise PermissionDenied
        return write_page(request, counter=self)


def may_write(request: HttpRequest) -> bool:
    """Whether somebody says how files are written."""
    account: Any = request.user
    return bool(account.has_perm("inventory.add_columnmap"))


def _companies(request: HttpRequest) -> list[CompanyContext]:
    account: Any = request.user
    return [company for company in companies() if account.company_id in (None, company.id)]


def in_force_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """What holds for the company, and for each warehouse."""
    shown = []
    places = list(own_places(request))
    for company in _companies(request):
        here: list[Location | None] = [None, *(place for place in places if place.company_id == company.id)]
        rows = [
            {"kind": kind, "cells": [_told(kind, company, place) for place in here]}
            for kind in sorted(file_kinds(), key=lambda kind: (kind.comes, kind.code))
        ]
        shown.append({"company": company, "places": here[1:], "rows": rows})
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("How files are written now"),
        "shown": shown,
        "may_write": may_write(request),
        "history": reverse("admin:inventory_columnmap_changelist"),
    }
    return TemplateResponse(request, "inventory/admin/maps.html", words)


def _told(kind: FileKind, company: CompanyContext, place: Location | None) -> dict[str, Any]:
    found = map_in_force(kind, company_id=company.id, location_id=place.pk if place else None)
    return {
        "map": found,
        "encoding": FileEncoding.labels()[found.encoding],
        "is_own": found.map_id is not None and (place is None or found.location_id is not None),
        "query": f"kind={kind.code}&company={company.id}" + (f"&location={place.pk}" if place else ""),
    }


def write_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """A table of columns; saving makes the next version, and what is wrong is said above without losing anything."""
    kind, company, place = _about(request)
    found = map_in_force(kind, company_id=company.id, location_id=place.pk if place else None)
    faults: list[str] = []
    if request.method == "POST":
        rows, head = _typed(request.POST), {name: request.POST.get(name, "")[:80] for name in ("encoding", "file_name")}
        answer = _saved(request, kind, company, place, rows, head)
        if not isinstance(answer, list):
            messages.success(request, gettext("Version %(version)s is in force from now on.") % {"version": answer})
            return HttpResponseRedirect(reverse("admin:inventory_columnmap_in_force"))
        faults = [fault.text(gettext) for fault in answer]
    else:
        rows, head = _shown(found), {"encoding": str(found.encoding), "file_name": found.file_name}
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": kind_name(kind.code),
        "kind": kind,
        "where": place or company.name,
        "found": found,
        "head": head,
        "rows": [*rows, *({"position": ""} for _blank in range(BLANK_ROWS))],
        "fields": [(one.code, f"{one.heading} *" if one.is_needed else one.heading) for one in kind.fields],
        "encodings": [(str(value), gettext(words)) for value, words in FileEncoding.labels().items()],
        "patterns": list(DATE_PATTERNS.items()),
        "faults": faults,
        "back": reverse("admin:inventory_columnmap_in_force"),
    }
    return TemplateResponse(request, "inventory/admin/map.html", words)


def _about(request: HttpRequest) -> tuple[FileKind, CompanyContext, Location | None]:
    kind = kind_of(request.GET.get("kind", ""))
    wanted = _number(request.GET.get("company", ""))
    company = next((company for company in _companies(request) if company.id == wanted), None)
    if kind is None or company is None:
        raise Http404
    if "location" not in request.GET:
        return kind, company, None
    place = own_places(request).filter(pk=_number(request.GET["location"]), company_id=company.id).first()
    if place is None:
        raise Http404
    return kind, company, place


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _shown(found: MapInForce) -> list[dict[str, Any]]:
    return [
        {
            "position": place,
            "heading": column.heading,
            "field": column.field,
            "constant": column.constant,
            "date_pattern": column.date_pattern,
            "most_bytes": column.most_bytes or "",
            "codes": "\n".join(f"{ours}={theirs}" for ours, theirs in column.codes.items()),
        }
        for place, column in enumerate(found.columns, start=1)
    ]


def _typed(post: QueryDict) -> list[dict[str, Any]]:
    """The rows of the table in the order of their numbers; a row without a heading is taken out."""
    columns = [post.getlist(name)[:MOST_ROWS] for name in ("position", *CELLS)]
    longest = max(map(len, columns), default=0)
    padded = [[text[:2_000] for text in column] + [""] * (longest - len(column)) for column in columns]
    rows = [dict(zip(("position", *CELLS), cells, strict=True)) for cells in zip(*padded, strict=True)]
    rows = [row for row in rows if row["heading"].strip()]
    return sorted(rows, key=lambda row: _number(row["position"].strip()) or 10_000)


def _saved(
    request: HttpRequest, kind: FileKind, company: CompanyContext, place: Location | None, rows: list[dict[str, Any]], head: dict[str, str]
) -> int | list[Refusal]:
    faults: list[Refusal] = []
    columns = []
    for row in rows:
        pairs = code_pairs(row["codes"])
        if isinstance(pairs, Refusal):
            faults.append(pairs)
            pairs = {}
        columns.append(
            MapColumn(
                heading=row["heading"].strip()[:200], field=row["field"], constant=row["constant"].strip()[:80], date_pattern=row["date_pattern"],
                most_bytes=min(_number(row["most_bytes"].strip()), _SMALLINT), codes=pairs,
            )
        )  # fmt: skip
    if faults:
        return faults
    encoding = FileEncoding(head["encoding"]) if head["encoding"] in set(FileEncoding) else FileEncoding.CP932
    answer = save_column_map(
        kind.code, columns, company_id=company.id, location_id=place.pk if place else None, encoding=encoding, file_name=head["file_name"],
        actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
    return answer if isinstance(answer, list) else answer.version
