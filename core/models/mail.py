"""Mails a customer is owed: order, shipping, payment. Campaign mail has rules of its own, above."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, PublicIdField, RecordedAtField, down, text


class MailState(StrEnum):
    """How far a mail has come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HISTORY = "history"
    """Written while a company's history was filled in: nobody was ever sent it. ``sent_at`` is when it would have left."""

    @classmethod
    def labels(cls) -> dict["MailState", object]:
        return {
            cls.QUEUED: _("Queued"),
            cls.SENDING: _("Sending"),
            cls.SENT: _("Sent"),
            cls.FAILED: _("Failed"),
            cls.HISTORY: _("Past, not sent"),
        }


class OutgoingMail(models.Model):
    """One mail to one address, once per key; tried again until the mail server took or refused it."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    kind = models.CharField(_("kind"), max_length=60)
    about = models.CharField(_("about"), max_length=80)
    customer_ref = models.BigIntegerField(_("customer"), null=True, blank=True)
    once_key = models.CharField(max_length=120, unique=True)
    to_address = models.CharField(_("recipient"), max_length=254)
    from_address = text(_("sender"), max_length=254)
    subject = models.CharField(_("mail subject"), max_length=200)
    body = models.TextField(_("text"))
    body_html = models.TextField(_("HTML"), blank=True, db_default="")
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    state = EnumField(MailState, verbose_name=_("state"), db_default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    due_at = RecordedAtField(verbose_name=_("due at"))
    lease_until_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = text(_("last error"), max_length=300)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(fields=["due_at", "id"], name="core_outgoingmail_due", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["id"], name="core_outgoingmail_failed", condition=Q(state="failed")),
            models.Index(fields=["about", "id"], name="core_outgoingmail_about"),
            models.Index(fields=["customer_ref", "-id"], name="core_outgoingmail_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
