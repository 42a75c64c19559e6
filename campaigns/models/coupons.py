"""Coupons, what they are good for, and the ledger of their uses."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.rules import LONGEST_CODE, CouponDeed, CouponKind
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down


class Coupon(models.Model):
    """A code that takes something off an order's goods. ``used_count`` is kept where there is a limit: no more can use it than may."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    code = models.CharField(
        _("coupon code"), max_length=LONGEST_CODE, help_text=_("Width, case and blanks do not matter when it is typed. It stays as it is.")
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("Customers read it."))
    kind = EnumField(CouponKind, verbose_name=_("what it takes off"), default=CouponKind.AMOUNT.value)
    amount = MoneyField(_("amount off"), null=True, blank=True, validators=[MinValueValidator(1)])
    percent_bp = models.PositiveIntegerField(
        _("part off (basis points)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    most_off = MoneyField(_("at most"), null=True, blank=True, validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3, db_default="JPY", default="JPY")
    minimum = MoneyField(
        _("from goods of"), db_default=0, default=0, validators=[MinValueValidator(0)],
        help_text=_("What the goods it is good for must come to, other discounts taken off."),
    )  # fmt: skip
    starts_at = models.DateTimeField(_("can be used from"))
    until_at = models.DateTimeField(
        _("can be used until"), null=True, blank=True, help_text=_("The first moment at which it cannot be used any more.")
    )
    use_limit = models.PositiveIntegerField(
        _("uses in all"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit. Whether there is one is decided now.")
    )  # fmt: skip
    used_count = models.PositiveIntegerField(_("used"), db_default=0, editable=False)
    customer_limit = models.PositiveSmallIntegerField(
        _("uses by one customer"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    customer = down(
        "customers.Customer",
        _("given to"),
        null=True,
        blank=True,
        help_text=_("Only this customer can use it. Empty: everybody who knows the code."),
    )
    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campaign"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text=_("What orders with it answer, where their lines do not know it otherwise."),
    )  # fmt: skip
    is_shown = models.BooleanField(_("shown to everybody on My Page"), db_default=False, default=False)
    back_when_returned = models.BooleanField(
        _("given back when all is returned"),
        db_default=False,
        default=False,
        help_text=_("When an order is cancelled it is always given back."),
    )
    version = models.PositiveIntegerField(db_default=1, editable=False)
    ended_at = models.DateTimeField(
        _("withdrawn at"),
        null=True,
        blank=True,
        help_text=_("From then on nobody can use it, whatever its period. Orders that used it stay."),
    )
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="campaigns_coupon_code_once"),
            models.CheckConstraint(
                condition=Q(code=Upper(models.Func("code", function="normalize", template="%(function)s(%(expressions)s, NFKC)")))
                & ~Q(code=""),
                name="campaigns_coupon_code_normal",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=CouponKind.AMOUNT.value, amount__isnull=False, amount__gte=1, percent_bp__isnull=True, most_off__isnull=True
                )
                | Q(
                    kind=CouponKind.PERCENT.value, amount__isnull=True, percent_bp__isnull=False, percent_bp__gte=1, percent_bp__lte=10_000
                ),
                name="campaigns_coupon_says_what",
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=0) & (Q(most_off__isnull=True) | Q(most_off__gte=1)), name="campaigns_coupon_amounts"
            ),
            models.CheckConstraint(
                condition=Q(use_limit__isnull=True, used_count=0) | Q(used_count__lte=F("use_limit")),
                name="campaigns_coupon_limit",
                violation_error_message=_("It was used more often already."),
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("starts_at")),
                name="campaigns_coupon_period",
                violation_error_message=_("It ends after it begins."),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-starts_at", "-id"], name="campaigns_coupon_newest"),
            models.Index(fields=["company"], name="campaigns_coupon_shown", condition=Q(is_shown=True, customer__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.code


class CouponArticle(models.Model):
    """An article a coupon is good for; a coupon that names none is good for all."""

    coupon = models.ForeignKey(Coupon, verbose_name=_("coupon"), on_delete=models.CASCADE, related_name="articles", db_index=False)
    variant = down("catalog.Variant", _("variant"))

    class Meta:
        verbose_name = _("article of a coupon")
        verbose_name_plural = _("articles it is good for")
        constraints = [models.UniqueConstraint(fields=["coupon", "variant"], name="campaigns_couponarticle_once")]

    def __str__(self) -> str:
        return f"{self.coupon_id} / {self.variant_id}"


class CouponUse(Actored):
    """That a coupon was used by an order, or given back as the order was undone; append-only. ``amount`` is what it took off the order."""

    coupon = models.ForeignKey(Coupon, verbose_name=_("coupon"), on_delete=models.PROTECT, related_name="uses", db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    order = down("orders.Order", _("order"), db_index=False)
    deed = EnumField(CouponDeed, verbose_name=_("what happened"))
    amount = MoneyField(_("amount"))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        constraints = [
            models.UniqueConstraint(fields=["order", "deed"], name="campaigns_couponuse_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="campaigns_couponuse_positive"),
        ]
        indexes = [
            models.Index(fields=["coupon", "-at", "-id"], name="campaigns_couponuse_newest"),
            models.Index(fields=["customer", "coupon"], name="campaigns_couponuse_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} {self.order_id}"
