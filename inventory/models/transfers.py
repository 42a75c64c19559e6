"""Goods on the road between two locations of ours."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from inventory.models.goods import Location, StockItem
from inventory.rules import TransferStatus


class StockTransfer(Actored):
    """Goods that go from one location to another; on the way they lie at the location "in transit"."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)  # the constraint on numbers begins with it
    number = models.CharField(_("number"), max_length=40)
    from_location = models.ForeignKey(Location, verbose_name=_("from location"), on_delete=models.PROTECT, related_name="+")
    to_location = models.ForeignKey(Location, verbose_name=_("to location"), on_delete=models.PROTECT, related_name="+")
    status = EnumField(TransferStatus, verbose_name=_("status"), db_default=TransferStatus.PLANNED.value)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    note = text(_("note"), max_length=500)
    planned_at = models.DateTimeField(_("drafted at"))
    sent_at = models.DateTimeField(_("sent off at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    once_key = models.CharField(max_length=120, unique=True, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stock transfer")
        verbose_name_plural = _("stock transfers")
        permissions = [
            ("send_stocktransfer", _("Can plan and send transfers")),
            ("receive_stocktransfer", _("Can confirm transfers")),
            ("settle_stocktransfer", _("Can settle what a transfer lost")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="inventory_stocktransfer_number_once"),
            models.CheckConstraint(condition=~Q(from_location=F("to_location")), name="inventory_stocktransfer_two_places"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) ^ Q(status__in=["closed", "cancelled"]), name="inventory_stocktransfer_ended"
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="inventory_stocktransfer_by")]

    def __str__(self) -> str:
        return self.number


class StockTransferLine(models.Model):
    """So many pieces of an item, and what became of them."""

    transfer = models.ForeignKey(
        StockTransfer, verbose_name=_("stock transfer"), on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+")
    lot_number = text(_("lot number"), max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"))
    received_quantity = models.PositiveIntegerField(_("received"), db_default=0, default=0)
    home_quantity = models.PositiveIntegerField(_("came home"), db_default=0, default=0)
    lost_quantity = models.PositiveIntegerField(_("written off"), db_default=0, default=0)

    class Meta:
        verbose_name = _("stock transfer line")
        verbose_name_plural = _("stock transfer lines")
        constraints = [
            models.UniqueConstraint(fields=["transfer", "stock_item", "lot_number"], name="inventory_stocktransferline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(quantity__gte=F("received_quantity") + F("home_quantity") + F("lost_quantity")),
                name="inventory_stocktransferline_no_more_than_left",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"


class TransferArrival(Actored):
    """A confirmation of arrived goods, taken in once."""

    transfer = models.ForeignKey(StockTransfer, verbose_name=_("stock transfer"), on_delete=models.PROTECT, related_name="arrivals")
    at = models.DateTimeField(_("at"))
    once_key = models.CharField(max_length=120, unique=True, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("transfer arrival")
        verbose_name_plural = _("transfer arrivals")

    def __str__(self) -> str:
        return self.once_key


class LocationStaff(models.Model):
    """That somebody works at a location: whoever is named for any sees and confirms the papers of theirs only."""

    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.CASCADE, related_name="staff")
    account = down("customers.Account", _("member of staff"))

    class Meta:
        verbose_name = _("staff of a location")
        verbose_name_plural = _("staff of a location")
        constraints = [models.UniqueConstraint(fields=["location", "account"], name="inventory_locationstaff_once")]

    def __str__(self) -> str:
        return f"{self.account} @ {self.location}"
