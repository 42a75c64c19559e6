"""Goods that their buyer fetches in a store."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.rules import PickupState


class PickupTerms(models.Model):
    """How a company's stores, or one of them, keep what is fetched; a store's own terms win over the company's."""

    company = down("core.Company", _("company"), db_index=False)
    location = down(
        "inventory.Location", _("store"), null=True, blank=True, db_index=False, help_text=_("Empty: for every store without terms of its own.")
    )  # fmt: skip
    ready_days = models.PositiveSmallIntegerField(
        _("open days until it is ready"), db_default=0, default=0, validators=[MaxValueValidator(30)],
        help_text=_("0: on the day of the order, when it came before the store’s cut-off time."),
    )  # fmt: skip
    keep_days = models.PositiveSmallIntegerField(
        _("days it is kept"), db_default=7, default=7, validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("From the day it is ready; after that the order is cancelled and the goods go back on sale."),
    )  # fmt: skip
    remind_days = models.PositiveSmallIntegerField(
        _("reminder days before the last"), db_default=2, default=2, help_text=_("0: no reminder.")
    )
    pays_at_store = models.BooleanField(
        _("may be paid at the counter"), db_default=True, default=True, help_text=_("Else it is paid in advance only.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("pickup terms")
        verbose_name_plural = _("pickup terms")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "location"], condition=Q(ended_at=None), nulls_distinct=False, name="orders_pickupterms_once"
            ),
            models.CheckConstraint(condition=Q(keep_days__gte=1), name="orders_pickupterms_keep"),
        ]

    def __str__(self) -> str:
        return str(self.location or self.company)


class Pickup(Actored):
    """A parcel that lies ready in its store, and what became of it. The code is the buyer's proof; it tells nobody's name."""

    shipment = models.OneToOneField(Shipment, verbose_name=_("shipment"), primary_key=True, on_delete=models.PROTECT, related_name="pickup")
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    location = down("inventory.Location", _("store"), db_index=False, db_constraint=False)
    state = EnumField(PickupState, verbose_name=_("status"), db_default=PickupState.READY)
    code = models.CharField(_("pickup code"), max_length=12, blank=True)
    is_sale = models.BooleanField(_("sold over the counter"), db_default=False)
    wrong_codes = models.PositiveSmallIntegerField(_("wrong codes said"), db_default=0)
    ready_at = models.DateTimeField(_("ready at"))
    until_on = models.DateField(_("kept until"))
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    handed_at = models.DateTimeField(_("given to the buyer at"), null=True, blank=True)
    handed_by = text(_("given to the buyer by"), max_length=128)
    identity_note = text(_("how they showed who they are"), max_length=120)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("pickup")
        verbose_name_plural = _("pickups")
        permissions = [("hand_over_pickup", _("Can prepare and hand over pickups"))]
        constraints = [
            models.UniqueConstraint(fields=["location", "code"], condition=Q(state="ready"), name="orders_pickup_code_once"),
            models.CheckConstraint(
                condition=Q(state="handed_over", handed_at__isnull=False) | ~Q(state="handed_over") & Q(handed_at=None),
                name="orders_pickup_handed",
            ),
        ]
        indexes = [
            models.Index(fields=["location", "state", "until_on"], name="orders_pickup_worklist"),
            models.Index(fields=["until_on"], name="orders_pickup_due", condition=Q(state="ready")),
        ]

    def __str__(self) -> str:
        return self.code
