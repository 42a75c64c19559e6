"""Outside orders at the staff counter: what came, what waits for somebody, and how it is mended."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall, VerbForm, actor_of, company_of, status_column
from core.errors import HouseError, Refusal
from core.money import format_money
from core.operations import record_personal_read
from orders.models import IntakeDocument, IntakeOrder, IntakeRow, OutsideShop
from orders.operations import (
    name_article,
    note_intake_changes,
    place_again,
    preview_document,
    receive_document,
    set_intake_aside,
    settle_preview,
    take_previewed,
)
from orders.queries import people_in_intake
from orders.rules import WORK, Difference, DocumentState, IntakeFate, IntakeState, differences

WORKS = "orders.work_intake"
READS = "orders.view_intake_content"
READ = ("name", "phone", "address", "email")
SHOWN = 500
TONES = {
    IntakeState.NEW: "info", IntakeState.PLACED: "success", IntakeState.REFUSED: "danger", IntakeState.PERSON: "warning",
    IntakeState.CHANGED: "danger", IntakeState.CANCELLING: "warning",
}  # fmt: skip
DOCUMENT_TONES = {
    DocumentState.DONE: "success", DocumentState.PARTLY: "warning", DocumentState.FAILED: "danger", DocumentState.RECEIVED: "info",
    DocumentState.PREVIEW: "info",
}  # fmt: skip
FATE_TONES = {IntakeFate.NEW: "success", IntakeFate.CHANGED: "danger", IntakeFate.UNREADABLE: "danger", IntakeFate.CANCELLED: "warning"}


def may(request: HttpRequest, permission: str) -> bool:
    """Whether this member of staff has a right."""
    account: Any = request.user
    return bool(account.has_perm(permission))


def shops_of(request: HttpRequest) -> QuerySet[OutsideShop]:
    """The shops in use that this member of staff works for."""
    found, company_id = OutsideShop.objects.filter(ended_at=None), company_of(request)
    return found.filter(company_id=company_id) if company_id else found


def said(row: Any) -> str:
    """The reason of a row in the reader's language."""
    return Refusal(row.code, row.message, row.params).text(gettext) if row.message else ""


def table(rows: Any, headings: Any) -> SafeString | str:
    """Cells as a small table; a dash where there is no row."""
    cells = [format_html("<tr>{}</tr>", format_html_join("", "<td>{}</td>", ((cell,) for cell in row))) for row in rows]
    if not cells:
        return "–"
    head = format_html_join("", '<th scope="col">{}</th>', ((heading,) for heading in headings))
    body = format_html_join("", "{}", ((cell,) for cell in cells))
    return format_html(
        '<div class="intake-scroll"><table class="intake-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )


class WorkFilter(admin.SimpleListFilter):
    """What somebody must look at, unless something else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((str(state), words) for state, words in ((s, gettext(w)) for s, w in IntakeState.labels().items())), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("To be worked off")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[IntakeOrder]) -> QuerySet[IntakeOrder]:
        wanted = self.value()
        if wanted == "all":
            return queryset
        return queryset.filter(state__in=[wanted] if wanted in set(IntakeState) else sorted(WORK))


class ArticleForm(VerbForm):
    """Which of our variants is behind a product code of the counter."""

    code = forms.CharField(label=_("outside product code"), max_length=120)
    sku = forms.CharField(
        label=_("our SKU or JAN"), max_length=64, help_text=_("Every order that waits for this code is tried again at once.")
    )


def _name_article(call: VerbCall) -> list[Any]:
    """The code of one shop; whatever other rows were chosen belong to the answer of their own."""
    [first, *_rest] = call.ids
    shop_id = IntakeOrder.objects.values_list("shop_id", flat=True).get(pk=first)
    answer = name_article(call.values["code"], call.values["sku"], shop_id=shop_id, actor=call.actor, at=call.at)
    return [answer]


AGAIN = Verb(
    name="again", label=_("Try once more"), permission=WORKS, form=None, icon="refresh", variant="primary",
    run=lambda call: place_again(call.ids, actor=call.actor, at=call.at),
    offered=lambda row: row.state in (IntakeState.REFUSED, IntakeState.PERSON),
)  # fmt: skip
ARTICLE = Verb(
    name="article", label=_("Choose the article"), permission=WORKS, form=ArticleForm, icon="style", run=_name_article, on_list=False,
    offered=lambda row: row.state == IntakeState.PERSON and row.code == "intake.unknown_article",
    initial=lambda _request, row: {"code": row.params.get("code", "")},
    explanation=_("From now on this code of the shop means our article."),
)  # fmt: skip
NOTED = Verb(
    name="noted", label=_("Change seen to"), permission=WORKS, form=ReasonForm, icon="done_all",
    run=lambda call: note_intake_changes(call.ids, reason=call.reason, actor=call.actor),
    offered=lambda row: row.state == IntakeState.CHANGED,
    explanation=_("You have changed or cancelled our order as the counter tells it. Its hold is released on the page of the order."),
)  # fmt: skip
ASIDE = Verb(
    name="aside", label=_("Not to be placed"), permission=WORKS, form=ReasonForm, icon="block", variant="danger",
    run=lambda call: set_intake_aside(call.ids, reason=call.reason, actor=call.actor),
    offered=lambda row: row.state in (IntakeState.REFUSED, IntakeState.PERSON, IntakeState.WAITING),
)  # fmt: skip


@admin.register(IntakeOrder)
class IntakeOrderAdmin(LedgerAdmin):
    """Orders of outside counters, those that somebody must look at first."""

    company_path = "company"
    list_display = ("outside_number", "shop", "state_label", "shown_problem", "shown_total", "order_link", "received_at")
    list_select_related = ("shop", "order")
    list_filter = (WorkFilter, ("shop", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=outside_number", "=order__number")
    search_help_text = _("Outside number or order number")
    ordering = ("-pk",)
    empty_words = _("Nothing waits here: every outside order was placed, or waits for its counter.")
    verbs = (AGAIN, ARTICLE, NOTED, ASIDE)
    readonly_fields = (
        "shown_problem", "shown_total", "order_link", "document_link", "shown_lines", "shown_differences", "named_differences", "shown_part",
    )  # fmt: skip
    state_label = status_column("state", description=_("state"), tones=TONES)

    class Media:
        css = {"all": ("orders/desk.css", "orders/intake.css")}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown: list[Any] = [
            (
                None,
                {
                    "fields": (
                        ("outside_number", "shop"),
                        ("state", "standing"),
                        "shown_problem",
                        ("shown_total", "order_link"),
                        "shown_lines",
                    )
                },
            ),
            (_("Changed there afterwards"), {"fields": ("shown_differences" if may(request, READS) else "named_differences",)}),
            (_("Where it comes from"), {"fields": (("document_link", "row"), ("said_at", "received_at", "tries"))}),
        ]
        if may(request, READS):
            shown.append((_("As it was told"), {"fields": ("shown_part",)}))
        return shown

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and (row.part or _changed(row)) and may(request, READS):
            who = [f"outside order:{row.outside_number}"]
            record_personal_read(who, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=READ)
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("what stands in its way"))
    def shown_problem(self, row: IntakeOrder) -> str:
        return said(row) or "–"

    @display(description=_("total"))
    def shown_total(self, row: IntakeOrder) -> str:
        return format_money(row.total, "JPY")

    @display(description=_("order"))
    def order_link(self, row: IntakeOrder) -> Any:
        if row.order is None:
            return "–"
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order.number
        )

    @display(description=_("intake document"))
    def document_link(self, row: IntakeOrder) -> Any:
        link = reverse("admin:orders_intakedocument_change", args=[row.document_id])
        return format_html('<a class="house-link" href="{}">{}</a>', link, row.document)

    @display(description=_("lines"))
    def shown_lines(self, row: IntakeOrder) -> Any:
        lines = row.said.get("lines") or []
        cells = [
            (", ".join(line["codes"]), line["name"], line["quantity"], f"{line['unit_price']:,}", f"{line['discount']:,}") for line in lines
        ]
        return table(cells, (_("code"), _("product"), _("quantity"), _("unit price"), _("discount")))

    @display(description=_("what is another now"))
    def shown_differences(self, row: IntakeOrder) -> Any:
        return _difference_table(_changed(row))

    @display(description=_("what is another now"))
    def named_differences(self, row: IntakeOrder) -> Any:
        """For those who may not read of persons: that a name or address is another, and not what it is."""
        return _difference_table([replace(one, before="…", now="…") if one.is_personal else one for one in _changed(row)])

    @display(description=_("as it was told"))
    def shown_part(self, row: IntakeOrder) -> Any:
        return format_html('<pre class="intake-part">{}</pre>', row.part) if row.part else "–"


def _changed(row: IntakeOrder) -> list[Difference]:
    return differences(row.agreed, row.said) if row.state == IntakeState.CHANGED and row.agreed else []


def _difference_table(found: Sequence[Difference]) -> Any:
    return table([(one.field, one.before, one.now) for one in found], (_("field"), _("as placed"), _("now")))


class TakeForm(VerbForm):
    """Which shop's file."""

    shop = forms.ModelChoiceField(OutsideShop.objects.none(), label=_("outside shop"))
    file = forms.FileField(
        label=_("file"), help_text=_("JSON, XML or CSV as the counter writes it, up to 40 MB. The same file twice changes nothing.")
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shop: Any = self.fields["shop"]
        shop.queryset = shops_of(request).order_by("name")
        if len(only := shop.queryset[:2]) == 1:
            shop.initial = only[0].pk


def _discard(call: VerbCall) -> int:
    return sum(settle_preview(document_id, take=False, actor=call.actor) for document_id in call.ids)


@admin.register(IntakeDocument)
class IntakeDocumentAdmin(LedgerAdmin):
    """What counters handed in, the newest first; a file is looked at before it is taken in."""

    company_path = "company"
    list_display = ("name", "shop", "state_label", "order_count", "new_count", "problem_count", "source", "received_at")
    list_select_related = ("shop",)
    list_filter = ("state", ("shop", admin.RelatedOnlyFieldListFilter))
    ordering = ("-pk",)
    actions_list = ("go_take",)
    empty_words = _("Nothing was handed in yet. The button above takes a file in; shops with an interface hand theirs in by themselves.")
    state_label = status_column("state", description=_("state"), tones=DOCUMENT_TONES)
    readonly_fields = ("shown_problem", "shown_preview", "shown_rows")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "shop"), ("state", "source", "received_at"), "shown_problem", "shown_preview",
                    ("order_count", "new_count", "problem_count"), "shown_rows", ("encoding", "map_version", "content_ended_at"),
                )
            },
        ),
    )  # fmt: skip
    verbs = (
        Verb(
            name="take", label=_("Take it in"), permission=WORKS, form=None, icon="move_to_inbox", variant="primary", on_list=False,
            run=lambda call: take_previewed(call.ids, actor=call.actor, at=call.at),
            offered=lambda row: row.state == DocumentState.PREVIEW,
        ),
        Verb(
            name="discard", label=_("Throw away"), permission=WORKS, form=None, icon="delete", on_list=False, run=_discard,
            offered=lambda row: row.state == DocumentState.PREVIEW,
        ),
    )  # fmt: skip
    actions_detail = ("go_content",)

    class Media:
        css = {"all": ("orders/desk.css", "orders/intake.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("take/", view(self.take_view), name="orders_intakedocument_take"),
            path("<int:key>/content/", view(self.content_view), name="orders_intakedocument_content"),
            *super().get_urls(),
        ]

    def has_take_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may(request, WORKS)

    def has_content_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may(request, READS)

    @action(description=_("Take a file in"), url_path="go-take", icon="upload_file", permissions=["take"])  # type: ignore[untyped-decorator]
    def go_take(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_intakedocument_take"))

    @action(description=_("The document as it came"), url_path="go-content", icon="download", permissions=["content"])  # type: ignore[untyped-decorator]
    def go_content(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_intakedocument_content", args=[object_id]))

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """A file is kept and looked at; nothing is placed before somebody has seen what would come of it."""
        if not may(request, WORKS):
            raise PermissionDenied
        form = TakeForm(*((request.POST, request.FILES) if request.method == "POST" else ()), request=request)
        if request.method == "POST" and form.is_valid():
            said_here = form.cleaned_data
            try:
                answer = receive_document(
                    said_here["file"].read(), shop_id=said_here["shop"].pk, name=said_here["file"].name, source="upload", preview=True,
                    actor=actor_of(request), at=clock.now(),
                )  # fmt: skip
            except HouseError as error:
                answer = error.refusal
            if not isinstance(answer, Refusal):
                if answer.repeated:
                    messages.info(request, gettext("This very file was handed in before. Nothing was done twice."))
                return HttpResponseRedirect(reverse("admin:orders_intakedocument_change", args=[answer.document_id]))
            form.add_error("shop" if answer.field == "/shop" else "file", answer.text(gettext))
        words = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Take a file in"),
            "form": form,
            "maps": reverse("admin:orders_intakemap_changelist"),
            "back": reverse("admin:orders_intakedocument_changelist"),
        }
        return TemplateResponse(request, "orders/admin/intake.html", words)

    def content_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The document byte for byte, for those with the right; the reading is written down for everybody in it."""
        row = self.get_queryset(request).filter(pk=key).first()
        if not (may(request, READS) and self.has_view_permission(request, row)):
            raise PermissionDenied
        if row is None or row.content is None:
            raise Http404
        people = people_in_intake(row.pk) or [f"intake document:{row.public_id}"]
        record_personal_read(people, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=READ, reason=row.name[:200])
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name.replace('/', '_'))}",
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(bytes(row.content), content_type="application/octet-stream", headers=headers)

    @display(description=_("why it could not be read"))
    def shown_problem(self, row: IntakeDocument) -> str:
        return said(row) or "–"

    @display(description=_("what would come of it"))
    def shown_preview(self, row: IntakeDocument) -> Any:
        if row.state != DocumentState.PREVIEW:
            return "–"
        told = preview_document(row.pk)
        if told.unread:
            return told.unread.text(gettext)
        labels = IntakeFate.labels()
        return ", ".join(f"{gettext(labels[fate])}: {count:,}" for fate, count in told.fates.items()) or gettext("No order stands in it.")

    @display(description=_("each order"))
    def shown_rows(self, row: IntakeDocument) -> Any:
        found = list(IntakeRow.objects.filter(document=row).order_by("-code", "number", "pk")[:SHOWN])
        numbers = [one.outside_number for one in found if one.outside_number]
        known = {
            one.outside_number: one
            for one in IntakeOrder.objects.filter(channel=row.shop.channel_id, outside_number__in=numbers).defer("part", "said", "agreed")
        }
        cells = [(one.number, _linked(one, known), one.get_fate_display(), _why(one, known)) for one in found]  # type: ignore[attr-defined]
        return table(cells, (_("row of the document"), _("outside number"), _("what became of it"), _("what stands in its way")))


def _linked(row: IntakeRow, known: dict[str, IntakeOrder]) -> Any:
    found = known.get(row.outside_number)
    if found is None:
        return row.outside_number or "–"
    link = reverse("admin:orders_intakeorder_change", args=[found.pk])
    return format_html('<a class="house-link" href="{}">{}</a>', link, row.outside_number)


def _why(row: IntakeRow, known: dict[str, IntakeOrder]) -> str:
    found = known.get(row.outside_number)
    return said(row) or (said(found) or found.get_state_display() if found else "–")  # type: ignore[attr-defined]
