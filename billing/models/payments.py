"""How orders are paid: intents, payments, what they settle, and what goes back."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.documents import Receivable, booked_by
from billing.rules import IntentStatus, PaymentMethod, PaymentStatus
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from core.money import format_money


class PaymentIntent(models.Model):
    """How an order is going to be paid, and how far that has come; one open attempt per order."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    order_ref = models.UUIDField(_("order"))
    order_number = text(_("order number"), max_length=40)
    customer = down("customers.Customer", _("customer"), db_index=False)
    attempt = models.PositiveSmallIntegerField(_("attempt"), db_default=1)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    provider = text(_("payment provider"), max_length=40)
    status = EnumField(IntentStatus, verbose_name=_("status"), db_default=IntentStatus.REQUESTED.value)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    requested_at = models.DateTimeField(_("requested at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    means = down("billing.PaymentMeans", _("card"), null=True, blank=True, db_index=False)
    provider_ref = text(_("provider's reference"), max_length=120)
    authorised_amount = MoneyField(_("authorised"), db_default=0)
    captured_amount = MoneyField(_("captured"), db_default=0)
    authorised_at = models.DateTimeField(_("authorised at"), null=True, blank=True)
    capture_until_at = models.DateTimeField(_("capture until"), null=True, blank=True)
    action_url = models.TextField(_("where the buyer confirms"), blank=True, db_default="")
    decline_code = text(_("refused because"), max_length=60)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        constraints = [
            models.UniqueConstraint(fields=["order_ref", "attempt"], name="billing_paymentintent_attempt_once"),
            models.UniqueConstraint(
                fields=["order_ref"],
                condition=models.Q(status__in=["requested", "authorised", "unknown"]),
                name="billing_paymentintent_one_open",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="billing_paymentintent_not_negative"),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], condition=~models.Q(provider_ref=""), name="billing_paymentintent_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(captured_amount__gte=0)
                & models.Q(captured_amount__lte=models.F("authorised_amount"))
                & models.Q(authorised_amount__lte=models.F("amount")),
                name="billing_paymentintent_captured_within",
            ),
            models.CheckConstraint(
                condition=models.Q(authorised_at__isnull=False) | models.Q(authorised_amount=0),
                name="billing_paymentintent_authorised_first",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="billing_paymentintent_newest"),
            models.Index(fields=["customer", "-id"], name="billing_paymentintent_customer"),
            models.Index(fields=["order_number"], name="billing_paymentintent_number", condition=~models.Q(order_number="")),
            models.Index(fields=["means"], name="billing_paymentintent_means", condition=models.Q(means__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.order_number or self.order_ref} {format_money(self.amount, self.currency)}"


class Payment(Actored):
    """Money received, once per outside reference."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    customer = down("customers.Customer", _("customer"), null=True, blank=True, db_index=False)
    order_ref = models.UUIDField(_("order"), null=True, blank=True)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    status = EnumField(PaymentStatus, verbose_name=_("status"), db_default=PaymentStatus.RECEIVED.value)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    unapplied_amount = MoneyField(_("not yet applied"))
    payer_name = text(_("payer"), max_length=160)
    reference = text(_("payment reference"), max_length=80)
    once_key = models.CharField(max_length=120, unique=True)
    received_on = models.DateField(_("received on"))
    received_at = models.DateTimeField(_("received at"))
    entry = booked_by()
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [
            ("record_payment", _("Can record payments")),
            ("refund_payment", _("Can refund")),
            ("reverse_payment", _("Can reverse payments")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=models.Q(unapplied_amount__gte=0) & models.Q(unapplied_amount__lte=models.F("amount")),
                name="billing_payment_unapplied_within",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-received_on", "-id"], name="billing_payment_newest"),
            models.Index(fields=["-received_on", "-id"], name="billing_payment_all_newest"),
            models.Index(fields=["company", "-id"], name="billing_payment_latest"),
            models.Index(fields=["company", "amount"], name="billing_payment_amount"),
            models.Index(fields=["company", "-id"], name="billing_payment_deposit", condition=models.Q(unapplied_amount__gt=0)),
            models.Index(fields=["reference"], name="billing_payment_reference", condition=~models.Q(reference="")),
            GinIndex(fields=["payer_name"], opclasses=["gin_trgm_ops"], name="billing_payment_payer"),
            models.Index(fields=["order_ref"], name="billing_payment_order", condition=models.Q(order_ref__isnull=False)),
            models.Index(fields=["customer", "-id"], name="billing_payment_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.received_on:%Y-%m-%d} {format_money(self.amount, self.currency)}"


class Application(Actored):
    """Money received matched to a receivable (消込); append-only: it is taken back by a row of the opposite sign."""

    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="applications")
    receivable = models.ForeignKey(Receivable, verbose_name=_("receivable"), on_delete=models.PROTECT, related_name="applications")
    amount = MoneyField(_("amount"))
    reverses = models.ForeignKey(
        "self", verbose_name=_("takes back"), null=True, blank=True, on_delete=models.PROTECT, related_name="reversals"
    )
    applied_on = models.DateField(_("applied on"))
    at = models.DateTimeField(_("at"))
    entry = booked_by()
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses__isnull=True) | models.Q(amount__lt=0, reverses__isnull=False),
                name="billing_application_sign",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount:,}"


class Refund(Actored):
    """Money given back from a payment, never more than was received."""

    public_id = PublicIdField()
    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField(_("amount"))
    reason = text(_("reason"), max_length=200)
    once_key = models.CharField(max_length=120, unique=True)
    refunded_on = models.DateField(_("refunded on"))
    at = models.DateTimeField(_("at"))
    entry = booked_by()
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_refund_positive")]

    def __str__(self) -> str:
        return f"{self.amount}"
