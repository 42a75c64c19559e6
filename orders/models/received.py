"""Paper orders: the forms we print, the papers that came, and what became of each."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from orders.models.order import Order
from orders.rules import PaperWay, ReceivedState


class OrderForm(models.Model):
    """An order form that is printed for a campaign or a medium; its code tells whose form it is and what it came of."""

    company = down("core.Company", _("company"), db_index=False)
    code = models.CharField(
        _("code"), max_length=12, validators=[RegexValidator(r"\A[A-Z0-9]+\Z", _("Capital letters and digits only, as they are printed as a barcode."))],
        help_text=_("Stands in the barcode: capital letters and digits."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120, help_text=_("The heading of the form."))
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    medium = text(_("route medium"), max_length=60)
    ad_code = text(_("ad code"), max_length=60)
    skus: Any = ArrayField(
        models.CharField(max_length=64), verbose_name=_("articles"), db_default=[], default=list, blank=True,
        help_text=_("SKUs, parted by commas, in the order in which they are printed."),
    )  # fmt: skip
    note = text(_("note on the form"), max_length=1000)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("order form")
        verbose_name_plural = _("order forms")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="orders_orderform_code_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z0-9]+$"), name="orders_orderform_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ReceivedPaper(Actored):
    """A page that came by post or fax: one paper, typed by one person at a time, ending in one order or in words."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    way = EnumField(PaperWay, verbose_name=_("came by"))
    received_on = models.DateField(_("day it came"))
    medium = text(_("route medium"), max_length=60)
    ad_code = text(_("ad code"), max_length=60)
    name = text(_("file"), max_length=200)
    content_hash = models.CharField(_("fingerprint"), max_length=64, editable=False)
    page = models.PositiveSmallIntegerField(_("page"), db_default=1)
    state = EnumField(ReceivedState, verbose_name=_("state"), db_default=ReceivedState.WAITING)
    typist = down("customers.Account", _("typed by"), null=True, blank=True, db_index=False)
    typed_until_at = models.DateTimeField(_("in hand until"), null=True, blank=True, editable=False)
    order = models.ForeignKey(
        Order, verbose_name=_("order"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = text(_("why"), max_length=200)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    scan_ended_at = models.DateTimeField(_("scan thrown away at"), null=True, blank=True, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("received paper")
        verbose_name_plural = _("received papers")
        constraints = [
            models.UniqueConstraint(fields=["company", "content_hash", "page"], name="orders_receivedpaper_once"),
            models.CheckConstraint(
                condition=Q(state="ordered", order__isnull=False, decided_at__isnull=False)
                | (Q(state__in=["set_aside", "no_order"], order__isnull=True, decided_at__isnull=False) & ~Q(reason=""))
                | Q(state="waiting", order__isnull=True, decided_at__isnull=True),
                name="orders_receivedpaper_decided_as_said",
            ),
            models.CheckConstraint(
                condition=Q(typist__isnull=True, typed_until_at__isnull=True) | Q(typist__isnull=False), name="orders_receivedpaper_in_hand"
            ),
            models.CheckConstraint(condition=Q(page__gte=1), name="orders_receivedpaper_page"),
        ]
        indexes = [
            models.Index(fields=["company", "state", "received_on", "id"], name="orders_receivedpaper_queue"),
            models.Index(fields=["-id"], name="orders_receivedpaper_newest"),
            models.Index(fields=["order"], name="orders_receivedpaper_order", condition=Q(order__isnull=False)),
            models.Index(
                fields=["decided_at"],
                name="orders_receivedpaper_to_forget",
                condition=Q(state__in=["set_aside", "no_order"], scan_ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.name} ({self.page})"


class PaperScan(models.Model):
    """How a received paper looks; thrown away when its customer is forgotten, or half a year after it was found to be no order."""

    paper = models.OneToOneField(
        ReceivedPaper, verbose_name=_("received paper"), primary_key=True, on_delete=models.PROTECT, related_name="scan"
    )
    kind = models.CharField(_("kind of file"), max_length=40)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("scan of a paper")
        verbose_name_plural = _("scans of papers")

    def __str__(self) -> str:
        return f"{self.kind} {self.paper_id}"
