"""Promises for the future: contracts, what they bring, and every delivery."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from subscriptions.models.plans import Plan
from subscriptions.rules import ChangeKind, ContractStatus, CycleStatus


class Subscription(Actored):
    """A contract with a customer: what comes, how often, where to, paid how. Its number comes from the series "subscription"."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    number = models.CharField(_("contract number"), max_length=40)
    customer = down("customers.Customer", _("customer"))
    channel = down("core.SalesChannel", _("sales channel"), db_index=False, db_constraint=False)
    site = down("core.Site", _("site"), null=True, blank=True, db_index=False)
    brand = down("core.Brand", _("brand"), null=True, blank=True, db_index=False)
    plan = models.ForeignKey(Plan, verbose_name=_("course"), on_delete=models.PROTECT, related_name="+")
    status = EnumField(ContractStatus, verbose_name=_("status"), db_default=ContractStatus.ACTIVE)
    interval = models.CharField(_("interval"), max_length=20)
    anchor_on = models.DateField(_("counted from"))
    anchor_number = models.IntegerField(_("delivery counted from"), db_default=1)
    last_number = models.PositiveIntegerField(_("ends after delivery"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    paused_until_on = models.DateField(_("paused until"), null=True, blank=True)
    pause_reason = text(_("reason for pausing"), max_length=200)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = text(_("reason for ending"), max_length=200)
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    currency = models.CharField(_("currency"), max_length=3)
    payment_method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    means_id = models.BigIntegerField(_("card"), null=True, blank=True)
    family_name = text(_("family name"), max_length=160)
    given_name = text(_("given name"), max_length=160)
    family_kana = text(_("family name (kana)"), max_length=160)
    given_kana = text(_("given name (kana)"), max_length=160)
    organisation_name = text(_("organisation"), max_length=160)
    country = models.CharField(_("country"), max_length=2, db_default="JP")
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    city = text(_("city"), max_length=120)
    street = text(_("street and number"), max_length=200)
    building = text(_("building"), max_length=200)
    phone = text(_("phone"), max_length=64)
    time_band = text(_("time band"), max_length=20)
    first_order = down("orders.Order", _("opened by order"), db_constraint=False)
    first_line_ref = models.UUIDField(_("opened by order line"), editable=False)
    started_at = models.DateTimeField(_("opened at"))
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        permissions = [
            ("manage_subscription", _("Can skip, pause, resume and change contracts")),
            ("cancel_subscription", _("Can cancel contracts")),
            ("waive_rules", _("Can set the rules of a course aside")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="subscriptions_subscription_number_once"),
            models.CheckConstraint(
                condition=(Q(status="paused") & Q(paused_at__isnull=False))
                | (~Q(status="paused") & Q(paused_at__isnull=True) & Q(paused_until_on__isnull=True)),
                name="subscriptions_subscription_paused",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["cancelled", "completed"]) & Q(ended_at__isnull=False)
                | ~Q(status__in=["cancelled", "completed"]) & Q(ended_at__isnull=True),
                name="subscriptions_subscription_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "status", "-id"], name="subscriptions_status"),
            models.Index(fields=["paused_until_on"], condition=Q(status="paused", paused_until_on__isnull=False), name="subscriptions_paused_until"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class SubscriptionItem(models.Model):
    """An article that each delivery of a contract brings."""

    subscription = models.ForeignKey(
        Subscription, verbose_name=_("contract"), on_delete=models.CASCADE, related_name="items", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    variant = down("catalog.Variant", _("variant"))
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        verbose_name = _("article of the contract")
        verbose_name_plural = _("articles of the contract")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "variant"], name="subscriptions_item_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscriptions_item_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant} × {self.quantity}"


class Cycle(models.Model):
    """One slot of a contract's schedule. At most one is open (to come, or failed); the slots behind it are worked out when asked.

    `delivery` says which delivery it is or would be: skipped slots don't count, and prices go by it. `due_on` is the day the
    order is to be made, or tried again; NULL while nothing is to be done (skipped, paused, given up). The order is placed
    under `cart_ref`, which makes one order only; it is renewed when that order is cancelled.
    """

    public_id = PublicIdField()
    subscription = models.ForeignKey(
        Subscription, verbose_name=_("contract"), on_delete=models.PROTECT, related_name="cycles", db_index=False
    )
    number = models.PositiveIntegerField(_("slot"))
    delivery = models.PositiveIntegerField(_("delivery number"))
    planned_on = models.DateField(_("delivery planned on"))
    due_on = models.DateField(_("order due on"), null=True, blank=True)
    status = EnumField(CycleStatus, verbose_name=_("status"), db_default=CycleStatus.PLANNED)
    cart_ref = models.UUIDField(db_default=RandomUUID(), editable=False)
    order = down("orders.Order", _("order"), null=True, blank=True, db_index=False, db_constraint=False)
    reason = text(_("reason"), max_length=200)
    tries = models.PositiveSmallIntegerField(_("failed attempts"), db_default=0)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True)
    settled_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("delivery of a contract")
        verbose_name_plural = _("deliveries of contracts")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "number"], name="subscriptions_cycle_number_once"),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(status__in=["planned", "failed"]), name="subscriptions_cycle_one_open"
            ),
            models.UniqueConstraint(
                fields=["order", "subscription"], condition=Q(order__isnull=False), name="subscriptions_cycle_order_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1) & Q(delivery__gte=1), name="subscriptions_cycle_from_one"),
            models.CheckConstraint(
                condition=Q(status="generated") & Q(order__isnull=False) & Q(due_on__isnull=True) & Q(settled_at__isnull=False)
                | ~Q(status="generated") & Q(order__isnull=True),
                name="subscriptions_cycle_generated",
            ),
            models.CheckConstraint(condition=~Q(status="skipped") | Q(due_on__isnull=True), name="subscriptions_cycle_skipped"),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(due_on__isnull=False), name="subscriptions_cycle_due"),
            models.Index(fields=["planned_on"], condition=Q(status="planned", reminded_on__isnull=True), name="subscriptions_cycle_remind"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subscription} / {self.number}"


class SubscriptionChange(Actored):
    """What was done to a contract, by whom, in plain values; only grows."""

    subscription = models.ForeignKey(
        Subscription, verbose_name=_("contract"), on_delete=models.PROTECT, related_name="changes", db_index=False
    )
    at = models.DateTimeField(_("at"))
    kind = EnumField(ChangeKind, verbose_name=_("what"))
    number = models.PositiveIntegerField(_("slot"), null=True, blank=True)
    before = text(_("value before"), max_length=400)
    after = text(_("value after"), max_length=400)
    reason = text(_("reason"), max_length=200)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("change of a contract")
        verbose_name_plural = _("changes of contracts")
        indexes = [models.Index(fields=["subscription", "-id"], name="subscriptions_change_newest")]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.kind}"
