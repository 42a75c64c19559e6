"""Goods that come back, or should have been better: cases with lines of their own, and the masters they go by."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.models.order import Line, Order
from orders.rules import (
    LEGAL_TERMS,
    OPEN_CASES,
    ExchangeTiming,
    PostageBearer,
    RefundWay,
    ReturnCondition,
    ReturnKind,
    ReturnStatus,
)

MOST_DAYS = 3_650


class ReturnReason(models.Model):
    """Why goods come back, as a company words it; who bears the postage follows from it unless staff say otherwise."""

    company = down("core.Company", _("company"), db_index=False)
    position = models.PositiveSmallIntegerField(_("position"), db_default=1, default=1)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_en = text(_("name in English"), max_length=120)
    postage_by = EnumField(
        PostageBearer, verbose_name=_("return postage borne by"), db_default=PostageBearer.CUSTOMER, default=PostageBearer.CUSTOMER
    )
    is_defect = models.BooleanField(
        _("our fault"), db_default=False, default=False,
        help_text=_("Defective, damaged or not what was ordered: the longer time applies, and goods come back opened and not returnable ones too."),
    )  # fmt: skip
    needs_remark = models.BooleanField(_("asks for words"), db_default=False, default=False)
    for_customers = models.BooleanField(
        _("offered on My Page"), db_default=True, default=True, help_text=_("Else only staff and partners choose it.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("return reason")
        verbose_name_plural = _("return reasons")
        ordering = ["company", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="orders_returnreason_code_once")]

    def __str__(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "ja").startswith("ja") else self.name


class ReturnPolicy(models.Model):
    """What a company takes back, how long and on what terms; a product's own policy wins over the company's."""

    company = down("core.Company", _("company"), db_index=False)
    product = down(
        "catalog.Product", _("product"), null=True, blank=True, help_text=_("Empty: for every product without a policy of its own.")
    )
    days = models.PositiveSmallIntegerField(
        _("days after delivery"), db_default=LEGAL_TERMS.days, default=LEGAL_TERMS.days, validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("Without a stated rule the law gives eight days, at the customer’s cost."),
    )  # fmt: skip
    defect_days = models.PositiveSmallIntegerField(
        _("days after delivery, our fault"), db_default=LEGAL_TERMS.defect_days, default=LEGAL_TERMS.defect_days,
        validators=[MaxValueValidator(MOST_DAYS)],
    )  # fmt: skip
    is_returnable = models.BooleanField(
        _("may be sent back"), db_default=True, default=True, help_text=_("Not set for hygiene goods and the like; what is our fault comes back all the same.")
    )  # fmt: skip
    takes_opened = models.BooleanField(_("also opened"), db_default=False, default=False)
    exchange_timing = EnumField(
        ExchangeTiming, verbose_name=_("exchanges are sent"), db_default=ExchangeTiming.AFTER_ARRIVAL, default=ExchangeTiming.AFTER_ARRIVAL
    )
    fee = MoneyField(_("fee"), db_default=0, default=0, help_text=_("Kept of a refund where it is not our fault; tax included."))
    postage = MoneyField(
        _("return postage"), db_default=0, default=0, help_text=_("Kept of a refund where we sent the carrier and the customer bears it; tax included.")
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("return policy")
        verbose_name_plural = _("return policies")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "product"], condition=Q(ended_at=None), nulls_distinct=False, name="orders_returnpolicy_once"
            ),
            models.CheckConstraint(
                condition=Q(fee__gte=0, postage__gte=0, days__lte=MOST_DAYS, defect_days__lte=MOST_DAYS), name="orders_returnpolicy_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product or self.company}: {self.days}"

    def clean(self) -> None:
        if self.product_id and self.company_id and self.product is not None and self.product.company_id != self.company_id:
            raise ValidationError({"product": _("The product belongs to another company.")})


class ReturnCase(Actored):
    """A return, an exchange or a claim about pieces of one order: requested is not received, and received not accepted.

    Its state is derived from what was decided and from its lines. What was charged for it is invoiced under its public id.
    """

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    number = models.CharField(_("return number"), max_length=40)
    kind = EnumField(ReturnKind, verbose_name=_("kind"))
    status = EnumField(ReturnStatus, verbose_name=_("status"), db_default=ReturnStatus.REQUESTED)
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="return_cases", db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    shipment = models.OneToOneField(
        Shipment, verbose_name=_("undeliverable parcel"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    exchange_order = models.OneToOneField(
        Order, verbose_name=_("order sent for it"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    exchange_timing = EnumField(ExchangeTiming, verbose_name=_("exchange is sent"), db_default=ExchangeTiming.AFTER_ARRIVAL)
    postage_by = EnumField(PostageBearer, verbose_name=_("return postage borne by"))
    fee = MoneyField(_("fee"), db_default=0)
    postage = MoneyField(_("return postage"), db_default=0)
    refunds_postage = models.BooleanField(_("the order’s own postage goes back as well"), db_default=False)
    refund_way = EnumField(RefundWay, verbose_name=_("refund"), db_default=RefundWay.ORIGINAL)
    remark = text(_("remark"), max_length=1000)
    override_reason = text(_("allowed against the terms because"), max_length=200)
    decision_reason = text(_("reason of the decision"), max_length=200)
    once_key = models.CharField(max_length=120, editable=False)
    requested_at = models.DateTimeField(_("asked for at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("refused or withdrawn at"), null=True, blank=True)
    received_at = models.DateTimeField(_("goods received at"), null=True, blank=True)
    inspected_at = models.DateTimeField(_("inspected at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("return settled at"), null=True, blank=True)
    credited_total = MoneyField(_("credited"), db_default=0)
    freed_total = MoneyField(_("of which had been paid"), db_default=0)
    charged_total = MoneyField(_("charged"), db_default=0)
    refund_total = MoneyField(_("to be refunded"), db_default=0)
    refunded_total = MoneyField(_("refunded"), db_default=0)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("return, exchange or claim")
        verbose_name_plural = _("returns, exchanges and claims")
        permissions = [
            ("decide_return", _("Can take, approve and refuse returns")),
            ("receive_return", _("Can receive and inspect returns")),
            ("settle_return", _("Can settle returns")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="orders_returncase_number_once"),
            models.UniqueConstraint(fields=["order", "once_key"], name="orders_returncase_once"),
            models.CheckConstraint(
                condition=Q(fee__gte=0, postage__gte=0, credited_total__gte=0, refunded_total__gte=0)
                & Q(charged_total__gte=0, charged_total__lte=F("credited_total"))
                & Q(refund_total__gte=0, refund_total__lte=F("credited_total") - F("charged_total"))
                & Q(refunded_total__lte=F("refund_total")),
                name="orders_returncase_money",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "status", "requested_at", "id"], name="orders_returncase_work"),
            models.Index(
                fields=["status", "requested_at", "id"],
                name="orders_returncase_open",
                condition=Q(status__in=[str(one) for one in OPEN_CASES]),
            ),
            models.Index(fields=["-requested_at", "-id"], name="orders_returncase_latest"),
            models.Index(fields=["customer", "-requested_at"], name="orders_returncase_customer"),
            models.Index(fields=["company", "id"], name="orders_returncase_to_refund", condition=Q(refund_total__gt=F("refunded_total"))),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """Pieces of a line that came in one parcel: how many were asked for, are here, were accepted and what became of them, each by itself.

    ``first_unit`` is the place of its first piece in the parcel, so that each piece goes back to the lot it was of.
    """

    case = models.ForeignKey(ReturnCase, verbose_name=_("return case"), on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    line = models.ForeignKey(Line, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="return_lines", db_index=False)
    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.ForeignKey(
        ReturnReason, verbose_name=_("reason"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    remark = text(_("remark"), max_length=500)
    condition = EnumField(ReturnCondition, verbose_name=_("condition"), db_default=ReturnCondition.UNKNOWN)
    comes_back = models.BooleanField(_("comes back"), db_default=True)
    first_unit = models.PositiveIntegerField(db_default=0, editable=False)
    location = down("inventory.Location", _("received in"), null=True, blank=True, db_index=False)
    quantity = models.IntegerField(_("requested"))
    received = models.IntegerField(_("received"), db_default=0)
    restocked = models.IntegerField(_("restocked"), db_default=0)
    b_grade = models.IntegerField(_("B-grade"), db_default=0)
    repaired = models.IntegerField(_("to repair"), db_default=0)
    scrapped = models.IntegerField(_("scrapped"), db_default=0)
    accepted = models.IntegerField(_("accepted"), db_default=0)
    declined = models.IntegerField(_("declined"), db_default=0)
    part_refund = MoneyField(_("part refund"), null=True, blank=True)
    credited = MoneyField(_("credited"), db_default=0)

    class Meta:
        verbose_name = _("line of a return")
        verbose_name_plural = _("lines of returns")
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="orders_returnline_position_once"),
            models.UniqueConstraint(fields=["case", "line", "shipment"], name="orders_returnline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, received__gte=0, accepted__gte=0, declined__gte=0)
                & Q(received__lte=F("quantity"), quantity__gte=F("accepted") + F("declined"))
                & (Q(comes_back=False, received=0) | Q(comes_back=True, received__gte=F("accepted") + F("declined"))),
                name="orders_returnline_counts",
            ),
            models.CheckConstraint(
                condition=Q(restocked__gte=0, b_grade__gte=0, repaired__gte=0, scrapped__gte=0)
                & (Q(comes_back=False) | Q(accepted=F("restocked") + F("b_grade") + F("repaired") + F("scrapped"))),
                name="orders_returnline_dispositions",
            ),
            models.CheckConstraint(condition=Q(credited__gte=0) & (Q(part_refund=None) | Q(part_refund__gte=1)), name="orders_returnline_money"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["line"], name="orders_returnline_line"),
            models.Index(fields=["shipment"], name="orders_returnline_shipment"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"


class ExchangeLine(models.Model):
    """What is sent for pieces that come back; of the same product at the price that was paid, else at the price of the day."""

    case = models.ForeignKey(
        ReturnCase, verbose_name=_("return case"), on_delete=models.PROTECT, related_name="exchange_lines", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    line = models.ForeignKey(Line, verbose_name=_("instead of"), on_delete=models.PROTECT, related_name="+", db_index=False)
    variant = down("catalog.Variant", _("variant"), db_index=False)
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        verbose_name = _("line of an exchange")
        verbose_name_plural = _("lines of exchanges")
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="orders_exchangeline_position_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_exchangeline_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
