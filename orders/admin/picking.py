"""Picking at the staff counter: batches made from what may leave, their papers with progress, and the words on delivery notes."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, VerbCall, VerbForm, actor_of, status_column
from core.clock import business_date
from core.errors import HouseError, Refusal
from core.ids import public
from core.operations import record_personal_read
from inventory.queries import zone_of
from orders.admin.labels import places
from orders.admin.page import SHIPMENT_TONES
from orders.models import NoteLetter, PaperFile, PickingBatch, PickingParcel, Shipment
from orders.operations import InBatch, ask_for_papers, leave_batches, pick_and_print, set_papers_again
from orders.queries import PaperProgress, buyers_on_papers, paper_progress, parcels_of_batch, parcels_to_pick
from orders.rules import MOST_ON_PAPER, PaperKind, PaperState, PickingWay, ShipmentStatus, seconds_left

PICK = "orders.pick_parcels"
READ = ("name", "address")
TONES = {"waiting": "info", "working": "info", "done": "success", "failed": "danger"}
OPEN = ("planned", "instructed")


def may_pick(request: HttpRequest) -> bool:
    """Whoever picks and prints sees to whom."""
    account: Any = request.user
    return bool(account.has_perm(PICK) and account.has_perm("orders.view_shipment"))


class BatchForm(VerbForm):
    """How the parcels are picked, and what is printed at once."""

    way = forms.ChoiceField(label=_("way of picking"), choices=[(str(w), _(words)) for w, words in PickingWay.labels().items()])
    lists = forms.BooleanField(label=_("print the picking list"), required=False, initial=True)
    notes = forms.BooleanField(label=_("print the delivery notes"), required=False, initial=True)

    def papers(self) -> list[PaperKind]:
        """What is set at once: the list of the way of picking, with lists by parcel to sort from where all is fetched in one walk."""
        return papers_of(self.cleaned_data)


def papers_of(said: Any) -> list[PaperKind]:
    """The papers that were asked for with a batch."""
    lists = [PaperKind.TOTAL_LIST, PaperKind.PARCEL_LISTS] if said["way"] == PickingWay.TOTAL else [PaperKind.PARCEL_LISTS]
    return [*(lists if said["lists"] else []), *([PaperKind.DELIVERY_NOTES] if said["notes"] else [])]


class PaperForm(VerbForm):
    """Which paper, and whether once more."""

    paper = forms.ChoiceField(label=_("paper"), choices=[(str(kind), _(words)) for kind, words in PaperKind.labels().items()])
    again = forms.BooleanField(
        label=_("again, though it was printed before"), required=False, help_text=_("The new copy is marked, so that no parcel is packed twice.")
    )  # fmt: skip


def _batch(call: VerbCall) -> Any:
    return pick_and_print(
        call.ids, way=PickingWay(call.values["way"]), papers=papers_of(call.values), kept_days=settings.PAPERS_KEPT_DAYS,
        actor=call.actor, at=call.at,
    )  # fmt: skip


def _print(call: VerbCall) -> Any:
    return ask_for_papers(
        call.ids, kind=PaperKind(call.values["paper"]), kept_days=settings.PAPERS_KEPT_DAYS, again=call.values["again"], actor=call.actor, at=call.at
    )  # fmt: skip


def _leave(call: VerbCall) -> Any:
    return leave_batches(call.ids, actor=call.actor, at=call.at)


PICK_VERBS = (
    Verb(
        name="batch", label=_("Make a picking batch"), permission=PICK, run=_batch, form=BatchForm, icon="shopping_basket",
        explanation=_("Inserts and lots are chosen, and each parcel is in one batch only. The papers are ready a moment later, under the batch."),
        offered=lambda s: s.status in OPEN, most_rows=MOST_ON_PAPER,
    ),
    Verb(
        name="print", label=_("Print papers"), permission=PICK, run=_print, form=PaperForm, icon="print",
        explanation=_("The papers of these parcels are set in one file per location, ready a moment later under “Files of papers”."),
        offered=lambda s: s.status != "cancelled", most_rows=MOST_ON_PAPER,
    ),
    Verb(
        name="unbatch", label=_("Take out of the batch"), permission=PICK, run=_leave, form=None, icon="remove_shopping_cart", on_page=False,
        explanation=_("The parcels can be picked in another batch. Throw away what was printed of them."),
    ),
)  # fmt: skip


class PickingForm(BatchForm):
    """Which location, and what may leave by when."""

    location = forms.ChoiceField(label=_("location"))
    until = forms.DateField(label=_("leaves by"))
    most = forms.IntegerField(label=_("at most so many parcels"), min_value=1, max_value=MOST_ON_PAPER, initial=100)
    field_order = ("location", "until", "most", "way", "lists", "notes")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here: Any = self.fields["location"]
        found = places(request).values()
        here.choices = [(str(place.id), place.name) for place in found]
        company = next((place.company_id for place in found), None)
        if company:
            self.fields["until"].initial = business_date(clock.now(), zone_of(company))


class PickingPages:
    """What the counter of parcels has for picking: the page that makes a batch of whatever may leave."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.picking_view)
        return [path("picking/", page, name="orders_shipment_picking"), *super().get_urls()]  # type: ignore[misc]

    def has_picking_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may_pick(request)

    @action(description=_("Picking"), url_path="go-picking", permissions=["picking"], icon="shopping_basket")  # type: ignore[untyped-decorator]
    def go_picking(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads there."""
        return HttpResponseRedirect(reverse("admin:orders_shipment_picking"))

    def picking_view(self, request: HttpRequest) -> HttpResponse:
        """A batch of what may leave a location: made, then shown with its papers."""
        if not may_pick(request):
            raise PermissionDenied
        form = PickingForm(*((request.POST,) if request.method == "POST" else ()), request=request)
        left_out: list[tuple[str, str]] = []
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            ids = parcels_to_pick(int(said["location"]), until=said["until"], limit=said["most"])
            answers = _made(request, ids, form)
            left_out = [(str(i), one.text(gettext)) for i, one in zip(ids, answers, strict=True) if isinstance(one, Refusal)]
            batch = next((one for one in answers if isinstance(one, InBatch)), None)
            if batch is not None:
                _say_left_out(request, left_out)
                return HttpResponseRedirect(reverse("admin:orders_pickingbatch_change", args=[batch.batch_id]))
            form.add_error(None, gettext("No parcel of this location may be picked now."))
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Picking"), "form": form,  # type: ignore[attr-defined]
            "left_out": [why for _key, why in left_out][:50], "back": reverse("admin:orders_shipment_changelist"),
            "batches": reverse("admin:orders_pickingbatch_changelist"), "page": reverse("admin:orders_shipment_picking"),
        }  # fmt: skip
        return TemplateResponse(request, "orders/admin/picking.html", words)


def _made(request: HttpRequest, ids: list[int], form: PickingForm) -> list[Any]:
    try:
        return pick_and_print(
            ids, way=PickingWay(form.cleaned_data["way"]), papers=form.papers(), kept_days=settings.PAPERS_KEPT_DAYS,
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except HouseError as error:
        return [error.refusal] * len(ids)


def _say_left_out(request: HttpRequest, left_out: list[tuple[str, str]]) -> None:
    if left_out:
        words = ngettext("%(count)s parcel was left out: %(why)s", "%(count)s parcels were left out: %(why)s", len(left_out))
        messages.warning(request, words % {"count": len(left_out), "why": " ".join(dict.fromkeys(why for _key, why in left_out[:5]))})


@admin.register(PickingBatch)
class PickingBatchAdmin(LedgerAdmin):
    """Batches, the newest first; each with its parcels, what became of them, and its papers."""

    company_path = "company"
    list_display = ("number", "location", "shown_way", "parcel_count", "progress", "at", "actor_label")
    list_display_links = ("number",)
    list_select_related = ("location",)
    list_filter = ("way", "location")
    search_fields = ("=number",)
    search_help_text = _("Batch number")
    ordering = ("-pk",)
    fields = ()
    change_form_before_template = "orders/admin/picking_batch.html"
    empty_words = _("No batch yet. Make one of what may leave, with the button “Picking” above the list of shipments.")
    verbs = (
        Verb(
            name="papers", label=_("Print papers"), permission=PICK, form=PaperForm, icon="print", on_list=False, variant="primary",
            run=lambda call: [_print_batch(call)], explanation=_("The papers of all parcels of this batch that are still in it."),
        ),
        Verb(
            name="dissolve", label=_("Dissolve"), permission=PICK, form=None, icon="remove_shopping_cart", on_list=False, variant="danger",
            run=lambda call: [_dissolve(call)], explanation=_("What has not left can be picked in another batch. Throw away what was printed of it."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css", "inventory/stocktake.css", "orders/warehouse.css")}
        js = ("orders/papers.js",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template."""
        return ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("parcels__shipment")

    @display(description=_("way of picking"), ordering="way")
    def shown_way(self, row: Any) -> str:
        return row.get_way_display()  # type: ignore[no-any-return]

    @display(description=_("left / inspected"))
    def progress(self, row: PickingBatch) -> str:
        """How many of it have left, and how many are inspected."""
        parcels = [one.shipment for one in row.parcels.all() if one.ended_at is None]
        gone = sum(p.status not in (*OPEN, "cancelled") for p in parcels)
        return f"{gone} / {sum(p.inspected_at is not None for p in parcels)}"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        words = {"page": self._page(request, row)} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def _page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        parcels = parcels_of_batch(row.pk)
        here = [one for one in parcels if one.ended_at is None]
        files = PaperFile.objects.filter(batch=row).defer("content").order_by("-pk")
        labels = ShipmentStatus.labels()
        people = Shipment.objects.filter(pk__in=[one.shipment_id for one in parcels]).values_list("order__customer__public_id", flat=True)
        subjects = [f"customer:{ref}" for ref in people]
        record_personal_read(subjects, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=("name",))
        return {
            "batch": row, "way": row.get_way_display(), "location": row.location.name,
            "parcels": [{"row": one, "status": gettext(labels[ShipmentStatus(one.status)]), "tone": SHIPMENT_TONES.get(ShipmentStatus(one.status), "info")} for one in parcels],
            "left": sum(one.status not in (*OPEN, "cancelled") for one in here), "here": len(here),
            "inspected": sum(one.inspected_at is not None for one in here), "cancelled": sum(one.status == "cancelled" for one in here),
            "files": [file_shown(file) for file in files],
        }  # fmt: skip


def _print_batch(call: VerbCall) -> Refusal | None:
    (batch_id,) = call.ids
    ids = list(PickingParcel.objects.filter(batch=batch_id, ended_at=None).order_by("position").values_list("shipment", flat=True))
    answers = ask_for_papers(
        ids, kind=PaperKind(call.values["paper"]), kept_days=settings.PAPERS_KEPT_DAYS, batch_id=batch_id, again=call.values["again"],
        actor=call.actor, at=call.at,
    )  # fmt: skip
    refused = [one for one in answers if isinstance(one, Refusal)]
    return refused[0] if refused and len(refused) == len(answers) else None


def _dissolve(call: VerbCall) -> Refusal | None:
    (batch_id,) = call.ids
    ids = PickingParcel.objects.filter(batch=batch_id, ended_at=None, shipment__status__in=(*OPEN, "cancelled")).values_list(
        "shipment", flat=True
    )
    answers = leave_batches(list(ids), actor=call.actor, at=call.at)
    return next((one for one in answers if isinstance(one, Refusal)), None)


def file_shown(file: PaperFile) -> dict[str, Any]:
    """A file of papers with how far it is."""
    return {"file": file, "kind": gettext(PaperKind.labels()[PaperKind(file.kind)]), "link": reverse("admin:orders_paperfile_content", args=[file.pk]),
            "poll": reverse("admin:orders_paperfile_progress", args=[file.pk]), **told(paper_progress(file.pk)),
            "page": reverse("admin:orders_paperfile_change", args=[file.pk]), "is_gone": file.content_ended_at is not None}  # fmt: skip


def told(progress: PaperProgress) -> dict[str, Any]:
    """How far a file is, in figures and in words."""
    left = seconds_left(parcels=progress.parcels, done=progress.done, spent_ms=progress.spent_ms, usual_ms=progress.usual_ms)
    words = {
        PaperState.WAITING: gettext("Waiting for the press; then about %(seconds)s seconds."),
        PaperState.WORKING: gettext("%(done)s of %(all)s parcels; about %(seconds)s seconds left."),
        PaperState.DONE: gettext("%(all)s parcels, ready."),
        PaperState.FAILED: gettext("Could not be set: %(fault)s"),
    }[progress.state]
    shown = {"done": f"{progress.done:,d}", "all": f"{progress.parcels:,d}", "seconds": left, "fault": progress.fault}
    return {
        "state": str(progress.state),
        "done": progress.done,
        "all": progress.parcels,
        "said": words % shown,
        "tone": TONES[progress.state],
    }


@admin.register(PaperFile)
class PaperFileAdmin(LedgerAdmin):
    """Papers that were asked for, the newest first; each can be opened until its days are over."""

    company_path = "company"
    list_display = ("at", "shown_kind", "location", "batch", "parcel_count", "shown_state", "open_link", "kept_until_at", "actor_label")
    list_display_links = ("at",)
    list_select_related = ("location", "batch")
    list_filter = ("kind", "state", "location")
    ordering = ("-pk",)
    fields = ()
    change_form_before_template = "orders/admin/paper_file.html"
    empty_words = _("Nothing has been printed yet.")
    shown_state = status_column("state", description=_("status"), tones=TONES)
    verbs = (
        Verb(
            name="again", label=_("Set again"), permission=PICK, form=None, icon="refresh", offered=lambda f: f.state == "failed",
            run=lambda call: set_papers_again(call.ids, actor=call.actor, at=call.at),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css", "inventory/stocktake.css", "orders/warehouse.css")}
        js = ("orders/papers.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template."""
        return ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:key>/content/", view(self.content_view), name="orders_paperfile_content"),
            path("<int:key>/progress/", view(self.progress_view), name="orders_paperfile_progress"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        words = {"page": {"batch": row.batch, "one": file_shown(row)}} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    @display(description=_("kind of paper"), ordering="kind")
    def shown_kind(self, row: Any) -> str:
        words = row.get_kind_display()
        return f"{words} ({gettext('printed again')})" if row.is_reprint else words

    @display(description=_("file"))
    def open_link(self, row: PaperFile) -> Any:
        if row.state != "done" or row.content_ended_at is not None:
            return "–"
        return format_html(
            '<a class="house-link" href="{}" target="_blank">PDF</a>', reverse("admin:orders_paperfile_content", args=[row.pk])
        )

    def _found(self, request: HttpRequest, key: int) -> PaperFile:
        row: PaperFile | None = PaperFile.objects.filter(pk__in=self.get_queryset(request).filter(pk=key)).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def content_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The PDF, for whoever picks; the reading is written down for each customer in it."""
        if not may_pick(request):
            raise PermissionDenied
        row = self._found(request, key)
        if row.state != "done" or row.content_ended_at is not None:
            raise Http404
        people = [f"customer:{ref}" for ref in buyers_on_papers(row.pk)]
        screen = f"admin {request.path}"[:200]
        record_personal_read(people, actor=actor_of(request), screen=screen, fields=READ, reason=f"{row.kind} {row.pk}")
        name = f"{row.kind}-{public('ppf', row.public_id)[-6:]}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return HttpResponse(bytes(row.content), content_type="application/pdf", headers=headers)

    def progress_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """How far the file is, for the bar."""
        self._found(request, key)
        return JsonResponse(told(paper_progress(key)))


@admin.register(NoteLetter)
class NoteLetterAdmin(HouseAdmin):
    """The words on delivery notes, by brand."""

    company_path = "company"
    list_display = ("__str__", "company", "brand", "contact", "reorder")
    list_select_related = ("company", "brand")
    list_filter = ("company",)
    ordering = ("company", "brand", "pk")
    fields = (("company", "brand"), "sender_name", "greeting", "reorder", "contact", "closing")
    empty_words = _("No words yet: delivery notes carry the company’s name and address alone.")
