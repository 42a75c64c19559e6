"""What may be sold before it is here, and who waits for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField, down
from inventory.models.goods import StockItem
from inventory.rules import BackOrderStatus, WaitKind


class BackOrderTerms(models.Model):
    """On what terms a stock item may be ordered while it is not here: one cap for all channels and carts together."""

    stock_item = models.OneToOneField(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="back_order_terms")
    kind = EnumField(WaitKind, verbose_name=_("kind"), db_default=WaitKind.BACK_ORDER.value, default=WaitKind.BACK_ORDER.value)
    cap = models.PositiveIntegerField(_("cap"), help_text=_("So many pieces may wait at most, over all channels."))
    release_on = models.DateField(
        _("release date"), null=True, blank=True, help_text=_("Pre-orders only: nothing is promised for an earlier day.")
    )
    lead_days = models.PositiveSmallIntegerField(
        _("days to get it"),
        null=True,
        blank=True,
        help_text=_("What is promised where no purchase order is on its way. Empty: nothing can be ordered then."),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("back-order terms")
        verbose_name_plural = _("back-order terms")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind=WaitKind.PRE_ORDER.value) | models.Q(release_on__isnull=False),
                name="inventory_backorderterms_release",
                violation_error_message=_("A pre-order needs a release date."),
            ),
            models.CheckConstraint(condition=models.Q(cap__gte=1), name="inventory_backorderterms_cap"),
        ]

    def __str__(self) -> str:
        return str(self.stock_item)


class BackOrder(models.Model):
    """A quantity of a stock item that a demand waits for, with its promised date; never over-allocation.

    A kit that waits has one of these for every part, each with the same variant and number of units.
    """

    demand_id = models.UUIDField(_("demand"))
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+")
    variant = down("catalog.Variant", _("variant"))
    kind = EnumField(WaitKind, verbose_name=_("kind"), db_default=WaitKind.BACK_ORDER.value)
    quantity = models.PositiveIntegerField(_("quantity"))
    units = models.PositiveIntegerField(_("units of the variant"))
    promised_on = models.DateField(_("promised on"))
    rank_level = models.PositiveSmallIntegerField(_("level of the customer's rank"), db_default=0)
    status = EnumField(BackOrderStatus, verbose_name=_("status"), db_default=BackOrderStatus.WAITING.value)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("back-order")
        verbose_name_plural = _("back-orders")
        constraints = [
            models.UniqueConstraint(fields=["demand_id", "stock_item"], name="inventory_backorder_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1) & models.Q(units__gte=1), name="inventory_backorder_positive"),
            models.CheckConstraint(
                condition=models.Q(status="waiting", closed_at__isnull=True)
                | (~models.Q(status="waiting") & models.Q(closed_at__isnull=False)),
                name="inventory_backorder_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stock_item", "promised_on", "-rank_level", "id"],
                name="inventory_backorder_queue",
                condition=models.Q(status="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"
