"""What orders need by kind of goods and form of purchase, and what was decided of each order."""

import re

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField, down
from orders.models.order import Order
from orders.rules import GiftRule, PurchaseForm

_COMMAS = re.compile("[,，、\n]")
OFFERED = GiftRule.OFFERED.value


class WorkflowProfile(models.Model):
    """What orders with goods of this code need when they are bought in this form. Orders that stand keep what was decided."""

    company = down("core.Company", _("company"), db_index=False)
    code = models.CharField(
        _("code"), max_length=40, validators=[RegexValidator("^[a-z0-9][a-z0-9_-]*$", _("Small letters, digits, “-” and “_”."))],
        help_text=_("Products name it. “default” is for products that name none."),
    )  # fmt: skip
    form = EnumField(PurchaseForm, verbose_name=_("form of purchase"), db_default=PurchaseForm.ANY, default=PurchaseForm.ANY.value)
    name = models.CharField(_("name"), max_length=80)
    needs_confirmation = models.BooleanField(_("final confirmation shown"), db_default=False, default=False)
    needs_age = models.BooleanField(_("age asked for"), db_default=False, default=False)
    needs_payment = models.BooleanField(
        _("paid before it leaves"), db_default=False, default=False, help_text=_("Cash on delivery and payment after delivery are refused.")
    )
    needs_inspection = models.BooleanField(_("inspected by scan before it leaves"), db_default=False, default=False)
    needs_answer = models.BooleanField(
        _("remark answered before it leaves"), db_default=False, default=False, help_text=_("A remark holds the order until somebody has answered it.")
    )  # fmt: skip
    role = down(
        "auth.Group", _("holds released only by"), null=True, blank=True, db_index=False,
        help_text=_("Empty: by everybody who may release holds."),
    )  # fmt: skip
    noshi = EnumField(GiftRule, verbose_name=_("noshi"), db_default=OFFERED, default=OFFERED)
    wrapping = EnumField(GiftRule, verbose_name=_("wrapping"), db_default=OFFERED, default=OFFERED)
    message = EnumField(GiftRule, verbose_name=_("message card"), db_default=OFFERED, default=OFFERED)
    sender = EnumField(GiftRule, verbose_name=_("sender’s name"), db_default=OFFERED, default=OFFERED)
    hidden_prices = EnumField(GiftRule, verbose_name=_("hidden prices"), db_default=OFFERED, default=OFFERED)
    without_groups = ArrayField(
        models.CharField(max_length=40), verbose_name=_("no inserts of the groups"), db_default=[], default=list, blank=True,
        help_text=_("Exclusive groups of insert rules, parted by commas."),
    )  # fmt: skip
    script = models.TextField(_("what the operator says"), max_length=1000, blank=True, db_default="", default="")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("workflow profile")
        verbose_name_plural = _("workflow profiles")
        ordering = ["company", "code", "form"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code", "form"], name="orders_workflowprofile_once",
                violation_error_message=_("There is a profile of this code and form already. Change that one."),
            ),
            models.CheckConstraint(condition=~models.Q(code=""), name="orders_workflowprofile_code"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        said = (group.strip() for one in self.without_groups for group in _COMMAS.split(one))
        self.without_groups = list(dict.fromkeys(group for group in said if group))


class OrderWorkflow(models.Model):
    """Which profiles decided what an order needs, the one that asks most first, and what its buyer was told."""

    order = models.OneToOneField(Order, verbose_name=_("order"), on_delete=models.PROTECT, primary_key=True, related_name="workflow")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("workflow profile"), max_length=80)
    gates = ArrayField(models.CharField(max_length=20), verbose_name=_("gates"), db_default=[], default=list)
    told = ArrayField(models.CharField(max_length=20), verbose_name=_("told or asked"), db_default=[], default=list)
    because = models.JSONField(_("because"), default=list)
    """Told to people only: (name, code, form, SKUs, gates) of every profile, as it stood then."""
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("workflow of an order")
        verbose_name_plural = _("workflows of orders")

    def __str__(self) -> str:
        return self.name
