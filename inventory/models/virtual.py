"""What a channel may see of the stock beyond its pool: ring-fenced quotas, exclusions, and the figures it was told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, PublicIdField, RecordedAtField, down, text
from inventory.models.goods import Location, StockItem, StockPool
from inventory.models.stock import Stock


class StockQuota(Actored):
    """Pieces of one shelf that only one channel may sell, until a day. What is left of it counts as reserved there."""

    public_id = PublicIdField()
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="quotas", db_index=False)
    stock_item = down("inventory.StockItem", _("stock item"), db_index=False, db_constraint=False)  # copied from the shelf
    location = down("inventory.Location", _("location"), db_index=False, db_constraint=False)
    quantity = models.PositiveIntegerField(_("set aside"))
    remaining = models.PositiveIntegerField(_("left of it"))
    until_at = models.DateTimeField(_("set aside until"), null=True, blank=True)
    reason = text(_("reason"), max_length=200)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stock quota")
        verbose_name_plural = _("stock quotas")
        constraints = [
            models.UniqueConstraint(fields=["channel", "stock"], condition=models.Q(ended_at=None), name="inventory_stockquota_once"),
            models.CheckConstraint(condition=models.Q(remaining__lte=models.F("quantity")), name="inventory_stockquota_within"),
        ]
        indexes = [
            models.Index(fields=["stock"], name="inventory_stockquota_stock", condition=models.Q(ended_at=None)),
            models.Index(fields=["channel", "stock_item"], name="inventory_stockquota_item", condition=models.Q(ended_at=None)),
            models.Index(fields=["until_at"], name="inventory_stockquota_due", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.stock_item} @ {self.location} · {self.channel}: {self.remaining} / {self.quantity}"


class StockExclusion(models.Model):
    """What a pool or a channel must not sell: a variant, a stock item, a whole location, or an item at a location."""

    company = down("core.Company", _("company"))
    pool = models.ForeignKey(StockPool, verbose_name=_("pool"), null=True, blank=True, on_delete=models.CASCADE, related_name="exclusions")
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True)
    variant = down("catalog.Variant", _("variant"), null=True, blank=True)
    stock_item = models.ForeignKey(
        StockItem, verbose_name=_("stock item"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    location = models.ForeignKey(Location, verbose_name=_("location"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = text(_("reason"), max_length=200)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stock exclusion")
        verbose_name_plural = _("stock exclusions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pool=None) ^ models.Q(channel=None),
                name="inventory_stockexclusion_for_one",
                violation_error_message=_("Name either a pool or a sales channel."),
            ),
            models.CheckConstraint(
                condition=(models.Q(variant=None) & (~models.Q(stock_item=None) | ~models.Q(location=None)))
                | (~models.Q(variant=None) & models.Q(stock_item=None) & models.Q(location=None)),
                name="inventory_stockexclusion_of_something",
                violation_error_message=_("Name either a variant alone, or a stock item, a location, or both."),
            ),
            models.UniqueConstraint(
                fields=["pool", "channel", "variant", "stock_item", "location"], nulls_distinct=False, name="inventory_stockexclusion_once"
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(str(named) for named in (self.pool or self.channel, self.variant, self.stock_item, self.location) if named)


class ChannelFigure(models.Model):
    """What a channel was last told of a variant: the figure its marketplace shows. Null: without limit."""

    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    variant = down("catalog.Variant", _("variant"), db_index=False)
    units = models.IntegerField(_("units"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("channel figure")
        verbose_name_plural = _("channel figures")
        constraints = [models.UniqueConstraint(fields=["channel", "variant"], name="inventory_channelfigure_once")]
        indexes = [models.Index(fields=["channel", "told_at", "variant"], name="inventory_channelfigure_news")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.variant_id}: {self.units}"
