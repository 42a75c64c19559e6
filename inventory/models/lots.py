"""Which lots lie on a shelf, which of them serve an allocation, and how long goods must keep for a channel."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import RecordedAtField, down
from inventory.models.goods import Lot
from inventory.models.stock import Allocation, Counted, Stock, states_sum


class StockLot(Counted):
    """What lies of one lot on one shelf, with the shelf's own counters; without a lot: pieces whose lot nobody named."""

    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="lots", db_index=False)
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="shelves")
    picked = models.IntegerField(_("picked"), db_default=0)

    class Meta:
        verbose_name = _("lot on a shelf")
        verbose_name_plural = _("lots on shelves")
        constraints = [
            models.UniqueConstraint(fields=["stock", "lot"], nulls_distinct=False, name="inventory_stocklot_once"),
            models.CheckConstraint(
                condition=models.Q(picked__gte=0) & models.Q(sellable__gte=models.F("picked")), name="inventory_stocklot_never_overpicked"
            ),
            models.CheckConstraint(condition=states_sum(), name="inventory_stocklot_states_sum"),
        ]

    def __str__(self) -> str:
        return f"{self.lot or '–'} {self.stock}"


class Pick(models.Model):
    """So many pieces of a lot serve an allocation: decided when they are picked, a fact once they have shipped."""

    allocation = models.ForeignKey(Allocation, verbose_name=_("allocation"), on_delete=models.PROTECT, related_name="picks", db_index=False)
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="picks")
    quantity = models.PositiveIntegerField(_("quantity"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("picked lot")
        verbose_name_plural = _("picked lots")
        constraints = [
            models.UniqueConstraint(fields=["allocation", "lot"], nulls_distinct=False, name="inventory_pick_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="inventory_pick_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.lot_id}"


class ShelfLife(models.Model):
    """How many days goods must still keep when a sales channel is promised them."""

    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    least_days = models.PositiveSmallIntegerField(
        _("days to keep at least"),
        help_text=_("Lots that expire sooner are neither offered to this channel nor shipped to it; they go to the others first."),
    )
    version = models.PositiveIntegerField(db_default=1, editable=False)

    class Meta:
        verbose_name = _("minimum shelf life")
        verbose_name_plural = _("minimum shelf lives")
        constraints = [models.UniqueConstraint(fields=["channel"], name="inventory_shelflife_once")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.least_days}"
