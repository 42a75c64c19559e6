"""What is remembered of campaigns: each one, and whom it was aimed at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.rules import CampaignAim
from core.fields import EnumField, PublicIdField, RecordedAtField, down, text


class Campaign(models.Model):
    """An undertaking towards customers in a period; order lines name it by its code."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    code = models.CharField(_("campaign code"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    aim = EnumField(CampaignAim, verbose_name=_("aim"), db_default=CampaignAim.OTHER.value, default=CampaignAim.OTHER.value)
    kind = text(_("type"), max_length=60)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends before"), null=True, blank=True)
    outside_code = text(_("code in the former system"), max_length=80)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="campaigns_campaign_code_once"),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True) | models.Q(ends_on__isnull=True) | models.Q(ends_on__gt=models.F("starts_on")),
                name="campaigns_campaign_period",
            ),
        ]
        indexes = [models.Index(fields=["company", "-starts_on", "-id"], name="campaigns_campaign_newest")]

    def __str__(self) -> str:
        return self.name


class CampaignTarget(models.Model):
    """A customer a campaign was aimed at."""

    campaign = models.ForeignKey(Campaign, verbose_name=_("campaign"), on_delete=models.PROTECT, related_name="targets")
    customer = down("customers.Customer", _("customer"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("targeted customer")
        verbose_name_plural = _("targeted customers")
        constraints = [models.UniqueConstraint(fields=["campaign", "customer"], name="campaigns_campaigntarget_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} → {self.customer_id}"
