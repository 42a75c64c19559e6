"""Parcels at the staff counter: the warehouse's worklist."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import HouseAdmin, LedgerInline, PersonalData, ReasonForm, Verb, VerbCall, VerbForm, status_column
from core.errors import Refusal
from core.ids import new_id
from core.text import format_postal, plain
from core.words import gettext_noop
from inventory.rules import counted_quantity
from orders.admin.boxes import BOX_VERBS, BoxPages
from orders.admin.inserts import INSERT_VERBS, inserts_told
from orders.admin.inspection_desk import InspectionPages
from orders.admin.labels import PACK, LabelFilter, LabelPages
from orders.admin.page import SHIPMENT_TONES
from orders.admin.picking import PICK_VERBS, PickingPages
from orders.admin.recall import lots_of_view, may_recall, recall_view
from orders.models import PickingParcel, Shipment, ShipmentLine
from orders.operations import (
    Leaving,
    LotEntry,
    PartAsk,
    ShortPick,
    enter_lots,
    lots_to_take,
    mark_delivered,
    pick_shipments,
    report_short_picks,
    return_parts,
    return_undelivered,
    ship_shipments,
    withdraw_instructions,
)
from orders.queries import lots_of_shipment, parcel_parts
from orders.rules import CARRIERS, money_lets_it_leave

CHOICES = (("", "—"), *((code, _(name)) for code, name in CARRIERS.items()))


class DepartureForm(VerbForm):
    """With whom it left."""

    carrier = forms.ChoiceField(label=_("carrier"), choices=CHOICES, required=False)
    tracking_number = forms.CharField(
        label=_("tracking number"),
        max_length=40,
        required=False,
        help_text=_("For one parcel; leave it empty when shipping several at once."),
    )


def _ship(call: VerbCall) -> Any:
    number = call.values["tracking_number"].replace("-", "").replace(" ", "") if len(call.ids) == 1 else ""
    leaving = [Leaving(shipment_id=i, carrier=call.values["carrier"], tracking_number=number) for i in call.ids]
    return ship_shipments(leaving, actor=call.actor, at=call.at)


def _pick(call: VerbCall) -> Any:
    return pick_shipments(call.ids, actor=call.actor, at=call.at)


def _arrived(call: VerbCall) -> Any:
    return mark_delivered(call.ids, actor=call.actor, at=call.at)


class ComingBackForm(ReasonForm):
    """In which condition it came back."""

    sellable = forms.BooleanField(label=_("the goods may be sold again"), required=False, initial=True)


def _came_back(call: VerbCall) -> Any:
    return return_undelivered(call.ids, reason=call.reason, sellable=call.values["sellable"], actor=call.actor, at=call.at)


class PartForm(ReasonForm):
    """Which part came back, as it is scanned."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: new_id().hex)
    item = forms.CharField(
        label=_("stock item code"), max_length=64, help_text=_("One of the pieces this parcel brought, scanned or typed.")
    )
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=99_999, initial=1)
    sellable = forms.BooleanField(label=_("the goods may be sold again"), required=False, initial=True)
    field_order: tuple[str, ...] = ("item", "quantity", "sellable", "reason")


def _part_came_back(call: VerbCall) -> Any:
    (shipment_id,) = call.ids
    said = call.values
    part = next((p for p in parcel_parts(shipment_id) if p.code.upper() == said["item"].strip().upper()), None)
    if part is None:
        return [Refusal("order.not_delivered", gettext_noop("Nothing of this was delivered with the order line."), {}, "/item")]
    ask = PartAsk(
        line_ref=part.line_ref,
        stock_item_id=part.stock_item_id,
        quantity=said["quantity"],
        once_key=f"admin:{said['once']}",
        sellable=said["sellable"],
    )
    return return_parts([ask], reason=call.reason, actor=call.actor, at=call.at)


class WithdrawalForm(VerbForm):
    """Whether the warehouse has stopped, where it had taken the instruction on."""

    has_stopped = forms.BooleanField(
        label=_("the warehouse has confirmed that it stopped"), required=False, help_text=_("Needed where it has accepted the instruction.")
    )


def _withdraw(call: VerbCall) -> Any:
    return withdraw_instructions(call.ids, actor=call.actor, at=call.at, has_stopped=call.values["has_stopped"])


class ShortForm(ReasonForm):
    """How many the picker found."""

    item = forms.CharField(
        label=_("stock item code"), max_length=64, help_text=_("The item of which too few were found, scanned or typed.")
    )
    found = forms.IntegerField(
        label=_("found"), min_value=0, max_value=99_999, initial=0, help_text=_("So many of it are here for this parcel, in all.")
    )
    field_order: tuple[str, ...] = ("item", "found", "reason")


def _found_too_few(call: VerbCall) -> Any:
    (shipment_id,) = call.ids
    item = call.values["item"].strip()
    code = next((p.code for p in parcel_parts(shipment_id) if p.code.upper() == item.upper()), item)
    pick = ShortPick(shipment_id=shipment_id, found=((code, call.values["found"]),))
    return report_short_picks([pick], reason=call.reason, actor=call.actor, at=call.at)


class LotsForm(VerbForm):
    """Which lots the picker took, a line each."""

    lots = forms.CharField(
        label=_("lots taken"),
        widget=forms.Textarea,
        max_length=20_000,
        help_text=_(
            "A line for every lot: item code, lot number, pieces. A lot number alone, as a scanner types it, is one piece; scanned again, another."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lots"].widget.attrs |= {"rows": 8, "autofocus": True, "spellcheck": "false", "autocapitalize": "off"}

    def clean_lots(self) -> list[LotEntry]:
        """The lines as lots; every line that is none is named."""
        lines = [(number, line) for number, line in enumerate(self.cleaned_data["lots"].splitlines(), start=1) if line.strip()]
        entries = [(number, line, _lot_of(line)) for number, line in lines]
        wrong = [
            forms.ValidationError(_("Line %(number)s is not “item code, lot number, pieces”: %(line)s"), params={"number": n, "line": line})
            for n, line, entry in entries
            if entry is None
        ]
        if wrong:
            raise forms.ValidationError(wrong)
        return [entry for _number, _line, entry in entries if entry is not None]


def _lot_of(line: str) -> LotEntry | None:
    parts = [part.strip() for part in plain(line).replace("\t", ",").replace("、", ",").split(",")]
    if len(parts) == 1:
        return LotEntry(lot=parts[0], quantity=1)
    pieces = counted_quantity(parts[-1])
    if len(parts) > 3 or not parts[-2] or isinstance(pieces, Refusal):
        return None
    return LotEntry(item=parts[0] if len(parts) == 3 else "", lot=parts[-2], quantity=pieces)


def _expected_lots(request: HttpRequest, row: Any) -> dict[str, str]:
    """What the picker is expected to take, ready to be corrected."""
    found = lots_to_take(row.pk, at=clock.now())
    return {"lots": "\n".join(f"{one.item}, {one.lot}, {one.quantity}" for one in found)}


def _enter_lots(call: VerbCall) -> Any:
    (shipment_id,) = call.ids
    return [enter_lots(shipment_id, call.values["lots"], actor=call.actor, at=call.at)]


class ShipmentLineInline(LedgerInline):
    """What is in the parcel."""

    model = ShipmentLine
    fields = ("sku", "product", "quantity", "lots")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("SKU"))
    def sku(self, row: ShipmentLine) -> str:
        return row.line.sku

    @admin.display(description=_("product"))
    def product(self, row: ShipmentLine) -> str:
        return row.line.name

    @admin.display(description=_("lots"))
    def lots(self, row: ShipmentLine) -> str:
        """Which lots it took, or will."""
        nameless, words = gettext("lot unknown"), []
        for one in self.taken.get(row.pk, ()):
            day = f" ({date_format(one.expires_on, 'SHORT_DATE_FORMAT')})" if one.expires_on else ""
            words.append(f"{one.lot_number or nameless} × {one.quantity}{day}")
        return ", ".join(words) or "–"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The lots of the whole parcel are read once. The inline lives as long as the request."""
        self.taken = lots_of_shipment(obj.pk) if obj else {}
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShipmentLine]:
        return super().get_queryset(request).select_related("line").order_by("line__position")


@admin.register(Shipment)
class ShipmentAdmin(BoxPages, LabelPages, PickingPages, InspectionPages, HouseAdmin):
    """Every parcel, those to be shipped first when filtered so."""

    company_path = "company"
    list_display = ("number", "label", "location", "recipient", "planned_on", "waits", "carrier_name", "tracking_number", "shipped_at")
    list_select_related = ("location", "destination", "order__customer")
    list_filter = ("status", LabelFilter, "location", "carrier", ("shipped_on", admin.DateFieldListFilter))
    search_fields = ("=number", "=tracking_number", "=order__number")
    search_help_text = _("Shipment number, order number, tracking number")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("Nothing waits to be shipped here.")
    personal = PersonalData(fields=("recipient", "address", "phone"), subject=lambda row: f"customer:{row.order.customer.public_id}")
    inlines = (ShipmentLineInline,)
    fields = (
        ("number", "status", "order_link"), ("location", "planned_on"), ("recipient", "phone"), ("address",), ("carrier_name", "pieces"), ("numbers", "box_mates"),
        ("batch_told", "inspected_at"), ("inserts_told",), ("shipped_at", "delivered_at"),
    )  # fmt: skip
    verbs = (
        Verb(
            name="ship", label=_("Ship"), permission="orders.ship_shipment", run=_ship, form=DepartureForm, icon="local_shipping", variant="primary",
            explanation=_("The stock leaves, the sale is posted, the invoice is issued and the customer gets a mail."),
            offered=lambda s: s.status in ("planned", "instructed"),
        ),
        PACK,
        *PICK_VERBS,
        *BOX_VERBS,
        *INSERT_VERBS,
        Verb(
            name="pick", label=_("Choose lots"), permission="orders.ship_shipment", run=_pick, form=None, icon="event_available",
            explanation=_("The lots that expire first are put aside for these parcels, so that the pick list can name them."),
            offered=lambda s: s.status in ("planned", "instructed"),
        ),
        Verb(
            name="lots", label=_("Enter the lots taken"), permission="orders.ship_shipment", run=_enter_lots, form=LotsForm, icon="barcode_scanner",
            on_list=False, initial=_expected_lots, offered=lambda s: s.status in ("planned", "instructed"),
            explanation=_("What stands here expires first, or was chosen before. Correct it to what was really taken: that is what leaves, and what a recall finds."),
        ),
        Verb(
            name="withdraw", label=_("Take the instruction back"), permission="orders.ship_shipment", run=_withdraw, form=WithdrawalForm,
            icon="undo", offered=lambda s: s.status == "instructed",
            explanation=_("The parcel is planned again, and the warehouse is told with its next file that it need not ship it."),
        ),
        Verb(
            name="short", label=_("Found too few"), permission="orders.ship_shipment", run=_found_too_few, form=ShortForm, icon="search_off",
            on_list=False, offered=lambda s: s.status == "planned",
            explanation=_(
                "The rest comes from another location by the rules of routing, in a parcel of its own; where nobody has it, the order is held."
                " What was not found is in quarantine until it is counted."
            ),
        ),
        Verb(
            name="arrived", label=_("Mark as delivered"), permission="orders.ship_shipment", run=_arrived, form=None, icon="home",
            offered=lambda s: s.status == "shipped",
        ),
        Verb(
            name="came-back", label=_("Came back undelivered"), permission="orders.ship_shipment", run=_came_back, form=ComingBackForm,
            icon="assignment_return", variant="danger", offered=lambda s: s.status == "shipped",
            explanation=_("The goods are in stock again, the invoice is credited, and what was paid can be refunded."),
        ),
        Verb(
            name="part-came-back", label=_("Part came back"), permission="orders.ship_shipment", run=_part_came_back, form=PartForm,
            icon="assignment_return", on_list=False, offered=lambda s: s.status == "delivered",
            explanation=_("The pieces are in stock again, and their share of what was paid for the set is credited."),
        ),
    )  # fmt: skip

    actions = ("make_labels",)
    actions_list = ("go_picking", "go_inspect", "go_boxes", "go_labels", "open_recall")
    actions_detail = ("inspect_this",)

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.recall_view)
        lots_of = self.admin_site.admin_view(self.lots_of_view)
        return [
            path("recall/", page, name="orders_shipment_recall"),
            path("lots-of/<int:customer_id>/", lots_of, name="orders_shipment_lots_of"),
            *super().get_urls(),
        ]

    def lots_of_view(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        """Which lots a customer received."""
        return lots_of_view(self, request, customer_id=customer_id)

    def recall_view(self, request: HttpRequest) -> HttpResponse:
        """Who received a lot."""
        return recall_view(self, request)

    @action(description=_("Recall a lot"), url_path="open-recall", permissions=["recall"], icon="crisis_alert")  # type: ignore[untyped-decorator]
    def open_recall(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads to the recipients of a lot."""
        return HttpResponseRedirect(reverse("admin:orders_shipment_recall"))

    def has_recall_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may_recall(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Shipment | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in self.fields for name in row]

    label = status_column("status", description=_("status"), tones=SHIPMENT_TONES)

    @display(description=_("recipient"))
    def recipient(self, row: Shipment) -> str:
        return row.destination.name

    @display(description=_("address"))
    def address(self, row: Shipment) -> str:
        place = row.destination
        return f"〒{format_postal(place.postal_code)} {place.prefecture}{place.city}{place.street} {place.building}".strip()

    @display(description=_("phone"))
    def phone(self, row: Shipment) -> str:
        return row.destination.phone

    @display(description=_("order"))
    def order_link(self, row: Shipment) -> Any:
        return format_html('<a class="house-link" href="/admin/orders/order/{}/change/">{}</a>', row.order_id, row.order.number)

    @display(description=_("carrier"), ordering="carrier")
    def carrier_name(self, row: Shipment) -> Any:
        return _(CARRIERS[row.carrier]) if row.carrier in CARRIERS else row.carrier

    @display(description=_("picking batch"))
    def batch_told(self, row: Shipment) -> Any:
        """The batch it is picked in."""
        found = PickingParcel.objects.filter(shipment=row, ended_at=None).select_related("batch").first()
        if found is None:
            return "–"
        link = reverse("admin:orders_pickingbatch_change", args=[found.batch_id])
        return format_html('<a class="house-link" href="{}">{}</a> #{}', link, found.batch.number, found.position)

    @display(description=_("inserts"))
    def inserts_told(self, row: Shipment) -> Any:
        """What goes along at no price, and why."""
        return inserts_told(row)

    @display(description=_("waits for"))
    def waits(self, row: Shipment) -> Any:
        if row.status not in ("planned", "instructed"):
            return ""
        if row.order.open_holds:
            return format_html('<span class="order-badge order-danger">{}</span>', _("Hold"))
        order = row.order
        if not money_lets_it_leave(method=order.payment_method, payment_status=order.payment_status, paid_first=order.paid_first):
            return format_html('<span class="order-badge order-warning">{}</span>', _("Payment"))
        return ""
