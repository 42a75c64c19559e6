"""What came back of what had been delivered."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, MoneyField, RecordedAtField, down, text
from orders.models.order import Line


class PartReturn(Actored):
    """Pieces of what a line was made of came back, and their share of its price was credited; append-only, once per key."""

    line = models.ForeignKey(Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="+")
    stock_item = down("inventory.StockItem", _("stock item"))
    quantity = models.PositiveIntegerField(_("quantity"))
    amount = MoneyField(_("amount with tax"))
    is_sellable = models.BooleanField(_("may be sold again"), db_default=True)
    reason = text(_("reason"), max_length=200)
    once_key = models.CharField(max_length=100, unique=True, editable=False)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("return of a part")
        verbose_name_plural = _("returns of parts")
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gte=1, amount__gte=0), name="orders_partreturn_sane")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"
