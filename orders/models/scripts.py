"""What operators read aloud at the order desk, and what was said of it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.rules import PurchaseType
from core.fields import Actored, EnumField, RecordedAtField, down, text
from orders.models.order import Order
from orders.rules import MOST_SCRIPT, DeskStep, script_faults


def _words(verbose_name: Any, help_text: Any, length: int) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=length), verbose_name=verbose_name, db_default=[], default=list, blank=True, help_text=help_text
    )


class TalkScript(models.Model):
    """A text an operator reads aloud while an order is typed that meets all of its conditions; staff write it."""

    company = down("core.Company", _("company"), db_index=False)
    step = EnumField(DeskStep, verbose_name=_("step of the order"), db_default=DeskStep.GREETING.value, default=DeskStep.GREETING.value)
    position = models.PositiveSmallIntegerField(_("position"), db_default=1, default=1, help_text=_("Within its step."))
    name = models.CharField(_("name"), max_length=120)
    text = models.TextField(_("text to read"), max_length=MOST_SCRIPT, help_text=_("Words in braces are filled in: {customer}, {total} and others."))  # fmt: skip
    must_say = models.BooleanField(
        _("must be said"), db_default=False, default=False,
        help_text=_("The order is placed only once it is ticked as said. Who said it is kept with the order."),
    )  # fmt: skip
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    media = _words(_("route media"), _("Parted by commas."), 60)
    ad_codes = _words(_("ad codes"), _("Parted by commas."), 60)
    skus = _words(_("with one of the products"), _("SKUs, parted by commas."), 64)
    categories = _words(_("with a product of the categories"), _("Their codes, parted by commas. Categories below them count."), 60)
    form = EnumField(PurchaseType, verbose_name=_("purchase type"), null=True, blank=True)
    first_order = models.BooleanField(_("first order"), db_default=False, default=False)
    f_from = models.PositiveSmallIntegerField(
        _("purchase number from"), null=True, blank=True, help_text=_("2 is the second day on which the customer bought.")
    )
    f_until = models.PositiveSmallIntegerField(_("purchase number up to"), null=True, blank=True)
    attention_only = models.BooleanField(_("customers who need attention only"), db_default=False, default=False)
    from_on = models.DateField(_("first day"), null=True, blank=True)
    until_on = models.DateField(_("not read any more from"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("talk script")
        verbose_name_plural = _("talk scripts")
        ordering = ["company", "position", "id"]
        indexes = [models.Index(fields=["company"], name="orders_talkscript_company", condition=Q(ended_at__isnull=True))]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="orders_talkscript_has_words"),
            models.CheckConstraint(
                condition=(Q(f_until__isnull=True) | Q(f_from__isnull=True) | Q(f_until__gte=F("f_from")))
                & (Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gt=F("from_on"))),
                name="orders_talkscript_spans",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if faults := script_faults(self.text or ""):
            raise ValidationError({"text": [fault.text(gettext) for fault in faults]})
        if self.channel_id and self.company_id and self.channel is not None and self.channel.company_id != self.company_id:
            raise ValidationError({"channel": _("It belongs to another company.")})


class ScriptSaid(Actored):
    """A text that was read to the buyer before the order was placed, in the words in which it was read, and by whom."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="+", db_index=False)
    script = models.ForeignKey(TalkScript, verbose_name=_("talk script"), on_delete=models.PROTECT, related_name="+", db_index=False)
    text = text(_("as it was read"), max_length=4000)
    at = models.DateTimeField(_("said at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("script that was said")
        verbose_name_plural = _("scripts that were said")
        constraints = [models.UniqueConstraint(fields=["order", "script"], name="orders_scriptsaid_once")]
        indexes = [models.Index(fields=["script", "-id"], name="orders_scriptsaid_script")]

    def __str__(self) -> str:
        return self.text[:60]
