"""What somebody wants changed about a placed order, and what was confirmed of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, text
from orders.models.order import Order
from orders.rules import ChangeKind, ChangeState


class OrderChange(Actored):
    """A set of changes of one order, opened by its actor; confirmed, it makes the order's next revision. One is open per order."""

    public_id = PublicIdField()
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="changes", db_index=False)
    state = EnumField(ChangeState, verbose_name=_("status"), db_default=ChangeState.OPEN)
    base_version = models.PositiveIntegerField(_("version it starts from"), editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), null=True, blank=True, editable=False)
    reason = text(_("reason"), max_length=200)
    opened_at = models.DateTimeField(_("change begun at"))
    closed_at = models.DateTimeField(_("change closed at"), null=True, blank=True)
    closed_by = text(_("closed by"), max_length=128)
    goods_before = MoneyField(_("goods before"), null=True, blank=True)
    goods_after = MoneyField(_("goods after"), null=True, blank=True)
    discount_before = MoneyField(_("discounts before"), null=True, blank=True)
    discount_after = MoneyField(_("discounts after"), null=True, blank=True)
    fee_before = MoneyField(_("fees before"), null=True, blank=True)
    fee_after = MoneyField(_("fees after"), null=True, blank=True)
    tax_before = MoneyField(_("tax before"), null=True, blank=True)
    tax_after = MoneyField(_("tax after"), null=True, blank=True)
    total_before = MoneyField(_("total before"), null=True, blank=True)
    total_after = MoneyField(_("total after"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("order change")
        verbose_name_plural = _("order changes")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="open"), name="orders_orderchange_one_open"),
            models.UniqueConstraint(
                fields=["order", "revision"], condition=Q(revision__isnull=False), name="orders_orderchange_revision_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | ~Q(state="open") & Q(closed_at__isnull=False), name="orders_orderchange_closed"
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", revision__gt=1, total_before__isnull=False, total_after__gte=0)
                | ~Q(state="confirmed") & Q(revision=None, total_after=None),
                name="orders_orderchange_revision",
            ),
        ]
        indexes = [models.Index(fields=["order", "-id"], name="orders_orderchange_order")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"


class ChangeItem(models.Model):
    """One value that becomes another. Those of a destination are somebody's, and are blanked with it."""

    change = models.ForeignKey(OrderChange, verbose_name=_("order change"), on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = EnumField(ChangeKind, verbose_name=_("kind"))
    target = text(_("what is changed"), max_length=64)
    field = text(_("field"), max_length=40)
    before = text(_("value before"), max_length=400)
    after = text(_("value after"), max_length=400)
    price = text(_("unit price"), max_length=20)
    waits_until = models.DateField(_("may wait until"), null=True, blank=True)
    reason = text(_("reason"), max_length=120)

    class Meta:
        verbose_name = _("change item")
        verbose_name_plural = _("change items")
        constraints = [models.UniqueConstraint(fields=["change", "position"], name="orders_changeitem_position_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target} {self.field}"
