"""Whether somebody answers for orders that are paid after delivery."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, MoneyField, RecordedAtField, text
from orders.models.order import Order
from orders.rules import ApprovalState


class PaymentApproval(models.Model):
    """A question to whoever guarantees a deferred payment, for so much. It ends when the order comes to more, is paid
    otherwise, or is cancelled."""

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="approvals", db_index=False)
    amount = MoneyField(_("amount"))
    state = EnumField(ApprovalState, verbose_name=_("state"), db_default=ApprovalState.REQUESTED)
    asked_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = text(_("decided by"), max_length=128)
    reference = text(_("approval number"), max_length=80)
    reason = text(_("reason"), max_length=200)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("approval of a deferred payment")
        verbose_name_plural = _("approvals of deferred payments")
        permissions = [("decide_paymentapproval", _("Can approve or decline deferred payments"))]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(ended_at__isnull=True), name="orders_paymentapproval_one_open"),
            models.CheckConstraint(
                condition=Q(state="requested", decided_at__isnull=True) | (~Q(state="requested") & Q(decided_at__isnull=False)),
                name="orders_paymentapproval_decided",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="orders_paymentapproval_amount"),
        ]
        indexes = [
            models.Index(fields=["order", "-id"], name="orders_paymentapproval_order"),
            models.Index(
                fields=["asked_at", "id"], name="orders_paymentapproval_waiting", condition=Q(state="requested", ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.state}"
