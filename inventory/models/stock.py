"""Counters of stock and the rows they equal."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField
from inventory.models.goods import Location, Lot, StockItem
from inventory.rules import AllocationStatus, BackOrderStatus, MovementKind


def _copied(to: type[models.Model], verbose_name: Any) -> models.ForeignKey[Any, Any]:
    """A key copied from the stock row beside it: that row's own keys vouch for it, so it is not checked twice."""
    return models.ForeignKey(to, verbose_name=verbose_name, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)


def _drawn_from() -> models.ForeignKey[Any, Any]:
    """The ring-fenced quota that gave some of it, so that giving back fills the same quota; locked with it, so not checked again."""
    return models.ForeignKey(
        "inventory.StockQuota", verbose_name=_("quota"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip


class Stock(models.Model):
    """What lies at one location of one stock item: 0 ≤ allocated + reserved ≤ sellable ≤ on hand."""

    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="stocks", db_index=False)
    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="stocks", db_index=False)
    on_hand = models.IntegerField(_("on hand"), db_default=0)
    sellable = models.IntegerField(_("sellable"), db_default=0)
    allocated = models.IntegerField(_("allocated"), db_default=0)
    reserved = models.IntegerField(_("reserved"), db_default=0)
    value = models.BigIntegerField(_("stock value"), db_default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        permissions = [
            ("adjust_stock", _("Can adjust stock")),
            ("receive_stock", _("Can receive stock")),
            ("view_value", _("Can see what stock is worth")),
            ("revalue_stock", _("Can correct what stock is worth")),
            ("view_every_location", _("Can see the stock of every location")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["stock_item", "location"], name="inventory_stock_once"),
            models.CheckConstraint(
                condition=models.Q(allocated__gte=0)
                & models.Q(reserved__gte=0)
                & models.Q(sellable__gte=models.F("allocated") + models.F("reserved"))
                & models.Q(on_hand__gte=models.F("sellable")),
                name="inventory_stock_never_oversold",
            ),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="inventory_stock_value_not_negative"),
        ]
        indexes = [models.Index(fields=["location", "stock_item"], name="inventory_stock_location")]

    def __str__(self) -> str:
        return f"{self.stock_item} @ {self.location}"


class Movement(Actored):
    """One change of what is on hand, sellable or worth; append-only, once per key. Value as total, in minor units (ADR 0020)."""

    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_item = _copied(StockItem, _("stock item"))
    location = _copied(Location, _("location"))
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = EnumField(MovementKind, verbose_name=_("kind"))
    quantity = models.IntegerField(_("quantity"))
    sellable_quantity = models.IntegerField(_("of which sellable"))
    value = models.BigIntegerField(_("stock value"), db_default=0)
    cause = models.CharField(_("cause"), max_length=80)
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    once_key = models.CharField(max_length=120)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            # Said here and not at the field, which would get a second index for LIKE.
            models.UniqueConstraint(fields=["once_key"], name="inventory_movement_once"),
            models.CheckConstraint(
                condition=~models.Q(quantity=0) | ~models.Q(sellable_quantity=0) | ~models.Q(value=0),
                name="inventory_movement_moves_something",
            ),
        ]
        indexes = [
            # Measured at ten million rows: ADR 0021. The first holds what counters are summed from, so that sums read no row.
            models.Index(fields=["stock", "-id"], include=["quantity", "sellable_quantity", "value"], name="inventory_movement_newest"),
            models.Index(fields=["location", "-id"], name="inventory_movement_place"),
            BrinIndex(fields=["at"], pages_per_range=64, name="inventory_movement_day"),
            models.Index(fields=["lot"], name="inventory_movement_lot", condition=models.Q(lot__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d}"


class Allocation(models.Model):
    """Stock promised to a demand at one location; the demand id is opaque and comes from above."""

    demand_id = models.UUIDField(_("demand"))
    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_item = _copied(StockItem, _("stock item"))
    location = _copied(Location, _("location"))
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField(_("quantity"))
    quota = _drawn_from()
    quota_quantity = models.PositiveIntegerField(_("of which from the quota"), db_default=0, default=0)
    status = EnumField(AllocationStatus, verbose_name=_("status"), db_default=AllocationStatus.OPEN.value)
    allocated_at = models.DateTimeField(_("allocated at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="inventory_allocation_positive"),
            models.UniqueConstraint(
                fields=["demand_id", "stock", "lot"],
                condition=models.Q(status="open"),
                nulls_distinct=False,
                name="inventory_allocation_once",
            ),
        ]
        indexes = [
            models.Index(fields=["stock"], name="inventory_allocation_open", condition=models.Q(status="open")),
            models.Index(fields=["demand_id"], name="inventory_allocation_demand"),
            models.Index(fields=["lot"], name="inventory_allocation_lot", condition=models.Q(lot__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id} @ {self.location_id}"


class Reservation(models.Model):
    """Stock held for a cart for some minutes."""

    holder_id = models.UUIDField(_("held for"))
    stock = models.ForeignKey(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_item = _copied(StockItem, _("stock item"))
    location = _copied(Location, _("location"))
    quantity = models.PositiveIntegerField(_("quantity"))
    quota = _drawn_from()
    quota_quantity = models.PositiveIntegerField(_("of which from the quota"), db_default=0, default=0)
    expires_at = models.DateTimeField(_("expires at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(fields=["holder_id", "stock"], name="inventory_reservation_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="inventory_reservation_positive"),
        ]
        indexes = [
            models.Index(fields=["stock"], name="inventory_reservation_stock"),
            models.Index(fields=["expires_at"], name="inventory_reservation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"


class BackOrder(models.Model):
    """A quantity promised that is not here yet, with its promised date; never over-allocation."""

    demand_id = models.UUIDField(_("demand"))
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    promised_on = models.DateField(_("promised on"), null=True, blank=True)
    status = EnumField(BackOrderStatus, verbose_name=_("status"), db_default=BackOrderStatus.WAITING.value)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("back-order")
        verbose_name_plural = _("back-orders")
        constraints = [models.UniqueConstraint(fields=["demand_id", "stock_item"], name="inventory_backorder_once")]
        indexes = [
            models.Index(fields=["stock_item", "promised_on", "id"], name="inventory_backorder_queue", condition=models.Q(status="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"
