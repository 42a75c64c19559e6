"""What is written to whom: messages, sends, and one row per recipient with an honest state."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.segments import Segment
from campaigns.rules import MessageKind, RecipientState, SendState
from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from customers.rules import ConsentPurpose, ContactChannel


class SendingRule(models.Model):
    """How a company writes to many: its quiet hours, how often one customer may get an offer, how fast it goes."""

    company = models.OneToOneField("core.Company", verbose_name=_("company"), on_delete=models.PROTECT, related_name="+")
    quiet_from = models.TimeField(_("quiet from"), db_default="21:00", default="21:00")
    quiet_until = models.TimeField(_("quiet until"), db_default="08:00", default="08:00")
    most_offers = models.PositiveSmallIntegerField(
        _("most offers to one customer"), db_default=3, default=3, validators=[MinValueValidator(1)]
    )
    most_within_days = models.PositiveSmallIntegerField(
        _("within so many days"), db_default=7, default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    per_minute = models.PositiveIntegerField(
        _("most mails per minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Of one send; empty for no limit."),
    )
    sender_name = text(_("sender's name"), max_length=120, default="")
    sender_email = text(_("sender's e-mail"), max_length=254, default="")
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("sending rule")
        verbose_name_plural = _("sending rules")
        constraints = [
            models.CheckConstraint(condition=Q(most_offers__gte=1) & Q(most_within_days__gte=1), name="campaigns_sendingrule_cap"),
            models.CheckConstraint(condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1), name="campaigns_sendingrule_pace"),
        ]

    def __str__(self) -> str:
        return str(self.company)


class Message(models.Model):
    """What is written: subject, text and HTML with placeholders; the sender's details and the way out are added to each."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    name = models.CharField(_("name"), max_length=120)
    kind = EnumField(MessageKind, verbose_name=_("kind"), db_default=MessageKind.OFFER.value, default=MessageKind.OFFER.value)
    language = models.CharField(_("language"), max_length=8, db_default="ja", default="ja")
    subject = models.CharField(_("mail subject"), max_length=150)
    body = models.TextField(_("text"), max_length=20_000)
    body_html = models.TextField(_("HTML"), max_length=200_000, blank=True, db_default="", default="")
    version = models.PositiveIntegerField(db_default=1, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="campaigns_message_name_once")]

    def __str__(self) -> str:
        return self.name


class Send(Actored):
    """One outbound run: a message to a segment at a time. Its counts are those of its recipients as of ``counted_at``."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    campaign = models.ForeignKey(Campaign, verbose_name=_("campaign"), on_delete=models.PROTECT, related_name="sends")
    segment = models.ForeignKey(Segment, verbose_name=_("segment"), on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, verbose_name=_("message"), on_delete=models.PROTECT, related_name="+")
    brand = down("core.Brand", _("brand"), null=True, blank=True, db_index=False)
    channel = EnumField(ContactChannel, verbose_name=_("channel"), db_default=ContactChannel.MAIL.value, default=ContactChannel.MAIL.value)
    purpose = EnumField(
        ConsentPurpose, verbose_name=_("purpose"), db_default=ConsentPurpose.ADVERTISING.value, default=ConsentPurpose.ADVERTISING.value
    )
    kind = EnumField(MessageKind, verbose_name=_("kind"), db_default=MessageKind.OFFER.value, default=MessageKind.OFFER.value)
    planned_at = models.DateTimeField(_("planned at"))
    state = EnumField(SendState, verbose_name=_("state"), db_default=SendState.DRAFT.value, default=SendState.DRAFT.value)
    per_minute = models.PositiveIntegerField(_("most mails per minute"), null=True, blank=True, validators=[MinValueValidator(1)])
    holdout_percent = models.PositiveSmallIntegerField(
        _("left out to compare (%)"), db_default=0, default=0, validators=[MaxValueValidator(90)]
    )
    language = models.CharField(_("language"), max_length=8, db_default="ja", editable=False)
    subject = text(_("mail subject"), max_length=150, editable=False)
    body = models.TextField(_("text"), blank=True, db_default="", editable=False)
    body_html = models.TextField(_("HTML"), blank=True, db_default="", editable=False)
    asked = models.TextField(_("segment as asked"), blank=True, db_default="", editable=False)
    started_at = models.DateTimeField(_("began at"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)
    stop_reason = text(_("reason for stopping"), max_length=200, editable=False)
    recipient_count = models.PositiveIntegerField(_("recipients"), db_default=0, editable=False)
    queued_count = models.PositiveIntegerField(_("yet to go out"), db_default=0, editable=False)
    sent_count = models.PositiveIntegerField(_("sent"), db_default=0, editable=False)
    failed_count = models.PositiveIntegerField(_("failed"), db_default=0, editable=False)
    unknown_count = models.PositiveIntegerField(_("unknown"), db_default=0, editable=False)
    suppressed_count = models.PositiveIntegerField(_("not written to"), db_default=0, editable=False)
    counted_at = models.DateTimeField(null=True, blank=True, editable=False)
    pace = models.PositiveIntegerField(_("per minute now"), db_default=0, editable=False)
    window_at = models.DateTimeField(null=True, blank=True, editable=False)
    window_count = models.PositiveIntegerField(db_default=0, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("send")
        verbose_name_plural = _("sends")
        permissions = [
            ("plan_send", _("Can plan sends")),
            ("stop_send", _("Can stop and resume sends")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1), name="campaigns_send_pace"),
            models.CheckConstraint(condition=Q(holdout_percent__lte=90), name="campaigns_send_holdout"),
        ]
        indexes = [
            models.Index(fields=["company", "-planned_at", "-id"], name="campaigns_send_newest"),
            models.Index(
                fields=["planned_at", "id"], name="campaigns_send_due", condition=Q(state__in=["planned", "preparing", "sending"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.message)


class Recipient(models.Model):
    """One message to one customer of a send, once; never an address, only whom and what became of it.

    ``lease_ref`` is the fence: only who holds it may say what became of the message.
    """

    send = models.ForeignKey(Send, verbose_name=_("send"), on_delete=models.PROTECT, related_name="recipients", db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    state = EnumField(RecipientState, verbose_name=_("state"), db_default=RecipientState.QUEUED.value)
    reason = text(_("reason"), max_length=120)
    tries = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    due_at = RecordedAtField(verbose_name=_("due at"))
    lease_ref = models.UUIDField(null=True, blank=True, editable=False)
    lease_until_at = models.DateTimeField(null=True, blank=True, editable=False)
    marked_at = models.DateTimeField(_("handed over at"), null=True, blank=True, editable=False)
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)
    consent = down("customers.Consent", _("consent relied on"), null=True, blank=True, db_index=False)
    address_mark = models.BigIntegerField(null=True, blank=True, editable=False)
    unsubscribed_at = models.DateTimeField(_("unsubscribed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recipient of a send")
        verbose_name_plural = _("recipients of sends")
        constraints = [
            models.UniqueConstraint(fields=["send", "customer"], name="campaigns_recipient_once"),
            models.UniqueConstraint(
                fields=["send", "address_mark"], condition=Q(address_mark__isnull=False), name="campaigns_recipient_one_per_address"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent", "unknown"]) | Q(written_at__isnull=False, consent__isnull=False),
                name="campaigns_recipient_written_with_consent",
            ),
        ]
        indexes = [
            models.Index(fields=["send", "due_at", "id"], name="campaigns_recipient_due", condition=Q(state="queued")),
            models.Index(fields=["send", "state", "-id"], name="campaigns_recipient_state"),
            models.Index(fields=["lease_until_at"], name="campaigns_recipient_in_hand", condition=Q(state="sending")),
            models.Index(fields=["customer", "-written_at"], name="campaigns_recipient_customer"),
            models.Index(
                fields=["send", "lease_until_at", "lease_ref"],
                name="campaigns_recipient_leased",
                condition=Q(state__in=["queued", "sending"], lease_until_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.send_id} → {self.customer_id}"
