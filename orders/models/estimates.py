"""What an order would cost, promised until a day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from orders.models.order import Order
from orders.rules import EstimateStatus


class Estimate(Actored):
    """Prices promised to a customer until a day, and the order that was made of them, if any. It promises no stock.

    ``draft`` is the order as it will be placed, with every price in it; ``shown`` what the paper lists, in minor units.
    """

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    number = models.CharField(_("estimate number"), max_length=40)
    status = EnumField(EstimateStatus, verbose_name=_("status"), db_default=EstimateStatus.OPEN)
    issued_at = models.DateTimeField(_("issued at"))
    valid_until_on = models.DateField(_("prices stand until"))
    currency = models.CharField(_("currency"), max_length=3)
    total = MoneyField(_("total (tax included)"))
    buyer_name = text(_("buyer"), max_length=320)
    note = text(_("note on the paper"), max_length=1000)
    draft = models.JSONField(editable=False)
    shown = models.JSONField(editable=False)
    once_key = models.UUIDField(unique=True, editable=False)
    order = models.OneToOneField(
        Order, verbose_name=_("order"), null=True, blank=True, on_delete=models.PROTECT, related_name="estimate", editable=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decline_reason = text(_("why it is not wanted"), max_length=200)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_estimate_number_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="orders_estimate_total_not_negative"),
            models.CheckConstraint(
                condition=Q(status="ordered", order__isnull=False, decided_at__isnull=False)
                | Q(status="declined", order__isnull=True, decided_at__isnull=False)
                | Q(status="open", order__isnull=True, decided_at__isnull=True),
                name="orders_estimate_decided_as_said",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-issued_at", "-id"], name="orders_estimate_newest"),
            models.Index(fields=["-issued_at", "-id"], name="orders_estimate_latest"),
            models.Index(fields=["company", "status", "-issued_at", "-id"], name="orders_estimate_status"),
            models.Index(fields=["customer", "-issued_at"], name="orders_estimate_customer"),
        ]

    def __str__(self) -> str:
        return self.number
