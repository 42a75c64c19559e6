"""What the machine counter has answered once and must answer again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import RecordedAtField


class IdempotencyResult(models.Model):
    """The answer to an effectful request, written in the same transaction as its effect."""

    pk = models.CompositePrimaryKey("client", "key")
    client = models.TextField(_("client"))
    key = models.TextField(_("idempotency key"))
    fingerprint = models.BinaryField(_("fingerprint of the request"))
    status = models.SmallIntegerField(_("status"))
    content_type = models.TextField(_("content type"), db_default="application/json")
    location = models.TextField(_("address of the answer"), db_default="")
    body = models.BinaryField(_("answer"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        indexes = [models.Index(fields=["recorded_at"], name="core_idempotency_recorded")]

    def __str__(self) -> str:
        return f"{self.client} {self.key}"
