"""What carriers know a company by, the labels asked of them, and the numbers they gave."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, RecordedAtField, down, text
from orders.models.fulfilment import Shipment


class CarrierContract(models.Model):
    """How a company sends with a carrier, everywhere or from one location: its numbers there, and the sender on its labels."""

    company = down("core.Company", _("company"), db_index=False)
    carrier = models.CharField(_("carrier"), max_length=40)
    location = down(
        "inventory.Location",
        _("location"),
        null=True,
        blank=True,
        db_index=False,
        help_text=_("Empty for every location without one of its own."),
    )
    layout = models.CharField(_("file"), max_length=40, help_text=_("The file that the carrier’s program on your machine reads."))
    customer_code = text(_("customer code"), max_length=20, help_text=_("The code you are billed by."))
    classification = text(_("billing classification"), max_length=3)
    freight_code = text(
        _("freight code"), max_length=7, help_text=_("Yamato: the number of the rate, mostly 01. Japan Post: the kind of label.")
    )
    packing = text(_("kind of packing"), max_length=3, help_text=_("Sagawa: 001 for a box."))
    sender_name = models.CharField(_("sender on labels"), max_length=60)
    sender_phone = models.CharField(_("sender’s phone"), max_length=20)
    sender_postal_code = models.CharField(_("sender’s postal code"), max_length=8)
    sender_address = models.CharField(_("sender’s address"), max_length=120)
    sender_building = text(_("sender’s building"), max_length=60)
    goods = text(
        _("contents on labels"),
        max_length=25,
        help_text=_("In a word, such as foods. Left empty, the first products of the parcel are named."),
    )
    handling_1 = text(_("handling 1"), max_length=10, help_text=_("Such as fragile."))
    handling_2 = text(_("handling 2"), max_length=10)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("carrier contract")
        verbose_name_plural = _("carrier contracts")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "carrier", "location"], nulls_distinct=False, condition=Q(ended_at__isnull=True),
                name="orders_carriercontract_once",
                violation_error_message=_("There is one for this carrier and location already. Change that one, or end it first."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.carrier} {self.customer_code}".strip()


class ShipmentLabel(Actored):
    """A label that was asked of a carrier, in a file; only ever added to."""

    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="labels", db_index=False)
    carrier = models.CharField(_("carrier"), max_length=40)
    pieces = models.PositiveSmallIntegerField(_("number of pieces"))
    file = down("inventory.ExchangeFile", _("file"), db_index=False)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [models.UniqueConstraint(fields=["shipment", "file"], name="orders_shipmentlabel_once")]
        indexes = [models.Index(fields=["file"], name="orders_shipmentlabel_file")]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.carrier}"


class TrackingNumber(Actored):
    """A carrier's number of a piece of a parcel; it ends when another label takes its place, or the carrier gives it out again."""

    shipment = models.ForeignKey(
        Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="tracking_numbers", db_index=False
    )
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    carrier = models.CharField(_("carrier"), max_length=40)
    number = models.CharField(_("tracking number"), max_length=40)
    file = down("inventory.ExchangeFile", _("file"), null=True, blank=True, db_index=False)
    at = models.DateTimeField(_("at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("tracking number")
        verbose_name_plural = _("tracking numbers")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "carrier", "number"], condition=Q(ended_at__isnull=True), name="orders_trackingnumber_once"
            )
        ]
        indexes = [
            models.Index(fields=["shipment"], name="orders_trackingnumber_shipment"),
            models.Index(fields=["number"], name="orders_trackingnumber_number"),
        ]

    def __str__(self) -> str:
        return self.number
