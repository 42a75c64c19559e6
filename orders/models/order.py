"""What was promised: the order, its lines and its money."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from core.tax import TaxBasis
from orders.rules import (
    AuthorKind,
    FeeKind,
    FulfilmentStatus,
    HoldKind,
    OrderPaymentStatus,
    OrderReturnStatus,
    OrderStatus,
    OriginKind,
    Visibility,
)


class Order(Actored):
    """A promise to a customer, by whatever channel. The same outside number or cart makes one order."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    number = models.CharField(_("order number"), max_length=40)
    channel = down("core.SalesChannel", _("sales channel"), db_index=False, db_constraint=False)
    site = down("core.Site", _("site"), null=True, blank=True, db_index=False)
    brand = down("core.Brand", _("brand"), null=True, blank=True, db_index=False)
    origin = EnumField(OriginKind, verbose_name=_("origin"), db_default=OriginKind.PLACED)
    outside_number = text(_("outside number"), max_length=80)
    cart_ref = models.UUIDField(_("cart"), null=True, blank=True, editable=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    account = down("customers.Account", _("account"), null=True, blank=True, db_index=False)
    identity = down("customers.Identity", _("ID"), null=True, blank=True, db_index=False)
    payer = down("customers.Customer", _("payer"), null=True, blank=True, db_index=False)
    taken_by = down("customers.Account", _("taken by"), null=True, blank=True, db_index=False)
    taken_at = down("inventory.Location", _("taken at (store)"), null=True, blank=True)
    status = EnumField(OrderStatus, verbose_name=_("order status"), db_default=OrderStatus.CONFIRMED)
    payment_status = EnumField(OrderPaymentStatus, verbose_name=_("payment status"), db_default=OrderPaymentStatus.UNPAID)
    fulfilment_status = EnumField(FulfilmentStatus, verbose_name=_("fulfilment status"), db_default=FulfilmentStatus.PLANNED)
    open_holds = models.PositiveSmallIntegerField(_("open holds"), db_default=0)
    paid_first = models.BooleanField(_("paid before it leaves"), db_default=False, editable=False)
    inspected_first = models.BooleanField(_("inspected by scan before it leaves"), db_default=False, editable=False)
    return_status = EnumField(OrderReturnStatus, verbose_name=_("returns"), db_default=OrderReturnStatus.NONE)
    returned_total = MoneyField(_("returned"), db_default=0, editable=False)
    placed_at = models.DateTimeField(_("placed at"))
    placed_on = models.DateField(_("purchase date"))
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    currency = models.CharField(_("currency"), max_length=3)
    tax_basis = EnumField(TaxBasis, verbose_name=_("tax basis"))
    payment_method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    goods_total = MoneyField(_("goods"))
    discount_total = MoneyField(_("discounts"), db_default=0)
    fee_total = MoneyField(_("fees"), db_default=0)
    tax_total = MoneyField(_("tax"), db_default=0)
    total = MoneyField(_("total (tax included)"))
    paid_total = MoneyField(_("paid"), db_default=0)
    buyer_name = text(_("buyer"), max_length=320)
    buyer_email = text(_("buyer's e-mail"), max_length=254)
    buyer_phone = text(_("buyer's phone"), max_length=32)
    remark = text(_("customer's remark"), max_length=1000)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancel_reason = text(_("reason for cancelling"), max_length=200)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("place_order", _("Can place orders for customers")),
            ("cancel_order", _("Can cancel orders")),
            ("change_placed_order", _("Can change placed orders")),
            ("release_hold", _("Can release holds")),
            ("export_order", _("Can export orders")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_order_number_once"),
            models.UniqueConstraint(
                fields=["channel", "outside_number"], condition=~models.Q(outside_number=""), name="orders_order_outside_once"
            ),
            models.UniqueConstraint(fields=["cart_ref"], condition=models.Q(cart_ref__isnull=False), name="orders_order_cart_once"),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="orders_order_total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["company", "-placed_at", "-id"], name="orders_order_newest"),
            models.Index(fields=["-placed_at", "-id"], name="orders_order_latest"),  # the back office's list of all companies
            models.Index(fields=["company", "status", "-placed_at", "-id"], name="orders_order_status"),
            models.Index(fields=["company", "fulfilment_status", "-placed_at", "-id"], name="orders_order_fulfilment"),
            models.Index(fields=["customer", "-placed_at"], name="orders_order_customer"),
            models.Index(
                fields=["return_status", "-placed_at", "-id"], name="orders_order_returns", condition=~models.Q(return_status="none")
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Destination(models.Model):
    """Where part of an order goes: a snapshot, blanked after its legal term."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="destinations", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"), db_default=1)
    name = text(_("recipient"), max_length=320)
    kana = text(_("recipient (kana)"), max_length=320)
    organisation_name = text(_("organisation"), max_length=160)
    country = models.CharField(_("country"), max_length=2, db_default="JP")
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    city = text(_("city"), max_length=120)
    street = text(_("street and number"), max_length=200)
    building = text(_("building"), max_length=200)
    phone = text(_("phone"), max_length=32)
    wished_on = models.DateField(_("wished delivery date"), null=True, blank=True)
    time_band = text(_("time band"), max_length=20)
    service = text(_("chosen delivery service"), max_length=40)
    """The code of the service its buyer chose; without one the house chooses."""
    is_gift = models.BooleanField(_("gift"), db_default=False)
    gift_message = text(_("gift message"), max_length=400)
    pickup_at = down("inventory.Location", _("picked up at"), null=True, blank=True, db_index=False)
    """The store where its buyer fetches it; the address is then the store's."""

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="orders_destination_position_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.prefecture}{self.city}"


class Line(models.Model):
    """What was agreed, frozen: product, form, quantity, price, tax class and where the response came from.

    `amount` = unit price × quantity − discounts, in the order's tax basis; `total` is its share with tax.
    The public id is the demand that stock is promised to. A line never carries a location. Where a change of the order needs another
    quantity, price or share, a new line takes its place, with its public id and position; it stays as it was agreed (ADR 0026).
    """

    public_id = PublicIdField()
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="lines", db_index=False)
    destination = models.ForeignKey(
        Destination, verbose_name=_("destination"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    outside_line = text(_("outside line"), max_length=80)
    variant = down("catalog.Variant", _("variant"), db_index=False)
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("product"), max_length=300)
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    category_path = text(_("category"), max_length=500)
    profile = text(_("workflow profile"), max_length=40)
    purchase_type = EnumField(PurchaseType, verbose_name=_("purchase type"), db_default=PurchaseType.NORMAL)
    cycle = models.PositiveSmallIntegerField(_("delivery number"), null=True, blank=True)
    quantity = models.IntegerField(_("quantity"))
    cancelled_quantity = models.IntegerField(_("cancelled"), db_default=0)
    shipped_quantity = models.IntegerField(_("shipped"), db_default=0)
    returning_quantity = models.IntegerField(_("in returns"), db_default=0)
    list_price = MoneyField(_("list price"), null=True, blank=True)
    unit_price = MoneyField(_("unit price"))
    price_reason = text(_("price from"), max_length=120)
    discount = MoneyField(_("discount"), db_default=0)
    amount = MoneyField(_("amount"))
    total = MoneyField(_("amount with tax"))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False, db_constraint=False)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    seller_code = text(_("seller"), max_length=64)
    campaign_ref = text(_("campaign"), max_length=80)
    campaign_name = text(_("campaign name"), max_length=200)
    route_medium = text(_("route medium"), max_length=60)
    outbound_at = models.DateTimeField(_("outbound at"), null=True, blank=True)
    offer_from_at = models.DateTimeField(_("offer from"), null=True, blank=True)
    offer_until_at = models.DateTimeField(_("offer until"), null=True, blank=True)
    ad_code = text(_("ad code"), max_length=60)
    referral_code = text(_("referral or partner code"), max_length=60)
    recommendation_ref = text(_("recommendation"), max_length=80)
    from_revision = models.PositiveSmallIntegerField(_("agreed from revision"), db_default=1, editable=False)
    until_revision = models.PositiveSmallIntegerField(_("until revision"), null=True, blank=True, editable=False)
    replaces = models.ForeignKey(
        "self", verbose_name=_("takes the place of"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
        db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position_once"),
            models.UniqueConstraint(
                fields=["order", "outside_line"], condition=~models.Q(outside_line=""), name="orders_line_outside_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="orders_line_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(cancelled_quantity__gte=0)
                & models.Q(shipped_quantity__gte=0)
                & models.Q(quantity__gte=models.F("cancelled_quantity") + models.F("shipped_quantity")),
                name="orders_line_quantities_within",
            ),
            models.CheckConstraint(
                condition=models.Q(returning_quantity__gte=0, returning_quantity__lte=models.F("shipped_quantity")),
                name="orders_line_returns_within",
            ),
            models.CheckConstraint(
                condition=models.Q(amount=models.F("unit_price") * models.F("quantity") - models.F("discount")),
                name="orders_line_amount_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(until_revision__isnull=True)
                | models.Q(
                    until_revision__gt=models.F("from_revision"), cancelled_quantity=models.F("quantity") - models.F("shipped_quantity")
                ),
                name="orders_line_ended_whole",
            ),
            models.UniqueConstraint(fields=["replaces"], condition=models.Q(replaces__isnull=False), name="orders_line_replaced_once"),
        ]
        indexes = [models.Index(fields=["variant", "-id"], name="orders_line_variant")]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class LineDiscount(models.Model):
    """Why a line costs less, and what it stems from; order-level discounts are spread over lines."""

    line = models.ForeignKey(Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="discounts", db_index=False)
    source = models.CharField(_("source"), max_length=80)
    reason = text(_("reason"), max_length=200)
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("line discount")
        verbose_name_plural = _("line discounts")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="orders_linediscount_positive")]
        indexes = [models.Index(fields=["line"], name="orders_linediscount_line")]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"


class Fee(models.Model):
    """Postage, cash-on-delivery charge and the like; taxed like a line."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="fees", db_index=False)
    destination = models.ForeignKey(
        Destination, verbose_name=_("destination"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Of which destination it is, where it is of one: postage, noshi, wrapping, card."""
    kind = EnumField(FeeKind, verbose_name=_("kind"))
    label = text(_("label"), max_length=120)
    amount = MoneyField(_("amount"))
    total = MoneyField(_("amount with tax"))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False, db_constraint=False)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    rule = down("orders.FeeRule", _("fee rule"), null=True, blank=True, db_index=False, db_constraint=False)
    explanation = text(_("what decided for it"), max_length=200)
    invoiced = models.BooleanField(_("invoiced"), db_default=False, editable=False)
    from_revision = models.PositiveSmallIntegerField(_("agreed from revision"), db_default=1, editable=False)
    until_revision = models.PositiveSmallIntegerField(_("until revision"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="orders_fee_not_negative"),
            models.CheckConstraint(
                condition=models.Q(until_revision__isnull=True) | models.Q(until_revision__gt=models.F("from_revision"), invoiced=False),
                name="orders_fee_ended_before_invoiced",
            ),
        ]
        indexes = [models.Index(fields=["order"], name="orders_fee_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class OrderTax(models.Model):
    """The total and tax of one rate in a revision of an order, rounded once."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="taxes", db_index=False)
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False, db_constraint=False)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    taxable = MoneyField(_("total of the rate, without tax"))
    tax = MoneyField(_("tax"))
    revision = models.PositiveSmallIntegerField(_("revision"), db_default=1, editable=False)

    class Meta:
        verbose_name = _("order tax")
        verbose_name_plural = _("order taxes")
        constraints = [models.UniqueConstraint(fields=["order", "revision", "tax_class", "tax_rate_bp"], name="orders_ordertax_once")]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.tax}"


class Hold(Actored):
    """A reason not to ship yet; nothing leaves while one is open."""

    public_id = PublicIdField()
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="holds", db_index=False)
    kind = EnumField(HoldKind, verbose_name=_("kind"))
    reason = text(_("reason"), max_length=200)
    rule = models.ForeignKey(
        "orders.HoldRule", verbose_name=_("hold rule"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    role = down("auth.Group", _("released only by"), null=True, blank=True, db_index=False)
    raised_at = models.DateTimeField(_("raised at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    released_by = text(_("released by"), max_length=128)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [models.Index(fields=["order"], name="orders_hold_order")]

    def __str__(self) -> str:
        return f"{gettext(HoldKind.labels()[HoldKind(self.kind)])} {self.reason}".strip()


class OrderNote(models.Model):
    """A note on an order, for staff or for the customer to read."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="notes", db_index=False)
    body = models.TextField(_("note"))
    visibility = EnumField(Visibility, verbose_name=_("visibility"), db_default=Visibility.STAFF)
    author_kind = EnumField(AuthorKind, verbose_name=_("author"), db_default=AuthorKind.STAFF)
    author_id = text(max_length=64, editable=False)
    author_label = text(_("written by"), max_length=128, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("order note")
        verbose_name_plural = _("order notes")
        indexes = [models.Index(fields=["order", "-id"], name="orders_ordernote_order")]

    def __str__(self) -> str:
        return self.body[:60]


class FinalConfirmation(models.Model):
    """What the buyer was shown before agreeing, as shown (Act on Specified Commercial Transactions, art. 12-6); append-only."""

    order = models.OneToOneField(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="confirmation")
    terms_version = models.CharField(_("terms version"), max_length=40)
    shown = models.TextField(_("as shown"))
    shown_at = models.DateTimeField(_("shown at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("final confirmation")
        verbose_name_plural = _("final confirmations")

    def __str__(self) -> str:
        return self.terms_version
