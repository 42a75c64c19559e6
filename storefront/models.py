"""What a shopper leaves with us before there is an order."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.rules import PurchaseType
from core.fields import EnumField, PublicIdField, RecordedAtField, down, text
from storefront.rules import CartState


class Cart(models.Model):
    """A shopper's cart on one site: one open cart per account, whatever the device; a guest's is known by its id."""

    public_id = PublicIdField()
    site = down("core.Site", _("site"))
    account = down("customers.Account", _("account"), null=True, blank=True)
    state = EnumField(CartState, verbose_name=_("state"), db_default=CartState.OPEN)
    order = down("orders.Order", _("order"), null=True, blank=True)
    coupon_code = text(_("coupon code"), max_length=40)
    held_since = models.DateTimeField(_("its goods were first held at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))
    touched_at = RecordedAtField(verbose_name=_("last used at"))

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "account"], condition=models.Q(state="open", account__isnull=False), name="storefront_cart_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state="ordered", order__isnull=False) | (~models.Q(state="ordered") & models.Q(order__isnull=True)),
                name="storefront_cart_order_when_ordered",
            ),
        ]
        indexes = [models.Index(fields=["-touched_at", "-id"], name="storefront_cart_newest")]

    def __str__(self) -> str:
        return str(self.public_id)


class CartLine(models.Model):
    """So many of a variant in a cart."""

    cart = models.ForeignKey(Cart, verbose_name=_("cart"), on_delete=models.CASCADE, related_name="lines")
    variant = down("catalog.Variant", _("variant"))
    purchase_type = EnumField(PurchaseType, verbose_name=_("purchase type"), db_default=PurchaseType.NORMAL)
    quantity = models.PositiveIntegerField(_("quantity"))
    plan_code = text(_("subscription course"), max_length=60)
    interval = text(_("delivery interval"), max_length=20)
    ad_code = text(_("ad code"), max_length=60)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant", "purchase_type"], name="storefront_cartline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="storefront_cartline_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"


class Checkout(models.Model):
    """What a shopper typed at the checkout of a cart, kept until the order is placed."""

    cart = models.OneToOneField(Cart, verbose_name=_("cart"), on_delete=models.CASCADE, primary_key=True, related_name="checkout")
    family_name = text(_("family name"), max_length=120)
    given_name = text(_("given name"), max_length=120)
    family_kana = text(_("family name (kana)"), max_length=120)
    given_kana = text(_("given name (kana)"), max_length=120)
    email = text(_("e-mail"), max_length=254)
    phone = text(_("phone"), max_length=64)
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    city = text(_("city"), max_length=120)
    street = text(_("street and number"), max_length=200)
    building = text(_("building"), max_length=200)
    payment_method = text(_("payment method"), max_length=32)
    means_id = models.BigIntegerField(_("card"), null=True, blank=True)
    wished_on = models.DateField(_("wished delivery date"), null=True, blank=True)
    time_band = text(_("time band"), max_length=20)
    service = text(_("chosen delivery service"), max_length=40)
    remark = text(_("remark"), max_length=1000)
    pickup_at_id = models.BigIntegerField(_("picked up at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")

    def __str__(self) -> str:
        return str(self.cart_id)


class CheckoutPlace(models.Model):
    """One of several addresses that the goods of a cart go to, and how they are given there; as typed, right or wrong."""

    cart = models.ForeignKey(Cart, verbose_name=_("cart"), on_delete=models.CASCADE, related_name="places", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    family_name = text(_("family name"), max_length=120)
    given_name = text(_("given name"), max_length=120)
    phone = text(_("phone"), max_length=64)
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    city = text(_("city"), max_length=120)
    street = text(_("street and number"), max_length=200)
    building = text(_("building"), max_length=200)
    wished_on = models.DateField(_("wished delivery date"), null=True, blank=True)
    time_band = text(_("time band"), max_length=20)
    noshi = text(_("noshi"), max_length=40)
    title = text(_("words above"), max_length=40)
    knot = text(_("knot"), max_length=32)
    placement = text(_("where the noshi goes"), max_length=32)
    names = text(_("names on the noshi"), max_length=220)
    wrapping = text(_("wrapping"), max_length=40)
    card = text(_("message card"), max_length=40)
    message = text(_("gift message"), max_length=400)
    sender_name = text(_("sender shown"), max_length=120)
    hides_prices = text(_("prices hidden"), max_length=1)

    class Meta:
        verbose_name = _("address of a checkout")
        verbose_name_plural = _("addresses of checkouts")
        constraints = [models.UniqueConstraint(fields=["cart", "position"], name="storefront_checkoutplace_once")]

    def __str__(self) -> str:
        return f"{self.cart_id} / {self.position}"


class CheckoutShare(models.Model):
    """So many of a variant of the cart go to one of its addresses."""

    place = models.ForeignKey(CheckoutPlace, verbose_name=_("address"), on_delete=models.CASCADE, related_name="shares", db_index=False)
    variant = down("catalog.Variant", _("variant"), db_index=False)
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("share of an address")
        verbose_name_plural = _("shares of addresses")
        constraints = [
            models.UniqueConstraint(fields=["place", "variant"], name="storefront_checkoutshare_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="storefront_checkoutshare_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
