"""What moved in a day, and what it was worth: the ledger summed up, so that past days and demand need no scan of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField
from inventory.models.goods import Location, StockItem
from inventory.models.stock import Stock
from inventory.rules import MovementKind


class StockDay(models.Model):
    """Quantity and value of one kind of movement of a shelf on a business day of the company.

    Kept by a trigger in the statement that writes the movements, under the lock of the shelf: nobody else writes here.
    """

    pk = models.CompositePrimaryKey("stock_id", "day", "kind")
    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_item = models.ForeignKey(
        StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    location = models.ForeignKey(
        Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField(_("day"))
    kind = EnumField(MovementKind, verbose_name=_("kind"))
    quantity = models.IntegerField(_("quantity"))
    value = models.BigIntegerField(_("stock value"))

    class Meta:
        verbose_name = _("day of a shelf")
        verbose_name_plural = _("days of shelves")
        indexes = [models.Index(fields=["day"], name="inventory_stockday_day")]

    def __str__(self) -> str:
        return f"{self.stock_id} {self.day} {self.kind}: {self.quantity:+d}"
