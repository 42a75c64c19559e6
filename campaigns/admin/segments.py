"""Segments: conditions put together in a form, answered with figures and a few customers to look at, exported with a reason."""

from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.masters import their_company
from campaigns.models import Segment, SegmentCondition
from campaigns.queries import Meant, asked, in_words, segment_count, segment_members, segment_sample
from campaigns.rules import Condition, ConditionKind, fault_of_condition
from core import clock
from core.admin_site import HouseAdmin, ReasonForm, actor_of
from core.csv import ExportWriter
from core.operations import record_personal_read
from core.text.address import PREFECTURES
from customers.rules import masked_email, masked_name

_COLUMNS = ("at_least", "at_most", "within_days", "product", "category", "sales_channel", "rank", "tag", "campaign", "prefecture")
_NAMED = ("product", "category", "sales_channel", "rank", "tag", "campaign")


class KnownSelect(AutocompleteSelect):
    """A box that is searched as it is typed, and knows the chosen row already: a long segment asks no more than a short one."""

    known: tuple[Any, ...] = ()

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        rows = {str(row.pk): row for row in self.known}
        if not set(value) - {""} <= rows.keys():
            return super().optgroups(name, value, attr)
        chosen = [self.create_option(name, key, str(rows[key]), True, place) for place, key in enumerate(value, start=1) if key]
        return [(None, [self.create_option(name, "", "", not chosen, 0), *chosen], 0)]


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One condition; what its kind doesn't ask for is left out."""

    prefecture = forms.ChoiceField(
        label=_("prefecture"),
        required=False,
        choices=[("", "---------"), *((name, name) for name in PREFECTURES)],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = SegmentCondition
        fields = ("kind", "excluded", *_COLUMNS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.prefecture if self.instance.pk else ""
        place: Any = self.fields["prefecture"]
        if stored and stored not in PREFECTURES:  # a place abroad, from an import
            place.choices = [*place.choices, (stored, stored)]
        for name in _NAMED if self.instance.pk else ():
            chosen = getattr(self.instance, name)
            widget: Any = self.fields[name].widget
            getattr(widget, "widget", widget).known = (chosen,) if chosen else ()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind"):
            about: dict[str, Any] = {f"{name}_id": getattr(values.get(name), "pk", None) for name in _NAMED}
            plain: dict[str, Any] = {name: values.get(name) for name in ("at_least", "at_most", "within_days")}
            said = Condition(kind=ConditionKind(values["kind"]), prefecture=values.get("prefecture") or "", **plain, **about)
            if fault := fault_of_condition(said):
                field = fault.field.removeprefix("/")
                self.add_error(field if field in self.fields else None, gettext(fault.message))
        return values


class ConditionInline(StackedInline):
    """The conditions of a segment. Of one kind any, of different kinds all, excluding ones never."""

    model = SegmentCondition
    form = ConditionForm
    extra = 0
    tab = False
    fields = (("kind", "excluded"), ("at_least", "at_most"), *_NAMED, "prefecture", "within_days")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A new segment begins with a condition to fill in."""
        return 0 if obj else 1

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*_NAMED)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in _NAMED:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Segment)
class SegmentAdmin(HouseAdmin):
    """Saved questions; the page of one shows whom it means now."""

    list_display = ("name", "question", "note", "company", "in_use")
    list_select_related = ("company",)
    list_filter = ("company",)
    search_fields = ("name",)
    autocomplete_fields = ("company",)
    ordering = ("company", "name")
    fields = (("name", "company"), "note", "ended_at")
    inlines = (ConditionInline,)
    change_form_before_template = "campaigns/admin/segment.html"
    actions_detail = ("open_export",)
    empty_words = _("Make the first segment: who bought within 90 days, who hasn't for a year, who bought tea but never sweets.")

    class Media:
        css = {"all": ("campaigns/desk.css",)}
        js = ("campaigns/conditions.js",)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:key>/export/", self.admin_site.admin_view(self.members_view), name="campaigns_segment_export"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("conditions")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**their_company(request), **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A segment stays with its company: its conditions name that company's things."""
        return [*super().get_readonly_fields(request, obj), *(["company"] if obj else [])]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and request.method == "GET":
            context["answer"] = self._answer(row, request)
        return super().render_change_form(request, context, *args, **kwargs)

    def _answer(self, row: Segment, request: HttpRequest) -> dict[str, Any]:
        """Whom the segment means now: figures, and the last few of them, masked for those who may not know people."""
        at = clock.now()
        question = asked(row.pk).question
        account: Any = request.user
        full = account.has_perm("customers.view_personal")
        sample = segment_sample(question, company_id=row.company_id, at=at)
        if full and sample:
            self._record(sample, request=request, screen=f"admin {request.path}"[:200])
        counted = segment_count(question, company_id=row.company_id, at=at)
        return {
            "count": counted,
            "percent": 100 * counted.writable // counted.meant if counted.meant else 0,
            "words": in_words(row.pk),
            "sample": [_shown(who, full=full) for who in sample],
            "full": full,
            "plan": f"{reverse('admin:campaigns_send_add')}?segment={row.pk}&company={row.company_id}",
        }

    @staticmethod
    def _record(people: Any, *, request: HttpRequest, screen: str, reason: str = "") -> None:
        subjects = [f"customer:{who.public_id}" for who in people]
        record_personal_read(subjects, actor=actor_of(request), screen=screen, fields=("name", "email", "prefecture"), reason=reason)

    @display(description=_("conditions"))
    def question(self, row: Segment) -> str:
        kinds = dict.fromkeys(("− " if c.excluded else "") + str(c.get_kind_display()) for c in row.conditions.all())
        return "・".join(kinds) or gettext("Every customer")

    @display(description=_("in use"), boolean=True)
    def in_use(self, row: Segment) -> bool:
        return row.ended_at is None

    # Export

    @action(description=_("Export as CSV"), url_path="open-export", icon="download", permissions=["export"])  # type: ignore[untyped-decorator]
    def open_export(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:campaigns_segment_export", args=[object_id]))

    def has_export_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("campaigns.export_segment"))

    def members_view(self, request: HttpRequest, key: int) -> HttpResponse | FileResponse:
        """GET asks for the reason, POST gives the file; each export leaves a trace."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=key).first()
        if row is None:
            raise Http404
        account: Any = request.user
        full = account.has_perm("customers.export_personal")
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._members_file(row, request=request, full=full, reason=form.cleaned_data["reason"])
        words = {
            **self.admin_site.each_context(request), "title": _("Export as CSV"), "opts": self.opts, "form": form, "row": row, "full": full,
            "back": reverse("admin:campaigns_segment_change", args=[key]),
        }  # fmt: skip
        return TemplateResponse(request, "campaigns/admin/export.html", words)

    def _members_file(self, row: Segment, *, request: HttpRequest, full: bool, reason: str) -> FileResponse:
        file = TemporaryFile()  # noqa: SIM115  the response closes it
        header = [gettext("customer number"), gettext("F-number"), gettext("last purchase"), gettext("bought in all"), gettext("currency"),
                  gettext("prefecture"), gettext("may be written to")]  # fmt: skip
        writer = ExportWriter(file, header=[*header, gettext("full name"), gettext("e-mail")] if full else header)
        screen = f"export segment:{row.public_id}"
        actor = actor_of(request)
        record_personal_read([f"segment:{row.public_id}"], actor=actor, screen=screen, fields=("number",), reason=reason)
        for page in segment_members(asked(row.pk).question, company_id=row.company_id, at=clock.now()):
            if full:
                self._record(page, request=request, screen=screen, reason=reason)
            for who in page:
                facts = [who.number, who.f_number, who.last_on or "", who.amount, who.currency, who.prefecture, who.writable]
                writer.write([*facts, who.name, who.email] if full else facts)
        writer.close()
        file.seek(0)
        return FileResponse(
            file, as_attachment=True, filename=f"segment-{row.pk}-{clock.now():%Y%m%d}.csv", content_type="text/csv; charset=utf-8"
        )


def _shown(who: Meant, *, full: bool) -> dict[str, Any]:
    return {
        "link": reverse("admin:customers_customer_change", args=[who.customer_id]),
        "number": who.number,
        "name": who.name if full else masked_name(who.name),
        "email": (who.email if full else masked_email(who.email)) or "–",
        "prefecture": who.prefecture or "–",
        "f_number": who.f_number,
        "last_on": who.last_on,
        "amount": who.amount,
        "currency": who.currency,
        "writable": who.writable,
    }
