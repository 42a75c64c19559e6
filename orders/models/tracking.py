"""How far parcels have come: the meaning of carriers' codes, where each parcel is, and what a person should follow up."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.rules import ATTEMPT_DAYS, DUE_DAYS, SILENT_DAYS, DelayReason, DeliveryNews, TrackingState


class TrackingCode(models.Model):
    """A code of a carrier and what it means to a company; without a state it came from a carrier and waits for a person."""

    company = down("core.Company", _("company"), db_index=False)
    carrier = text(_("carrier"), max_length=40, help_text=_("Empty for every carrier."))
    code = models.CharField(_("code"), max_length=40)
    label = text(_("text"), max_length=200)
    state = EnumField(TrackingState, verbose_name=_("meaning"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("tracking code")
        verbose_name_plural = _("tracking codes")
        constraints = [models.UniqueConstraint(fields=["company", "carrier", "code"], name="orders_trackingcode_once")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.code}".strip()


class DeliveryTerm(models.Model):
    """How long a parcel may take: for a carrier, a prefecture, both, or all; what names more goes before what names less."""

    company = down("core.Company", _("company"), db_index=False)
    carrier = text(_("carrier"), max_length=40, help_text=_("Empty for every carrier."))
    prefecture = text(_("prefecture"), max_length=60, help_text=_("Empty for all of them."))
    days = models.PositiveSmallIntegerField(
        _("days until delivery"),
        db_default=DUE_DAYS,
        default=DUE_DAYS,
        help_text=_("From the day it left; a day the buyer wished goes before it."),
    )
    silent_days = models.PositiveSmallIntegerField(
        _("days without a word"), db_default=SILENT_DAYS, default=SILENT_DAYS, validators=[MinValueValidator(1)]
    )
    attempt_days = models.PositiveSmallIntegerField(
        _("days after nobody was in"), db_default=ATTEMPT_DAYS, default=ATTEMPT_DAYS, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("delivery term")
        verbose_name_plural = _("delivery terms")
        constraints = [models.UniqueConstraint(fields=["company", "carrier", "prefecture"], name="orders_deliveryterm_once")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.prefecture}".strip() or "–"


class ParcelProgress(models.Model):
    """Where a parcel is by everything its carrier said; derived from its events, never the other way round."""

    shipment = models.OneToOneField(
        Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, primary_key=True, related_name="progress"
    )
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    state = EnumField(TrackingState, verbose_name=_("state"), null=True, blank=True)
    at = models.DateTimeField(_("at"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    ask_after = models.DateTimeField(_("asked again after"), null=True, blank=True)
    silences = models.PositiveSmallIntegerField(_("asked in vain"), db_default=0)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("progress of a parcel")
        verbose_name_plural = _("progress of parcels")

    def __str__(self) -> str:
        return str(self.shipment_id)


class DeliveryAlert(models.Model):
    """A parcel that somebody should follow up, once per reason."""

    shipment = models.ForeignKey(
        Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="delivery_alerts", db_index=False
    )
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    reason = EnumField(DelayReason, verbose_name=_("reason"))
    raised_at = models.DateTimeField(_("raised at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = text(_("dealt with by"), max_length=128)
    note = text(_("note"), max_length=200)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("delivery to follow up")
        verbose_name_plural = _("deliveries to follow up")
        permissions = [("settle_alert", _("Can settle deliveries to follow up"))]
        constraints = [models.UniqueConstraint(fields=["shipment", "reason"], name="orders_deliveryalert_once")]
        indexes = [
            models.Index(fields=["company", "raised_at"], name="orders_deliveryalert_open", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["company", "-id"], name="orders_deliveryalert_all"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.reason}"


class DeliveryMail(models.Model):
    """That a site writes to its buyers about a step of their parcels; without a row it does not."""

    site = down("core.Site", _("site"), db_index=False)
    news = EnumField(DeliveryNews, verbose_name=_("news"))
    is_sent = models.BooleanField(_("is sent"), db_default=True, default=True)

    class Meta:
        verbose_name = _("mail about deliveries")
        verbose_name_plural = _("mails about deliveries")
        constraints = [models.UniqueConstraint(fields=["site", "news"], name="orders_deliverymail_once")]

    def __str__(self) -> str:
        return str(self.news)
