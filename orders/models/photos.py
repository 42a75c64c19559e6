"""Photos that customers and staff put with returns and repairs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, PublicIdField, RecordedAtField, down
from orders.models.return_cases import ReturnCase
from orders.models.service import ServiceRequest


class CasePhoto(Actored):
    """A photo of goods that come back or are to be repaired; its bytes lie in the private storage under ``file``.

    One that has ended is shown to nobody, and its file is deleted by the clock before its row is.
    """

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    customer = down("customers.Customer", _("customer"))
    case = models.ForeignKey(
        ReturnCase, verbose_name=_("return case"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    service = models.ForeignKey(
        ServiceRequest,
        verbose_name=_("repair, collection or purchase"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    file = models.CharField(_("file"), max_length=120, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    size = models.PositiveIntegerField(_("size in bytes"))
    added_at = models.DateTimeField(_("added at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("photo of a case")
        verbose_name_plural = _("photos of cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, service=None) | Q(case=None, service__isnull=False), name="orders_casephoto_of_one"
            ),
            models.UniqueConstraint(fields=["case", "digest"], condition=Q(ended_at=None), name="orders_casephoto_case_once"),
            models.UniqueConstraint(fields=["service", "digest"], condition=Q(ended_at=None), name="orders_casephoto_service_once"),
        ]
        indexes = [models.Index(fields=["id"], name="orders_casephoto_to_drop", condition=Q(ended_at__isnull=False))]

    def __str__(self) -> str:
        return str(self.public_id)
