"""Cards as their gateway knows them: what is kept of one, what the gateway was asked, what it told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import CallKind, CallState, EventState
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text


class GatewayCall(Actored):
    """One effect wanted of the gateway, written down before it is asked for; its public id is the idempotency key."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    kind = EnumField(CallKind, verbose_name=_("request"))
    state = EnumField(CallState, verbose_name=_("state"), db_default=CallState.REQUESTED.value)
    provider = text(_("payment provider"), max_length=40)
    intent = down("billing.PaymentIntent", _("payment intent"), null=True, blank=True, db_index=False)
    means = down("billing.PaymentMeans", _("card"), null=True, blank=True, db_index=False)
    refund = down("billing.Refund", _("refund"), null=True, blank=True, db_index=False)
    amount = MoneyField(_("amount"), db_default=0)
    currency = text(_("currency"), max_length=3)
    provider_ref = text(_("provider's reference"), max_length=120)
    code = text(_("answer"), max_length=60)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    requested_at = models.DateTimeField(_("requested at"))
    due_at = models.DateTimeField(_("next attempt"))
    lease_until_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    note = text(_("note"), max_length=200)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("gateway call")
        verbose_name_plural = _("gateway calls")
        permissions = [("settle_gatewaycall", _("Can settle unclear card payments"))]
        constraints = [
            models.UniqueConstraint(
                fields=["intent", "kind"],
                name="billing_gatewaycall_once",
                condition=models.Q(kind__in=["authorise", "capture", "void"]),
            ),
            models.UniqueConstraint(fields=["refund"], name="billing_gatewaycall_refund_once", condition=models.Q(refund__isnull=False)),
            models.UniqueConstraint(fields=["means"], name="billing_gatewaycall_forget_once", condition=models.Q(means__isnull=False)),
            models.CheckConstraint(
                condition=models.Q(kind__in=["authorise", "capture", "void"], intent__isnull=False, means__isnull=True, refund__isnull=True)
                | models.Q(kind="refund", intent__isnull=False, refund__isnull=False, means__isnull=True)
                | models.Q(kind="forget", means__isnull=False, intent__isnull=True, refund__isnull=True),
                name="billing_gatewaycall_about_one",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["ok", "failed"], settled_at__isnull=False)
                | (~models.Q(state__in=["ok", "failed"]) & models.Q(settled_at__isnull=True)),
                name="billing_gatewaycall_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="billing_gatewaycall_due", condition=models.Q(state__in=["requested", "unknown", "action"])
            ),
            models.Index(fields=["intent", "id"], name="billing_gatewaycall_intent", condition=models.Q(intent__isnull=False)),
            models.Index(fields=["company", "-id"], name="billing_gatewaycall_newest"),
            models.Index(fields=["-id"], name="billing_gatewaycall_stuck", condition=models.Q(state="stuck")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class GatewayEvent(models.Model):
    """Something the gateway told us by itself: stored once, and only what it is about, never a person's data."""

    provider = models.CharField(_("payment provider"), max_length=40)
    event_ref = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80)
    object_ref = text(_("about"), max_length=120)
    payment_ref = text(_("provider's reference"), max_length=120)
    intent = down("billing.PaymentIntent", _("payment intent"), null=True, blank=True, db_index=False)
    state = EnumField(EventState, verbose_name=_("state"), db_default=EventState.RECEIVED.value)
    note = text(_("note"), max_length=200)
    created_at = models.DateTimeField(_("happened at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    due_at = models.DateTimeField(_("next attempt"))
    lease_until_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [models.UniqueConstraint(fields=["provider", "event_ref"], name="billing_gatewayevent_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="billing_gatewayevent_due", condition=models.Q(state="received")),
            models.Index(fields=["intent", "id"], name="billing_gatewayevent_intent", condition=models.Q(intent__isnull=False)),
            models.Index(fields=["payment_ref"], name="billing_gatewayevent_payment", condition=~models.Q(payment_ref="")),
            models.Index(fields=["-id"], name="billing_gatewayevent_stuck", condition=models.Q(state="stuck")),
        ]

    def __str__(self) -> str:
        return self.kind
