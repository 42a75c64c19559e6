"""Which parcels travel together: proposals to be worked off, and what of a parcel leaves by itself."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from catalog.rules import TemperatureZone
from core import clock
from core.admin_site import Verb, VerbCall, VerbForm, actor_of
from core.errors import HouseError, Refusal
from core.ids import new_id
from core.operations import record_personal_read
from core.text import format_postal, plain
from inventory.rules import counted_quantity
from orders.models import Shipment
from orders.operations import Combined, SplitParcel, combine_shipments, part_shipments, split_shipments
from orders.queries import box_of_shipment, lines_of_parcel, proposed_boxes
from orders.rules import Proposal, lines_meant

SHOWN = 100
SHIP = "orders.ship_shipment"
READ = ("name", "address")


def may_combine(request: HttpRequest) -> bool:
    """Whoever ships and sees to whom."""
    account: Any = request.user
    return bool(account.has_perm(SHIP) and account.has_perm("orders.view_shipment"))


def _combine(call: VerbCall) -> Any:
    """The chosen parcels are one group: they all have its answer."""
    return combine_shipments([call.ids], actor=call.actor, at=call.at) * len(call.ids)


def _part(call: VerbCall) -> Any:
    return part_shipments(call.ids, actor=call.actor, at=call.at)


def _by_temperature(call: VerbCall) -> Any:
    return split_shipments([SplitParcel(shipment_id=i) for i in call.ids], actor=call.actor, at=call.at)


class SplitForm(VerbForm):
    """How many of each line leave in the new parcel."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: new_id().hex)
    lines = forms.CharField(
        label=_("what leaves by itself"),
        widget=forms.Textarea,
        max_length=20_000,
        help_text=_("A line for every article: SKU, quantity. What stands at 0 stays in this parcel."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].widget.attrs |= {"rows": 6, "autofocus": True, "spellcheck": "false", "autocapitalize": "off"}

    def clean_lines(self) -> list[tuple[str, int]]:
        """SKUs and how many of them; every line that is none is named."""
        found: list[tuple[str, int]] = []
        wrong: list[forms.ValidationError] = []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in plain(line).replace("\t", ",").replace("、", ",").split(",")]
            units = counted_quantity(parts[-1]) if len(parts) == 2 and parts[0] else None
            if units is None or isinstance(units, Refusal):
                words = _("Line %(number)s is not “SKU, quantity”: %(line)s")
                wrong.append(forms.ValidationError(words, params={"number": number, "line": line}))
            elif units:
                found.append((parts[0], units))
        if wrong:
            raise forms.ValidationError(wrong)
        if not found:
            raise forms.ValidationError(_("Write how many of at least one article leave by themselves."))
        return found


def _all_at_nought(_request: HttpRequest, row: Any) -> dict[str, str]:
    return {"lines": "\n".join(f"{line.sku}, 0" for line in lines_of_parcel(row.pk))}


def _split(call: VerbCall) -> Any:
    (shipment_id,) = call.ids
    take = lines_meant(lines_of_parcel(shipment_id), call.values["lines"])
    if isinstance(take, Refusal):
        return [take]
    ask = SplitParcel(shipment_id=shipment_id, take=tuple(take), once_key=f"admin:{call.values['once']}")
    return split_shipments([ask], actor=call.actor, at=call.at)


PLANNED = ("planned",)
BOX_VERBS = (
    Verb(
        name="combine", label=_("Combine"), permission=SHIP, run=_combine, form=None, icon="inventory_2", on_page=False,
        explanation=_("The chosen parcels travel in one box, under one label and number, and leave together. What was agreed with the buyers stays."),
    ),
    Verb(
        name="part", label=_("Take out of the box"), permission=SHIP, run=_part, form=None, icon="call_split",
        explanation=_("The parcel travels by itself, and is not proposed again."), offered=lambda s: s.status in PLANNED and s.box is not None,
    ),
    Verb(
        name="split", label=_("Split"), permission=SHIP, run=_split, form=SplitForm, icon="splitscreen", on_list=False,
        initial=_all_at_nought, offered=lambda s: s.status in PLANNED and s.box is None,
        explanation=_("What you write leaves in a parcel of its own, from the same place to the same address. Each parcel has its own invoice."),
    ),
    Verb(
        name="split-zones", label=_("Split by temperature"), permission=SHIP, run=_by_temperature, form=None, icon="ac_unit", on_page=False,
        explanation=_("Goods of another temperature than the first line leave in parcels of their own."),
    ),
)  # fmt: skip


class BoxPages:
    """What the counter of parcels has for boxes: the list of proposals, and who travels with a parcel."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.boxes_view)
        return [path("boxes/", page, name="orders_shipment_boxes"), *super().get_urls()]  # type: ignore[misc]

    def boxes_view(self, request: HttpRequest) -> HttpResponse:
        """The proposals, to be combined or left apart."""
        return boxes_page(self, request)

    def has_boxes_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may_combine(request)

    @action(description=_("Combine parcels"), url_path="go-boxes", permissions=["boxes"], icon="inventory_2")  # type: ignore[untyped-decorator]
    def go_boxes(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads there."""
        return HttpResponseRedirect(reverse("admin:orders_shipment_boxes"))

    @display(description=_("in one box with"))
    def box_mates(self, row: Shipment) -> Any:
        """The others, the one whose number stands on the label first."""
        mates = [mate for mate in box_of_shipment(row.pk) if mate.shipment_id != row.pk] if row.box else []
        links = ((reverse("admin:orders_shipment_change", args=[m.shipment_id]), m.number) for m in mates)
        return format_html_join(", ", '<a class="house-link" href="{}">{}</a>', links) or "–"


def boxes_page(counter: Any, request: HttpRequest) -> HttpResponse:
    """Each proposal is combined or left apart, one by one or those that are chosen; refusals are told with their parcels."""
    if not may_combine(request):
        raise PermissionDenied
    here = reverse("admin:orders_shipment_boxes")
    if request.method == "POST":
        _done(counter, request)
        return HttpResponseRedirect(here)
    account: Any = request.user
    found = proposed_boxes([account.company_id] if account.company_id else None)
    in_full = bool(account.has_perm("customers.view_personal"))
    shown = found[:SHOWN]
    if in_full and shown:
        people = sorted({f"customer:{p.buyer_ref}" for one in shown for p in one.parcels})
        record_personal_read(people, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=READ)
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Combine parcels"),
        "proposals": [_row(one, in_full=in_full) for one in shown],
        "more": len(found) - len(shown),
        "page": here,
        "back": reverse("admin:orders_shipment_changelist"),
    }
    return TemplateResponse(request, "orders/admin/boxes.html", words)


def _row(one: Proposal, *, in_full: bool) -> dict[str, Any]:
    first = one.parcels[0]
    days = sorted({p.day for p in one.parcels if p.day})
    zones = [zone for zone in TemperatureZone if any(zone in p.zones for p in one.parcels)]
    return {
        "ids": ",".join(str(p.shipment_id) for p in one.parcels),
        "parcels": [{"link": reverse("admin:orders_shipment_change", args=[p.shipment_id]), "number": p.number} for p in one.parcels],
        "name": first.name.strip() if in_full else "–",
        "address": f"〒{format_postal(first.postal_code)} {first.address} {first.building}".strip() if in_full else "",
        "wished": " ".join([*(date_format(day, "SHORT_DATE_FORMAT") for day in days), *sorted({p.time_band for p in one.parcels} - {""})]),
        "zones": "・".join(gettext(TemperatureZone.labels()[zone]) for zone in zones),
        "postage": one.postage,
    }


def _groups(request: HttpRequest, name: str) -> list[list[int]]:
    """What was sent, as keys; anything else is nothing."""
    sent = [request.POST[name]] if name in request.POST else request.POST.getlist("chosen")
    groups = [[int(key) for key in one.split(",") if key.isascii() and key.isdigit() and len(key) < 18] for one in sent[: SHOWN * 2]]
    return [group for group in groups if group]


def _done(counter: Any, request: HttpRequest) -> None:
    combines = "combine" in request.POST or request.POST.get("do") == "combine"
    groups = _groups(request, "combine" if combines else "apart")
    seen = set(counter.get_queryset(request).filter(pk__in=[i for one in groups for i in one]).values_list("pk", flat=True))
    groups = [group for group in groups if seen.issuperset(group)]
    if not groups:
        messages.warning(request, gettext("Choose at least one proposal."))
        return
    try:
        (_tell_combined if combines else _tell_apart)(request, groups)
    except HouseError as error:
        messages.error(request, error.refusal.text(gettext))


def _tell_combined(request: HttpRequest, groups: Sequence[Sequence[int]]) -> None:
    answers = combine_shipments(groups, actor=actor_of(request), at=clock.now())
    boxes = [one for one in answers if isinstance(one, Combined)]
    if boxes:
        words = ngettext("%(count)s box was combined.", "%(count)s boxes were combined.", len(boxes)) % {"count": len(boxes)}
        if spare := sum(one.spare_postage for one in boxes):
            told = gettext("Postage of %(amount)s was agreed but is not needed; give it back by changing the order, if you promised so.")
            words += told % {"amount": f"{spare:,d}"}
        messages.success(request, words)
    for text in dict.fromkeys(one.text(gettext) for one in answers if isinstance(one, Refusal)):
        messages.error(request, text)


def _tell_apart(request: HttpRequest, groups: Sequence[Sequence[int]]) -> None:
    ids = sorted({i for group in groups for i in group})
    answers = part_shipments(ids, actor=actor_of(request), at=clock.now())
    if done := sum(not isinstance(one, Refusal) for one in answers):
        words = ngettext("%(count)s parcel travels by itself.", "%(count)s parcels travel by themselves.", done)
        messages.success(request, words % {"count": done})
    for text in dict.fromkeys(one.text(gettext) for one in answers if isinstance(one, Refusal)):
        messages.error(request, text)
