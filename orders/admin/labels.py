"""Label data for carriers at the staff counter: made for chosen parcels or a whole location, and the numbers handed back in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import Verb, VerbCall, VerbForm, actor_of
from core.clock import business_date
from core.errors import HouseError, Refusal
from inventory.operations import FileTaken, take_file
from inventory.queries import places_of_staff, zone_of
from inventory.rules import FilePlace, FileStatus
from orders.models import Shipment, ShipmentLabel
from orders.operations import MOST_LABELS, LabelsWritten, pack_shipments, write_labels
from orders.queries import label_carriers, numbers_of_shipment, parcels_to_label
from orders.rules import CARRIERS, MOST_PIECES

EXCHANGE = "inventory.exchange_files"
SHOWN = 500
FIELDS = {"/kind": "carrier"}


def may_label(request: HttpRequest) -> bool:
    """Whoever hands files in and out: these hold addresses."""
    account: Any = request.user
    return bool(account.has_perm(EXCHANGE) and account.has_perm("orders.view_shipment"))


def _carriers() -> list[tuple[str, Any]]:
    return [(code, gettext(CARRIERS[code])) for code in label_carriers()]


def places(request: HttpRequest) -> dict[int, Any]:
    """The locations this member of staff acts for, by their keys."""
    account: Any = request.user
    return {place.id: place for place in places_of_staff(int(account.pk or 0), company_id=account.company_id)}


class PlaceForm(VerbForm):
    """Which location and carrier."""

    location = forms.ChoiceField(label=_("location"))
    carrier = forms.ChoiceField(label=_("carrier"))

    def __init__(self, *args: Any, request: HttpRequest, way: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=way, **kwargs)
        here: Any = self.fields["location"]
        here.choices = [(str(place.id), place.name) for place in places(request).values()]
        carrier: Any = self.fields["carrier"]
        carrier.choices = _carriers()


class GiveForm(PlaceForm):
    """Which parcels: those that were chosen in the list, or all that may leave the location."""

    leaves_on = forms.DateField(label=_("leaves on"))
    again = forms.BooleanField(
        label=_("again, though label data was made before"),
        required=False,
        help_text=_("Only where the first file was not printed: otherwise a parcel gets two labels."),
    )
    ids = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60_000)

    def __init__(self, *args: Any, request: HttpRequest, chosen: bool, **kwargs: Any) -> None:
        super().__init__(*args, request=request, way="give", **kwargs)
        self.fields["carrier"].help_text = gettext("For parcels that have none yet; the others go with their own.")
        company = next((place.company_id for place in places(request).values()), None)
        if company:
            self.fields["leaves_on"].initial = business_date(clock.now(), zone_of(company))
        if chosen:
            del self.fields["location"]

    def clean_ids(self) -> list[int]:
        """The keys of the chosen parcels."""
        typed = str(self.cleaned_data["ids"]).split(",") if self.cleaned_data["ids"] else []
        if not all(key.isascii() and key.isdigit() and len(key) < 18 for key in typed):
            raise forms.ValidationError(gettext("There is no such record."))
        return [int(key) for key in typed]


class TakeForm(PlaceForm):
    """The file with the numbers."""

    file = forms.FileField(
        label=_("file of printed labels (CSV)"), help_text=_("As the carrier’s program writes it. The same file twice changes nothing.")
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, way="take", **kwargs)


class PackForm(VerbForm):
    """With whom, and in how many pieces."""

    pieces = forms.IntegerField(label=_("number of pieces"), min_value=1, max_value=MOST_PIECES, initial=1)
    carrier = forms.ChoiceField(label=_("carrier"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        carrier: Any = self.fields["carrier"]
        carrier.choices = [("", gettext("as it is")), *((code, gettext(name)) for code, name in CARRIERS.items())]


def _pack(call: VerbCall) -> Any:
    return pack_shipments(call.ids, pieces=call.values["pieces"], carrier=call.values["carrier"], actor=call.actor, at=call.at)


PACK = Verb(
    name="pack", label=_("Pieces"), permission="orders.ship_shipment", run=_pack, form=PackForm, icon="package_2",
    explanation=_("Label data is made for this carrier and so many pieces."), offered=lambda s: s.status in ("planned", "instructed"),
    initial=lambda _request, row: {"pieces": row.pieces, "carrier": row.carrier},
)  # fmt: skip


class LabelFilter(admin.SimpleListFilter):
    """Parcels with and without label data."""

    title = _("label data")
    parameter_name = "labelled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not made yet")), ("yes", _("made"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> QuerySet[Shipment]:
        made = Exists(ShipmentLabel.objects.filter(shipment=OuterRef("pk")))
        return {"no": queryset.filter(~made), "yes": queryset.filter(made)}.get(self.value() or "", queryset)


class LabelPages:
    """What the counter of parcels has for labels: the page, the action of the list, the numbers of a parcel."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.labels_view)
        return [path("labels/", page, name="orders_shipment_labels"), *super().get_urls()]  # type: ignore[misc]

    def labels_view(self, request: HttpRequest) -> HttpResponse:
        """The page where label data goes out and numbers come back."""
        return labels_page(self, request)

    def has_labels_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may_label(request)

    @action(description=_("Labels"), url_path="go-labels", permissions=["labels"], icon="label")  # type: ignore[untyped-decorator]
    def go_labels(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads there."""
        return HttpResponseRedirect(reverse("admin:orders_shipment_labels"))

    @admin.action(description=_("Make label data"), permissions=["labels"])
    def make_labels(self, request: HttpRequest, chosen: QuerySet[Shipment]) -> HttpResponse:
        """The chosen parcels, on the page that asks for the carrier."""
        return labels_page(self, request, chosen=list(chosen.order_by("pk").values_list("pk", flat=True)[:SHOWN]))

    @display(description=_("tracking number"))
    def numbers(self, row: Shipment) -> str:
        """Every number on its pieces."""
        found = dict.fromkeys([row.tracking_number, *numbers_of_shipment(row.pk)])
        return ", ".join(filter(None, found)) or "–"


def labels_page(counter: Any, request: HttpRequest, *, chosen: list[int] | None = None) -> HttpResponse:
    """Both ways on one page; what was made and who was left out stands above them."""
    if not may_label(request):
        raise PermissionDenied
    way = request.POST.get("do", "")
    ids = chosen if chosen is not None else _sent_ids(request) if way == "give" else []
    giving = GiveForm(
        *((request.POST,) if way == "give" else ()), request=request, chosen=bool(ids), initial={"ids": ",".join(map(str, ids))}
    )
    taking = TakeForm(*((request.POST, request.FILES) if way == "take" else ()), request=request)
    made: LabelsWritten | None = None
    if way == "take" and taking.is_valid():
        answer = _taken(request, taking.cleaned_data)
        if isinstance(answer, FileTaken):
            _say(request, answer)
            return HttpResponseRedirect(reverse("admin:inventory_exchangefile_change", args=[answer.file_id]))
        taking.add_error(FIELDS.get(answer.field, "file"), answer.text(gettext))
    if way == "give" and giving.is_valid():
        found = _given(counter, request, giving.cleaned_data)
        if isinstance(found, LabelsWritten):
            made = found
        else:
            giving.add_error(None, found.text(gettext))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Labels"),
        "giving": giving,
        "taking": taking,
        "chosen": len(ids),
        "page": reverse("admin:orders_shipment_labels"),
        "back": reverse("admin:orders_shipment_changelist"),
        "contracts": reverse("admin:orders_carriercontract_changelist"),
        "made": made,
        "files": [{"file": file, "carrier": gettext(CARRIERS[file.carrier])} for file in made.files] if made else [],
        "left_out": _left_out(made) if made else [],
        "more": max(len(made.left_out) - SHOWN, 0) if made else 0,
    }
    return TemplateResponse(request, "orders/admin/labels.html", words)


def _sent_ids(request: HttpRequest) -> list[str]:
    return [key for key in request.POST.get("give-ids", "").split(",") if key][: MOST_LABELS + 1]


def _left_out(made: LabelsWritten) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "link": reverse("admin:orders_shipment_change", args=[one.shipment_id]),
            "reasons": [reason.text(gettext) for reason in one.reasons],
        }
        for one in made.left_out[:SHOWN]
    ]


def _given(counter: Any, request: HttpRequest, said: dict[str, Any]) -> LabelsWritten | Refusal:
    """One operation on what this member of staff may see."""
    if said["ids"]:
        seen = counter.get_queryset(request).filter(location__in=list(places(request)))
        ids = list(seen.filter(pk__in=said["ids"]).values_list("pk", flat=True))
    else:
        ids = parcels_to_label(int(said["location"]), leaves_on=said["leaves_on"], limit=MOST_LABELS)
    try:
        return write_labels(
            ids, carrier=said["carrier"], leaves_on=said["leaves_on"], again=said["again"], actor=actor_of(request), at=clock.now()
        )
    except HouseError as error:
        return error.refusal


def _taken(request: HttpRequest, said: dict[str, Any]) -> FileTaken | Refusal:
    place = places(request)[int(said["location"])]
    kind = label_carriers()[said["carrier"]].result_kind().code
    where = FilePlace(company_id=place.company_id, location_id=place.id)
    try:
        return take_file(kind, said["file"].read(), name=said["file"].name, place=where, actor=actor_of(request), at=clock.now())
    except HouseError as error:
        return error.refusal


def _say(request: HttpRequest, answer: FileTaken) -> None:
    if answer.unread:
        messages.error(request, answer.unread.text(gettext))
        return
    words = gettext("Numbers taken in: %(done)s, known already: %(repeated)s, to be compared: %(differing)s, refused: %(refused)s.")
    counts = {"done": answer.done, "repeated": answer.repeated, "differing": answer.differing, "refused": answer.refused}
    levels = {FileStatus.DONE: messages.WARNING if answer.differing else messages.SUCCESS, FileStatus.PARTLY: messages.WARNING}
    messages.add_message(request, levels.get(answer.status, messages.ERROR), words % counts)
