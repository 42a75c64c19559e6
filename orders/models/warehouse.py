"""Work in the warehouse: batches of pickings, papers that were set, and boxes that were inspected by scan."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.rules import InspectionStatus, PaperKind, PaperState, PickingWay


class PickingBatch(Actored):
    """Parcels of a location that are picked together; made by its actor."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    location = down("inventory.Location", _("location"), db_index=False)
    number = models.CharField(_("batch number"), max_length=40)
    way = EnumField(PickingWay, verbose_name=_("way of picking"))
    parcel_count = models.PositiveIntegerField(_("parcels"))
    at = models.DateTimeField(_("made at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("picking batch")
        verbose_name_plural = _("picking batches")
        permissions = [("pick_parcels", _("Can make picking batches, print papers and inspect"))]
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="orders_pickingbatch_number_once")]
        indexes = [models.Index(fields=["company", "-id"], name="orders_pickingbatch_newest")]

    def __str__(self) -> str:
        return self.number


class PickingParcel(models.Model):
    """A parcel of a batch. It is in one at a time; ``ended_at`` says that it was taken out of it again."""

    batch = models.ForeignKey(
        PickingBatch, verbose_name=_("picking batch"), on_delete=models.PROTECT, related_name="parcels", db_index=False
    )
    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField(_("position"))
    ended_at = models.DateTimeField(_("taken out at"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel of a picking batch")
        verbose_name_plural = _("parcels of picking batches")
        constraints = [
            models.UniqueConstraint(fields=["shipment"], condition=Q(ended_at__isnull=True), name="orders_pickingparcel_once"),
            models.UniqueConstraint(fields=["batch", "position"], name="orders_pickingparcel_position"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.position}"


class NoteLetter(models.Model):
    """What stands on the delivery notes of a brand, or of a company's brands without one: the words around the figures."""

    company = down("core.Company", _("company"), db_index=False)
    brand = down(
        "core.Brand", _("brand"), null=True, blank=True, db_index=False, help_text=_("Empty for every brand without one of its own.")
    )
    sender_name = text(_("name on the paper"), max_length=120, help_text=_("Empty: the brand’s, else the company’s."))
    greeting = text(_("greeting"), max_length=400, help_text=_("Above the lines."))
    contact = text(_("contact"), max_length=200, help_text=_("Whom to call or write to, with the hours."))
    reorder = text(
        _("how to order again"), max_length=200, help_text=_("Such as the address of the shop and the number of the phone desk.")
    )
    closing = text(_("closing words"), max_length=400, help_text=_("Beneath the lines, such as the terms of returns."))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("words on delivery notes")
        verbose_name_plural = _("words on delivery notes")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "brand"], nulls_distinct=False, name="orders_noteletter_once",
                violation_error_message=_("This brand has its words already. Change those."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.sender_name or str(self.brand or self.company)


class PaperFile(Actored):
    """A file of papers somebody asked for: set by a worker, kept for some days, then thrown away because it holds addresses."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    location = down("inventory.Location", _("location"), db_index=False)
    batch = models.ForeignKey(
        PickingBatch, verbose_name=_("picking batch"), null=True, blank=True, on_delete=models.PROTECT, related_name="files", db_index=False
    )
    kind = EnumField(PaperKind, verbose_name=_("kind of paper"))
    state = EnumField(PaperState, verbose_name=_("status"), db_default=PaperState.WAITING)
    parcel_count = models.PositiveIntegerField(_("parcels"))
    done_count = models.PositiveIntegerField(_("parcels set"), db_default=0)
    is_reprint = models.BooleanField(_("printed again"), db_default=False, default=False)
    content = models.BinaryField(_("content"), db_default=b"")
    content_size = models.PositiveIntegerField(_("size in bytes"), db_default=0)
    kept_until_at = models.DateTimeField(_("kept until"))
    content_ended_at = models.DateTimeField(_("content thrown away at"), null=True, blank=True)
    fault = text(_("what went wrong"), max_length=400)
    tries = models.PositiveSmallIntegerField(_("tries"), db_default=0, editable=False)
    leased_until_at = models.DateTimeField(null=True, blank=True, editable=False)
    at = models.DateTimeField(_("asked for at"))
    began_at = models.DateTimeField(_("began at"), null=True, blank=True)
    done_at = models.DateTimeField(_("ready at"), null=True, blank=True)
    spent_ms = models.PositiveIntegerField(db_default=0, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("file of papers")
        verbose_name_plural = _("files of papers")
        constraints = [
            models.CheckConstraint(condition=Q(done_count__lte=models.F("parcel_count")), name="orders_paperfile_progress"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="orders_paperfile_newest"),
            models.Index(fields=["id"], name="orders_paperfile_due", condition=Q(state__in=("waiting", "working"))),
            models.Index(fields=["kept_until_at"], name="orders_paperfile_kept", condition=Q(content_ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PrintedPaper(Actored):
    """A parcel's paper that was asked for, the first time or again; only ever added to."""

    file = models.ForeignKey(PaperFile, verbose_name=_("file of papers"), on_delete=models.PROTECT, related_name="papers", db_index=False)
    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="papers", db_index=False)
    kind = EnumField(PaperKind, verbose_name=_("kind of paper"))
    copy = models.PositiveSmallIntegerField(_("copy"))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("printed paper")
        verbose_name_plural = _("printed papers")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "kind", "copy"], name="orders_printedpaper_copy_once"),
            models.UniqueConstraint(fields=["file", "shipment"], name="orders_printedpaper_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.kind} {self.copy}"


class InspectionPolicy(models.Model):
    """Whether parcels may leave a location, or the company’s others, without having been inspected by scan."""

    company = down("core.Company", _("company"), db_index=False)
    location = down(
        "inventory.Location", _("location"), null=True, blank=True, db_index=False,
        help_text=_("Empty for every location without one of its own."),
    )  # fmt: skip
    is_required = models.BooleanField(
        _("inspection required"), db_default=True, default=True,
        help_text=_("Nothing leaves by the back office, the interface or a file before it was inspected by scan."),
    )  # fmt: skip
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("inspection policy")
        verbose_name_plural = _("inspection policies")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "location"], nulls_distinct=False, name="orders_inspectionpolicy_once",
                violation_error_message=_("This location has its policy already. Change that one."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.location or self.company)


class Inspection(Actored):
    """A box that is being inspected by scan, or was; begun by its actor. ``shipment`` is the first parcel of the box."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="inspections", db_index=False)
    status = EnumField(InspectionStatus, verbose_name=_("status"), db_default=InspectionStatus.OPEN)
    contents_mark = models.CharField(max_length=32, editable=False)
    """What the box held when it was begun: of a box that changed meanwhile nothing is finished."""
    at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = text(_("ended by"), max_length=128)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = [models.UniqueConstraint(fields=["shipment"], condition=Q(status="open"), name="orders_inspection_one_open")]
        indexes = [
            models.Index(fields=["company", "-id"], name="orders_inspection_newest"),
            models.Index(fields=["shipment", "-id"], name="orders_inspection_shipment"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment} {self.status}"


class InspectionScan(Actored):
    """A scan of an inspection, taken or refused, or the taking back of one; only ever added to, once per key."""

    inspection = models.ForeignKey(Inspection, verbose_name=_("inspection"), on_delete=models.PROTECT, related_name="scans", db_index=False)
    once_key = models.CharField(max_length=64)
    code = models.CharField(_("code"), max_length=100)
    stock_item = down("inventory.StockItem", _("stock item"), null=True, blank=True, db_index=False)
    lot = text(_("lot"), max_length=64)
    quantity = models.IntegerField(_("pieces"), db_default=0)
    undoes = models.OneToOneField(
        "self", verbose_name=_("takes back the scan"), null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    fault = text(_("refusal"), max_length=80)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("scan of an inspection")
        verbose_name_plural = _("scans of inspections")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "once_key"], name="orders_inspectionscan_once"),
            models.CheckConstraint(
                condition=Q(quantity=0) | (Q(stock_item__isnull=False) & Q(fault="")), name="orders_inspectionscan_refused_counts_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.quantity:+d}"


class ParcelInspected(Actored):
    """A parcel whose contents were seen piece by piece, by whom and when; only ever added to."""

    inspection = models.ForeignKey(
        Inspection, verbose_name=_("inspection"), on_delete=models.PROTECT, related_name="parcels", db_index=False
    )
    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="inspected", db_index=False)
    contents_mark = models.CharField(max_length=32, editable=False)
    pieces = models.PositiveIntegerField(_("pieces"))
    at = models.DateTimeField(_("inspected at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("inspected parcel")
        verbose_name_plural = _("inspected parcels")
        constraints = [models.UniqueConstraint(fields=["inspection", "shipment"], name="orders_parcelinspected_once")]
        indexes = [models.Index(fields=["shipment", "-id"], name="orders_parcelinspected_parcel")]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.at:%Y-%m-%d %H:%M}"
