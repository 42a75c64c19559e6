"""What is sold as a set: a tree of variants and stock items, with a price rule of its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, MoneyField, RecordedAtField, down
from inventory.models.goods import StockItem
from inventory.rules import KitPrice


class Kit(models.Model):
    """A variant that is sold as a set of others. Its ``Component`` rows are the leaves of its tree, multiplied out."""

    variant = models.OneToOneField("catalog.Variant", verbose_name=_("variant"), on_delete=models.PROTECT, related_name="+")
    price = EnumField(KitPrice, verbose_name=_("price"), db_default=KitPrice.OWN.value, default=KitPrice.OWN.value)
    rate_bp = models.PositiveIntegerField(_("rate off (bp)"), db_default=0, default=0)
    amount = MoneyField(_("amount off"), db_default=0, default=0)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("kit")
        verbose_name_plural = _("kits")
        constraints = [
            models.CheckConstraint(condition=models.Q(rate_bp__lte=10_000, amount__gte=0), name="inventory_kit_sane"),
        ]

    def __str__(self) -> str:
        return str(self.variant)


class KitPart(models.Model):
    """So many of another variant (which may be a kit itself), or of a stock item that is not sold alone, such as a box."""

    kit = models.ForeignKey(Kit, verbose_name=_("kit"), on_delete=models.CASCADE, related_name="parts", db_index=False)
    variant = down("catalog.Variant", _("variant"), null=True, blank=True)
    stock_item = models.ForeignKey(
        StockItem, verbose_name=_("stock item"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.PositiveIntegerField(_("quantity"), db_default=1, default=1)

    class Meta:
        verbose_name = _("part of a kit")
        verbose_name_plural = _("parts of a kit")
        constraints = [
            models.UniqueConstraint(fields=["kit", "variant", "stock_item"], nulls_distinct=False, name="inventory_kitpart_once"),
            models.CheckConstraint(
                condition=models.Q(variant__isnull=True) ^ models.Q(stock_item__isnull=True), name="inventory_kitpart_of_one_thing"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="inventory_kitpart_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id or self.stock_item_id}"
