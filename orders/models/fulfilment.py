"""Parcels, planned and real."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, PublicIdField, RecordedAtField, down, text
from orders.models.order import Destination, Line, Order
from orders.rules import MOST_PIECES, ShipmentStatus, TrackingState


class Shipment(models.Model):
    """A parcel from one location to one destination, planned when the order is placed."""

    public_id = PublicIdField()
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="shipments", db_index=False)
    destination = models.ForeignKey(
        Destination, verbose_name=_("destination"), on_delete=models.PROTECT, related_name="shipments", db_index=False
    )
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    location = down("inventory.Location", _("location"), db_index=False, db_constraint=False)
    number = models.CharField(_("shipment number"), max_length=48)
    status = EnumField(ShipmentStatus, verbose_name=_("status"), db_default=ShipmentStatus.PLANNED)
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    expected_on = models.DateField(_("delivery expected on"), null=True, blank=True)
    """The day it should come: the wished one, else what its lead time says."""
    not_before_on = models.DateField(_("leaves from"), null=True, blank=True, editable=False)
    """The release day of what is in it: whatever is planned anew, it does not leave before."""
    service = down("orders.DeliveryService", _("delivery service"), null=True, blank=True, db_index=False, db_constraint=False)
    carrier = text(_("carrier"), max_length=40)
    tracking_number = text(_("tracking number"), max_length=40)
    pieces = models.PositiveSmallIntegerField(_("number of pieces"), db_default=1)
    box = models.UUIDField(_("box"), null=True, blank=True, editable=False)
    """Parcels of one box have the same: they travel under one label (ADR 0028)."""
    stays_apart = models.BooleanField(_("stays apart"), db_default=False, editable=False)
    """Somebody decided that it travels by itself, so that nobody is asked again."""
    inserts_chosen_at = models.DateTimeField(_("inserts chosen at"), null=True, blank=True, editable=False)
    insert_count = models.PositiveSmallIntegerField(_("inserts"), db_default=0, editable=False)
    """Read with the lock of the row, so that a parcel without inserts costs no statement."""
    inspected_at = models.DateTimeField(_("inspected at"), null=True, blank=True, editable=False)
    instructed_at = models.DateTimeField(_("instructed at"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)
    shipped_on = models.DateField(_("shipped on"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("came back at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        permissions = [("ship_shipment", _("Can ship"))]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_shipment_number_once"),
            models.CheckConstraint(condition=models.Q(pieces__gte=1, pieces__lte=MOST_PIECES), name="orders_shipment_pieces"),
        ]
        indexes = [
            models.Index(fields=["order"], name="orders_shipment_order"),
            models.Index(fields=["company", "status", "-id"], name="orders_shipment_status"),
            models.Index(fields=["location", "status", "id"], name="orders_shipment_worklist"),
            models.Index(fields=["tracking_number"], name="orders_shipment_tracking", condition=~models.Q(tracking_number="")),
            models.Index(
                fields=["company", "delivered_at"], name="orders_shipment_delivered", condition=models.Q(delivered_at__isnull=False)
            ),
            models.Index(fields=["box"], name="orders_shipment_box", condition=models.Q(box__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(models.Model):
    """A quantity of a line in a parcel, and the allocation it draws on (none for services and imports)."""

    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="shipment_lines", db_index=False)
    allocation = down("inventory.Allocation", _("allocation"), null=True, blank=True, db_index=False)
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line", "allocation"], nulls_distinct=False, name="orders_shipmentline_once"),
            models.UniqueConstraint(
                fields=["allocation"], condition=models.Q(allocation__isnull=False), name="orders_shipmentline_allocation"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="orders_shipmentline_positive"),
        ]
        indexes = [models.Index(fields=["line"], name="orders_shipmentline_line")]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"


class TrackingEvent(models.Model):
    """What a carrier says of a piece of a parcel; append-only, once per key. Without a state, its code's meaning is not known yet."""

    shipment = models.ForeignKey(
        Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="tracking_events", db_index=False
    )
    number = text(_("tracking number"), max_length=40)
    code = models.CharField(_("code"), max_length=40)
    state = EnumField(TrackingState, verbose_name=_("state"), null=True, blank=True)
    label = text(_("text"), max_length=200)
    place = text(_("place"), max_length=120)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        constraints = [models.UniqueConstraint(fields=["shipment", "number", "code", "at"], name="orders_trackingevent_once")]

    def __str__(self) -> str:
        return self.label or self.code
