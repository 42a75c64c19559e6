"""What a list shows, as a file: every row that fits its filters, harmless in a spreadsheet, each person in it written down."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from core import clock
from core.admin_site.people import PersonalData, actor_of
from core.admin_site.verbs import ReasonForm
from core.csv import ExportWriter
from core.operations import record_personal_read

MOST_ROWS = 100_000
PAGE = 2_000
ENCODINGS = (("utf-8", gettext_lazy("UTF-8 (Excel, Numbers, Google)")), ("cp932", gettext_lazy("Shift_JIS (older Japanese software)")))


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of a file: its heading, and what stands there for a row. ``personal`` ones are written for those who may know."""

    heading: Any
    value: Callable[[Any], object]
    personal: bool = False


@dataclass(frozen=True, slots=True)
class ExportLayout:
    """One way to write a list down. ``rows`` reads a page of the list's objects at once and answers with the file's rows."""

    name: str
    label: Any
    columns: Sequence[ExportColumn]
    rows: Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class ListExport:
    """The files a list offers. ``permission`` is what it takes to get one, ``personal`` what it takes to get names in it."""

    permission: str
    layouts: Sequence[ExportLayout]
    filename: str
    personal: str = "customers.export_personal"


class ExportForm(ReasonForm):
    """What the file is to be like, and what it is for."""

    layout = forms.ChoiceField(label=gettext_lazy("what a row is"), widget=UnfoldAdminSelectWidget)
    encoding = forms.ChoiceField(label=gettext_lazy("characters"), choices=ENCODINGS, initial="utf-8", widget=UnfoldAdminSelectWidget)
    with_personal = forms.BooleanField(
        label=gettext_lazy("with names, addresses and contacts"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Who was in the file, and why, is written down for each person."),
    )
    field_order = ("layout", "encoding", "with_personal", "reason")

    def __init__(self, *args: Any, export: ListExport, may_know: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(layout.name, layout.label) for layout in export.layouts]
        self.fields["layout"].choices, self.fields["layout"].initial = choices, choices[0][0]  # type: ignore[attr-defined]
        if not may_know:
            del self.fields["with_personal"]


def pages_of(found: "models.QuerySet[Any]") -> Iterator[Sequence[Any]]:
    """The rows of a list in its order, a page at a time, by a cursor of the server."""
    every = found[:MOST_ROWS].iterator(chunk_size=PAGE)
    while page := list(islice(every, PAGE)):
        yield page


def file_of(
    found: "models.QuerySet[Any]",
    *,
    layout: ExportLayout,
    export: ListExport,
    encoding: str,
    full: bool,
    record: Callable[[Sequence[Any]], None],
) -> tuple[FileResponse, ExportWriter]:
    """The file, and what its characters came to; ``record`` is told each page of people before it is written."""
    columns = [column for column in layout.columns if full or not column.personal]
    file = TemporaryFile()  # noqa: SIM115  the response closes it
    writer = ExportWriter(file, header=[str(column.heading) for column in columns], encoding=encoding)
    for page in pages_of(found):
        if full:
            record(page)
        writer.write_all([column.value(row) for column in columns] for row in layout.rows(page))
    writer.close()
    file.seek(0)
    name = f"{export.filename}-{clock.now():%Y%m%d-%H%M}.csv"
    charset = "shift_jis" if encoding == "cp932" else "utf-8"
    return FileResponse(file, as_attachment=True, filename=name, content_type=f"text/csv; charset={charset}"), writer


def lost_signs(writer: ExportWriter) -> str:
    """What could not be written in the older characters, in a sentence; "" where all of it could."""
    lost = sorted({found.sign for found in writer.replaced if found.lost})
    if not lost:
        return ""
    return _("%(count)d characters have no form in Shift_JIS and stand as 〓: %(signs)s. Choose UTF-8 to keep them.") % {
        "count": writer.replaced_count,
        "signs": " ".join(lost[:20]),
    }


class Exported:
    """A list that gives its rows as a file."""

    export: ListExport | None = None
    opts: Any
    admin_site: Any

    def export_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name)] if self.export else []

    def may_export(self, request: HttpRequest) -> bool:
        account: Any = request.user
        return self.export is not None and account.has_perm(self.export.permission) and cast(Any, self).has_view_permission(request)

    def export_view(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """GET says what the file will hold and asks what for; POST gives it. The filters are those of the address."""
        counter, account = cast(Any, self), cast(Any, request.user)
        if self.export is None or not self.may_export(request):
            raise PermissionDenied
        found = counter.get_changelist_instance(request).get_queryset(request)
        count = at_most(found)
        may_know = account.has_perm(self.export.personal)
        form = ExportForm(request.POST if request.method == "POST" else None, export=self.export, may_know=may_know)
        if request.method == "POST" and form.is_valid() and 0 < count <= MOST_ROWS:
            return self._file(found, form.cleaned_data, request=request)
        words = {
            **self.admin_site.each_context(request), "title": _("Export as CSV"), "opts": self.opts, "form": form, "count": count,
            "most": MOST_ROWS, "is_too_many": count > MOST_ROWS, "filters": request.GET.urlencode(),
            "back": f"{counter._list_url()}?{request.GET.urlencode()}",
        }  # fmt: skip
        return TemplateResponse(request, "admin/house_export.html", words)

    def _file(self, found: "models.QuerySet[Any]", said: Mapping[str, Any], *, request: HttpRequest) -> FileResponse:
        assert self.export is not None
        personal: PersonalData | None = cast(Any, self).personal
        layout = next(one for one in self.export.layouts if one.name == said["layout"])
        screen = f"export {request.path}"[:200]  # without the filters: a word searched for may be a name

        def record(page: Sequence[Any]) -> None:
            if personal is not None:
                personal.record(page, request=request, screen=screen, reason=said["reason"])

        # Whom no row of the file names is known all the same by whoever has it: that there is one is always written down.
        record_personal_read(
            [f"list:{self.opts.label_lower}"], actor=actor_of(request), screen=screen, fields=(layout.name,), reason=said["reason"]
        )
        full = bool(said.get("with_personal"))
        response, writer = file_of(found, layout=layout, export=self.export, encoding=said["encoding"], full=full, record=record)
        if told := lost_signs(writer):
            messages.warning(request, told)
        return response


def at_most(found: "models.QuerySet[Any]", most: int = MOST_ROWS) -> int:
    """How many rows there are, counted no further than one more than fit."""
    return found.order_by()[: most + 1].count()
