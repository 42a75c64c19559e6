"""What is physically stocked, what variants are made of, and where it lies."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from catalog.rules import TemperatureZone
from core.fields import EnumField, PublicIdField, RecordedAtField, down, text
from inventory.rules import Condition, LocationKind, OwnerKind


class StockItem(models.Model):
    """What is physically stocked, with condition and owner; apart from the variant it is sold as."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    code = models.CharField(_("stock item code"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    condition = EnumField(Condition, verbose_name=_("condition"), db_default=Condition.NEW.value, default=Condition.NEW.value)
    owner_kind = EnumField(OwnerKind, verbose_name=_("owner"), db_default=OwnerKind.OWN.value, default=OwnerKind.OWN.value)
    owner_code = text(_("owner code"), max_length=64)
    b_grade_item = models.ForeignKey(
        "self", verbose_name=_("its B-grade"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text=_("Where returned pieces go that are good, but no longer new."),
    )  # fmt: skip
    temperature_zone = EnumField(
        TemperatureZone, verbose_name=_("temperature zone"), db_default=TemperatureZone.AMBIENT.value, default=TemperatureZone.AMBIENT.value,
        help_text=_("It is only sold and sent from locations that keep goods of this zone."),
    )  # fmt: skip
    is_lot_tracked = models.BooleanField(_("tracked by lot"), db_default=False, default=False)
    low_at = models.PositiveIntegerField(
        _("low stock from"), db_default=0, default=0, help_text=_("A location with so few free pieces counts as low.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock items")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="inventory_stockitem_code_once")]
        indexes = [
            # Upper case, because that is what a search without regard to case compares.
            GinIndex(OpClass(Upper("code"), "gin_trgm_ops"), OpClass(Upper("name"), "gin_trgm_ops"), name="inventory_stockitem_search"),
            models.Index(fields=["id"], name="inventory_stockitem_watched", condition=models.Q(low_at__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Component(models.Model):
    """A variant is made of stock items × quantity, one to one by default; kits and used goods are the same join."""

    variant = down("catalog.Variant", _("variant"), db_index=False)  # the constraint below begins with it
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="components")
    quantity = models.PositiveIntegerField(_("quantity"), db_default=1, default=1)

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [
            models.UniqueConstraint(fields=["variant", "stock_item"], name="inventory_component_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="inventory_component_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} = {self.quantity} × {self.stock_item_id}"


class Location(models.Model):
    """A place where stock lies: warehouse, store, supplier, in transit, quarantine."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = EnumField(LocationKind, verbose_name=_("kind"), db_default=LocationKind.WAREHOUSE.value, default=LocationKind.WAREHOUSE.value)
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    address = text(_("address"))
    phone = text(_("phone"), max_length=32)
    calendar = down("core.BusinessCalendar", _("calendar"), null=True, blank=True)
    cutoff_at = models.TimeField(_("cut-off time"), null=True, blank=True)
    can_ship = models.BooleanField(_("ships"), db_default=True, default=True)
    can_pick_up = models.BooleanField(_("pick-up point"), db_default=False, default=False)
    keeps_ambient = models.BooleanField(_("keeps ambient goods"), db_default=True, default=True)
    keeps_chilled = models.BooleanField(_("keeps chilled goods"), db_default=True, default=True)
    keeps_frozen = models.BooleanField(_("keeps frozen goods"), db_default=True, default=True)
    priority = models.IntegerField(_("drawing order"), db_default=0, default=0, help_text=_("The lowest number is drawn from first."))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="inventory_location_code_once")]

    def __str__(self) -> str:
        return self.name


class Lot(models.Model):
    """Goods that came together and expire together."""

    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="lots")
    number = models.CharField(_("lot number"), max_length=64)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    received_on = models.DateField(_("came in on"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.UniqueConstraint(fields=["stock_item", "number"], name="inventory_lot_number_once"),
            models.CheckConstraint(condition=~models.Q(number=""), name="inventory_lot_has_a_number"),
        ]
        indexes = [
            models.Index(fields=["expires_on"], name="inventory_lot_expiry", condition=models.Q(expires_on__isnull=False)),
            models.Index(fields=["number"], name="inventory_lot_number"),
        ]

    def __str__(self) -> str:
        return self.number


class StockPool(models.Model):
    """Stock as channels see it, drawn by rule from real locations."""

    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    is_default = models.BooleanField(_("used where a channel names none"), db_default=False, default=False)

    class Meta:
        verbose_name = _("stock pool")
        verbose_name_plural = _("stock pools")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="inventory_stockpool_code_once"),
            models.UniqueConstraint(fields=["company"], condition=models.Q(is_default=True), name="inventory_stockpool_one_default"),
        ]

    def __str__(self) -> str:
        return self.name


class PoolSource(models.Model):
    """A location a pool draws from, in order, leaving a buffer."""

    pool = models.ForeignKey(StockPool, verbose_name=_("pool"), on_delete=models.CASCADE, related_name="sources")
    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="+")
    priority = models.IntegerField(_("drawing order"), db_default=0, default=0)
    buffer_quantity = models.PositiveIntegerField(_("buffer"), db_default=0, default=0)
    buffer_percent = models.PositiveSmallIntegerField(
        _("buffer in percent"), db_default=0, default=0, help_text=_("Of what may be sold there. The larger of both buffers counts.")
    )

    class Meta:
        verbose_name = _("pool source")
        verbose_name_plural = _("pool sources")
        constraints = [
            models.UniqueConstraint(fields=["pool", "location"], name="inventory_poolsource_once"),
            models.CheckConstraint(condition=models.Q(buffer_percent__lte=100), name="inventory_poolsource_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.pool} ← {self.location}"


class PoolChannel(models.Model):
    """The sales channel that sees a pool."""

    pool = models.ForeignKey(StockPool, verbose_name=_("pool"), on_delete=models.CASCADE, related_name="channels")
    channel = down("core.SalesChannel", _("sales channel"))
    is_told = models.BooleanField(
        _("figures are announced"), db_default=False, default=False,
        help_text=_("A marketplace is told every minute which figures have changed for it."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("pool channel")
        verbose_name_plural = _("pool channels")
        constraints = [models.UniqueConstraint(fields=["channel"], name="inventory_poolchannel_once")]

    def __str__(self) -> str:
        return f"{self.channel} → {self.pool}"
