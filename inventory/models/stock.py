"""Counters of stock and the rows they equal."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField
from inventory.models.goods import Location, Lot, StockItem
from inventory.rules import UNSELLABLE, AllocationStatus, MovementKind, StockState


def _copied(to: type[models.Model], verbose_name: Any) -> models.ForeignKey[Any, Any]:
    """A key copied from the stock row beside it: that row's own keys vouch for it, so it is not checked twice."""
    return models.ForeignKey(to, verbose_name=verbose_name, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)


def _drawn_from() -> models.ForeignKey[Any, Any]:
    """The ring-fenced quota that gave some of it, so that giving back fills the same quota; locked with it, so not checked again."""
    return models.ForeignKey(
        "inventory.StockQuota", verbose_name=_("quota"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip


class Counted(models.Model):
    """Pieces on hand by state: the available ones may be sold, and all states sum to what is on hand."""

    on_hand = models.IntegerField(_("on hand"), db_default=0)
    sellable = models.IntegerField(_("sellable"), db_default=0)
    quality_check = models.IntegerField(_("quality check"), db_default=0)
    damaged = models.IntegerField(_("damaged"), db_default=0)
    quarantine = models.IntegerField(_("in quarantine"), db_default=0)
    expired = models.IntegerField(_("past expiry"), db_default=0)
    in_repair = models.IntegerField(_("in repair"), db_default=0)

    class Meta:
        abstract = True


def states_sum() -> models.Q:
    """No state holds less than nothing, and together they hold what is on hand."""
    total: Any = models.F("sellable")
    none_negative = models.Q()
    for state in UNSELLABLE:
        total = total + models.F(state.value)
        none_negative &= models.Q(**{f"{state.value}__gte": 0})
    return models.Q(on_hand=total) & none_negative


class Stock(Counted):
    """What lies at one location of one stock item: 0 ≤ allocated + reserved ≤ sellable ≤ on hand = the sum of all states."""

    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="stocks", db_index=False)
    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="stocks", db_index=False)
    allocated = models.IntegerField(_("allocated"), db_default=0)
    reserved = models.IntegerField(_("reserved"), db_default=0)
    value = models.BigIntegerField(_("stock value"), db_default=0)
    has_lots = models.BooleanField(_("counted by lot"), db_default=False, default=False, editable=False)

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
            models.CheckConstraint(condition=states_sum(), name="inventory_stock_states_sum"),
        ]
        indexes = [models.Index(fields=["location", "-id"], name="inventory_stock_place")]

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
    state = EnumField(
        StockState, verbose_name=_("state of the others"), db_default=StockState.AVAILABLE.value, default=StockState.AVAILABLE.value
    )
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
            models.CheckConstraint(
                condition=models.Q(quantity=models.F("sellable_quantity"), state="available")
                | (~models.Q(quantity=models.F("sellable_quantity")) & ~models.Q(state="available")),
                name="inventory_movement_names_its_state",
            ),
        ]
        indexes = [
            # Measured at ten million rows: ADR 0021. The first holds what counters are summed from, so that sums read no row.
            models.Index(fields=["stock", "-id"], include=["quantity", "sellable_quantity", "value"], name="inventory_movement_newest"),
            models.Index(fields=["location", "-id"], name="inventory_movement_place"),
            models.Index(
                fields=["stock"],
                include=["state", "quantity", "sellable_quantity"],
                name="inventory_movement_stated",
                condition=~models.Q(state="available"),
            ),
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
    part = models.PositiveSmallIntegerField(_("part"), db_default=0, default=0, editable=False)
    """0 as it was allocated; what is split off it, to leave in another parcel, counts up."""
    quantity = models.PositiveIntegerField(_("quantity"))
    good_until = models.DateField(_("keeps at least until"), null=True, blank=True)
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
                fields=["demand_id", "stock", "part"], condition=models.Q(status="open"), name="inventory_allocation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["stock"], name="inventory_allocation_open", condition=models.Q(status="open")),
            models.Index(fields=["demand_id"], name="inventory_allocation_demand"),
            models.Index(
                fields=["stock", "good_until"],
                name="inventory_allocation_choosy",
                condition=models.Q(status="open") & models.Q(good_until__isnull=False),
            ),
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
    good_until = models.DateField(_("keeps at least until"), null=True, blank=True)
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
