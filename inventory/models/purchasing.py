"""From whom goods are bought, on what terms, and what has been ordered and delivered."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from inventory.models.goods import Location, Lot, StockItem
from inventory.rules import PurchaseStatus


class Supplier(models.Model):
    """Somebody we buy goods from."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    person = text(_("contact person"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True, db_default="")
    phone = text(_("phone"), max_length=32)
    fax = text(_("fax"), max_length=32)
    postal_code = text(_("postal code"), max_length=16)
    address = text(_("address"))
    payment_terms = text(_("payment terms"), help_text=_("Printed on purchase orders, such as “end of the month following”."))
    lead_time_days = models.PositiveSmallIntegerField(
        _("lead time in working days"), db_default=0, default=0, help_text=_("From the order until the goods are here; an item may differ.")
    )
    calendar = down("core.BusinessCalendar", _("calendar"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="inventory_supplier_code_once")]

    def __str__(self) -> str:
        return self.name


class SupplierItem(models.Model):
    """The terms on which a supplier sells us a stock item."""

    supplier = models.ForeignKey(Supplier, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="items")
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+")
    supplier_code = text(_("supplier’s item code"), max_length=64)
    unit_cost = MoneyField(_("cost a piece, without tax"), validators=[MinValueValidator(0)])
    minimum_quantity = models.PositiveIntegerField(_("least quantity"), db_default=1, default=1, validators=[MinValueValidator(1)])
    order_multiple = models.PositiveIntegerField(_("multiples of"), db_default=1, default=1, validators=[MinValueValidator(1)])
    lead_time_days = models.PositiveSmallIntegerField(
        _("lead time in working days"), null=True, blank=True, help_text=_("The supplier’s where empty.")
    )
    is_preferred = models.BooleanField(
        _("bought here first"), db_default=False, default=False, help_text=_("Replenishment orders the item from this supplier.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("supplier’s terms")
        verbose_name_plural = _("suppliers’ terms")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "stock_item"], name="inventory_supplieritem_once"),
            models.UniqueConstraint(fields=["stock_item"], condition=Q(is_preferred=True), name="inventory_supplieritem_one_preferred"),
            models.CheckConstraint(
                condition=Q(unit_cost__gte=0, minimum_quantity__gte=1, order_multiple__gte=1), name="inventory_supplieritem_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier} {self.stock_item}"


class PurchaseOrder(Actored):
    """Goods ordered from a supplier for one location; the actor is whoever drafted it. Costs are without tax."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)  # the constraint on numbers begins with it
    number = models.CharField(_("number"), max_length=40)
    supplier = models.ForeignKey(Supplier, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, verbose_name=_("deliver to"), on_delete=models.PROTECT, related_name="+")
    status = EnumField(PurchaseStatus, verbose_name=_("status"), db_default=PurchaseStatus.DRAFT.value)
    currency = models.CharField(_("currency"), max_length=3)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    note = text(_("note to the supplier"), max_length=500)
    drafted_at = models.DateTimeField(_("drafted at"))
    version = models.PositiveIntegerField(db_default=1, editable=False)
    changed_by_kind = models.CharField(max_length=16, db_default="", editable=False)
    """Empty where nobody rewrote it, or where that was before the kind was kept."""
    changed_by_id = models.CharField(max_length=64, db_default="", editable=False)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approved_by_label = text(_("approved by"), max_length=128)
    sent_at = models.DateTimeField(_("sent to the supplier at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    once_key = models.CharField(max_length=120, unique=True, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        permissions = [
            ("approve_purchaseorder", _("Can approve purchase orders")),
            ("send_purchaseorder", _("Can draft, send and close purchase orders")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="inventory_purchaseorder_number_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) ^ Q(status__in=["closed", "cancelled"]), name="inventory_purchaseorder_ended"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "sent", "partly_received"]) | Q(approved_at__isnull=False),
                name="inventory_purchaseorder_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="inventory_purchaseorder_by"),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    """So many pieces of an item at a cost, and how many of them came."""

    purchase_order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("purchase order"), on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("line number"))
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+")
    supplier_code = text(_("supplier’s item code"), max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_cost = MoneyField(_("cost a piece, without tax"))
    received_quantity = models.PositiveIntegerField(_("received"), db_default=0, default=0)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)

    class Meta:
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        constraints = [
            models.UniqueConstraint(fields=["purchase_order", "stock_item"], name="inventory_purchaseorderline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, unit_cost__gte=0), name="inventory_purchaseorderline_sane"),
        ]
        indexes = [
            models.Index(fields=["stock_item"], name="inventory_purchaseline_coming", condition=Q(received_quantity__lt=F("quantity")))
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.stock_item_id}"


class GoodsReceipt(Actored):
    """A delivery note of a purchase order, taken in once."""

    purchase_order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("purchase order"), on_delete=models.PROTECT, related_name="receipts", db_index=False
    )
    delivery_note = models.CharField(_("delivery note"), max_length=64)
    at = models.DateTimeField(_("at"))
    once_key = models.CharField(max_length=120, unique=True, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        constraints = [models.UniqueConstraint(fields=["purchase_order", "delivery_note"], name="inventory_goodsreceipt_note_once")]

    def __str__(self) -> str:
        return self.delivery_note


class GoodsReceiptLine(models.Model):
    """What a delivery brought of an ordered line; the movement of stock carries its receipt and its place there."""

    receipt = models.ForeignKey(GoodsReceipt, verbose_name=_("goods receipt"), on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, verbose_name=_("purchase order line"), on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    unsellable_quantity = models.PositiveIntegerField(_("of which cannot be sold"), db_default=0, default=0)
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("goods receipt line")
        verbose_name_plural = _("goods receipt lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(unsellable_quantity__lte=F("quantity")), name="inventory_goodsreceiptline_sane"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"
