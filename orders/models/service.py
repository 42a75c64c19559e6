"""Repair, collection and buying in of goods, whoever sold them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from orders.models.order import Line
from orders.rules import LONGEST, OPEN_SERVICES, PayoutWay, PostageBearer, ServiceKind, ServiceStatus


class ServiceRequest(Actored):
    """What a customer wants done with goods that need not be ours: repaired, collected, or bought by us.

    Amounts are tax included. What is charged for it is invoiced under its public id. Until we buy or keep them the goods are the customer's
    and lie on no shelf of ours.
    """

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    number = models.CharField(_("request number"), max_length=40)
    kind = EnumField(ServiceKind, verbose_name=_("kind"))
    status = EnumField(ServiceStatus, verbose_name=_("status"), db_default=ServiceStatus.REQUESTED)
    customer = down("customers.Customer", _("customer"), db_index=False)
    line = models.ForeignKey(
        Line, verbose_name=_("order line"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text=_("Where the goods were bought here."),
    )  # fmt: skip
    goods = text(_("goods in question"), max_length=LONGEST["goods"])
    maker = text(_("maker"), max_length=LONGEST["maker"])
    model = text(_("model"), max_length=LONGEST["model"])
    serial = text(_("serial number"), max_length=LONGEST["serial"])
    bought_from = text(_("bought from"), max_length=LONGEST["bought_from"])
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    remark = text(_("remark"), max_length=LONGEST["remark"])
    postage_in_by = EnumField(PostageBearer, verbose_name=_("postage to us borne by"), db_default=PostageBearer.CUSTOMER)
    postage_out_by = EnumField(PostageBearer, verbose_name=_("postage back borne by"), db_default=PostageBearer.COMPANY)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("estimate"), null=True, blank=True, help_text=_("What the customer pays; what we pay where we buy."))
    estimate_note = text(_("note on the estimate"), max_length=LONGEST["note"])
    payout_way = EnumField(PayoutWay, verbose_name=_("price is paid by"), null=True, blank=True)
    identity_note = text(_("identity made sure by"), max_length=LONGEST["identity_note"])
    charged_total = MoneyField(_("invoiced to the customer"), db_default=0)
    payout_total = MoneyField(_("price paid by us"), db_default=0)
    stock_item = down("inventory.StockItem", _("stock item"), null=True, blank=True, db_index=False)
    location = down("inventory.Location", _("taken in at"), null=True, blank=True, db_index=False)
    decision_reason = text(_("reason of the decision"), max_length=LONGEST["reason"])
    once_key = models.CharField(max_length=120, editable=False)
    requested_at = models.DateTimeField(_("asked for at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    received_at = models.DateTimeField(_("goods received at"), null=True, blank=True)
    estimated_at = models.DateTimeField(_("estimated at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("customer decided at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    paid_out_at = models.DateTimeField(_("price paid out at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("repair, collection or purchase")
        verbose_name_plural = _("repairs, collections and purchases")
        permissions = [
            ("work_service", _("Can take, decide and work on repairs, collections and purchases")),
            ("pay_service", _("Can buy goods of customers and pay for them")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_service_number_once"),
            models.UniqueConstraint(fields=["customer", "once_key"], name="orders_service_once"),
            models.CheckConstraint(
                condition=Q(charged_total__gte=0, payout_total__gte=0) & (Q(amount=None) | Q(amount__gte=0)), name="orders_service_money"
            ),
            models.CheckConstraint(
                condition=Q(payout_total=0) | Q(kind="resale", status="bought", payout_total=models.F("amount"), payout_way__isnull=False),
                name="orders_service_paid_for_what_was_bought",
            ),
            models.CheckConstraint(
                condition=Q(stock_item=None, location=None)
                | Q(stock_item__isnull=False, location__isnull=False, status__in=("bought", "kept")),
                name="orders_service_takes_in_its_own",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, status__in=[str(one) for one in OPEN_SERVICES])
                | (Q(ended_at__isnull=False) & ~Q(status__in=[str(one) for one in OPEN_SERVICES])),
                name="orders_service_ended_as_said",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "status", "requested_at", "id"], name="orders_service_work"),
            models.Index(fields=["requested_at", "id"], name="orders_service_open", condition=Q(ended_at=None)),
            models.Index(fields=["company", "-requested_at", "-id"], name="orders_service_newest"),
            models.Index(fields=["-requested_at", "-id"], name="orders_service_latest"),
            models.Index(fields=["customer", "-requested_at"], name="orders_service_customer"),
        ]

    def __str__(self) -> str:
        return self.number
