"""What a warehouse was told to ship, and what it said it shipped."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.rules import InstructionStatus


class ShipmentInstruction(models.Model):
    """A parcel as a warehouse was told to ship it; a parcel that is told anew gets the next version."""

    shipment = models.ForeignKey(
        Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="instructions", db_index=False
    )
    company = down("core.Company", _("company"), db_index=False)
    number = models.CharField(_("instruction number"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"))
    status = EnumField(InstructionStatus, verbose_name=_("status"), db_default=InstructionStatus.SENT)
    file = down("inventory.ExchangeFile", _("file"), null=True, blank=True, db_index=False)
    withdrawal_file = down("inventory.ExchangeFile", _("file of the withdrawal"), null=True, blank=True, db_index=False)
    sent_at = models.DateTimeField(_("sent at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("shipping instruction")
        verbose_name_plural = _("shipping instructions")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_instruction_number_once"),
            models.UniqueConstraint(fields=["shipment", "version"], name="orders_instruction_version_once"),
            models.UniqueConstraint(
                fields=["shipment"], condition=Q(status__in=("sent", "accepted")), name="orders_instruction_one_in_force"
            ),
        ]
        indexes = [
            models.Index(fields=["file"], name="orders_instruction_file"),
            models.Index(
                fields=["company"], name="orders_instruction_withdrawn", condition=Q(status="withdrawn", withdrawal_file__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentActual(Actored):
    """What a warehouse said it shipped: once per instruction and tracking number, only ever added to."""

    instruction = models.ForeignKey(
        ShipmentInstruction, verbose_name=_("shipping instruction"), on_delete=models.PROTECT, related_name="actuals", db_index=False
    )
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    carrier = text(_("carrier"), max_length=40)
    shipped_on = models.DateField(_("shipped on"))
    file = down("inventory.ExchangeFile", _("file"), null=True, blank=True, db_index=False)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("shipping actual")
        verbose_name_plural = _("shipping actuals")
        constraints = [models.UniqueConstraint(fields=["instruction", "tracking_number"], name="orders_shipmentactual_once")]

    def __str__(self) -> str:
        return f"{self.instruction_id} {self.tracking_number}"
