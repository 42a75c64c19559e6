"""Partners' addresses that are told of events, and what each was told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, PublicIdField, RecordedAtField, down, text
from core.webhooks import LONGEST_URL, EndpointState, MessageState


class WebhookEndpoint(models.Model):
    """An address that a partner application, or a company itself, is told events at. Its secrets are stored closed."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    client_id = text(
        _("partner application"), max_length=100, help_text=_("Its client id. Empty: the company's own, for every kind of event.")
    )
    name = text(_("name"), max_length=80)
    url = models.CharField(_("web address"), max_length=LONGEST_URL)
    types = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    state = EnumField(EndpointState, verbose_name=_("state"), db_default=EndpointState.ACTIVE, default=EndpointState.ACTIVE)
    reason = text(_("reason"), max_length=200)
    secret = models.TextField(_("secret"), editable=False)
    former_secret = models.TextField(_("former secret"), editable=False, blank=True, db_default="")
    former_until_at = models.DateTimeField(_("former secret signs until"), null=True, blank=True, editable=False)
    listens_from_at = RecordedAtField(verbose_name=_("hears of events since"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        indexes = [models.Index(fields=["company", "-recorded_at", "-id"], name="core_webhookendpoint_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(types=[]), name="core_webhookendpoint_asks_something"),
            models.UniqueConstraint(
                fields=["company", "client_id", "url"], condition=Q(ended_at__isnull=True), name="core_webhookendpoint_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.url


class WebhookHealth(models.Model):
    """How an endpoint has answered lately; beside it, so that trying leaves no trail of changes. Leasing locks this row."""

    endpoint = models.OneToOneField(
        WebhookEndpoint, models.PROTECT, primary_key=True, related_name="health", verbose_name=_("webhook endpoint")
    )
    failures = models.PositiveIntegerField(_("failures in a row"), db_default=0)
    failing_since_at = models.DateTimeField(_("failing since"), null=True, blank=True)
    slow = models.BooleanField(_("one at a time"), db_default=False)
    tried_at = models.DateTimeField(_("last try at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook health")
        verbose_name_plural = _("webhook health")
        indexes = [
            models.Index(fields=["failing_since_at"], name="core_webhookhealth_failing", condition=Q(failing_since_at__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.endpoint_id)


class WebhookMessage(models.Model):
    """One event for one endpoint, once: under the same id and with the same body at every try. No key of ours is in the body."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="messages", verbose_name=_("webhook endpoint"))
    event_id = models.BigIntegerField(_("event"), null=True, blank=True, help_text=_("Empty for a test message."))
    public_id = PublicIdField()
    type = models.CharField(_("event"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), db_default=1)
    occurred_at = models.DateTimeField(_("happened at"))
    body = models.TextField(_("content"))
    state = EnumField(MessageState, verbose_name=_("state"), db_default=MessageState.QUEUED)
    tries = models.PositiveIntegerField(_("tries"), db_default=0)
    round_from = models.PositiveIntegerField(_("tries before this round"), db_default=0)
    due_at = RecordedAtField(verbose_name=_("next try at"))
    lease_until_at = models.DateTimeField(_("being tried until"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    last_error = text(_("last error"), max_length=40)
    delivered_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="core_webhookmessage_once"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False) | ~Q(state="delivered"), name="core_webhookmessage_delivered"
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "due_at", "id"], name="core_webhookmessage_due", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["endpoint", "-recorded_at", "-id"], name="core_webhookmessage_newest"),
            models.Index(fields=["state", "-id"], name="core_webhookmessage_state"),
            models.Index(fields=["recorded_at", "id"], name="core_webhookmessage_oldest"),
        ]

    def __str__(self) -> str:
        return self.type
