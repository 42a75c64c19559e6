"""What was changed, by whom and why; and who read whose personal data."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import RecordedAtField


class AuditEntry(models.Model):
    """One changed row, written by a trigger. Holds no personal value: those stand in AuditPersonal."""

    table_name = models.TextField(_("table"))
    row_key = models.TextField(_("row"))
    verb = models.TextField(_("deed"))
    changes = models.JSONField(_("changes"), db_default=models.Value({}, models.JSONField()))
    personal_fields = ArrayField(models.TextField(), verbose_name=_("personal fields changed"), db_default=[])
    actor_kind = models.TextField(_("actor kind"))
    actor_id = models.TextField(_("actor"))
    actor_label = models.TextField(_("actor name"), db_default="")
    on_behalf_of = models.TextField(_("on behalf of"), db_default="")
    reason = models.TextField(_("reason"), db_default="")
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["table_name", "row_key", "id"], name="core_auditentry_row"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="core_auditentry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_key} {self.verb}"


class AuditPersonal(models.Model):
    """The personal values before and after a change; erased with the person, while the entry stays."""

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="personal", verbose_name=_("change"))
    changes = models.JSONField(_("changes"))

    class Meta:
        verbose_name = _("personal values of a change")
        verbose_name_plural = _("personal values of changes")

    def __str__(self) -> str:
        return f"#{self.entry_id}"


class PersonalDataRead(models.Model):
    """Who saw whose personal data, where, which fields."""

    subject = models.TextField(_("whose"))
    screen = models.TextField(_("screen"))
    fields_read = ArrayField(models.TextField(), verbose_name=_("fields"))
    people = models.IntegerField(_("people on the screen"), db_default=1)
    actor_kind = models.TextField(_("actor kind"))
    actor_id = models.TextField(_("actor"))
    actor_label = models.TextField(_("actor name"), db_default="")
    on_behalf_of = models.TextField(_("on behalf of"), db_default="")
    reason = models.TextField(_("reason"), db_default="")
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("reading of personal data")
        verbose_name_plural = _("readings of personal data")
        indexes = [
            models.Index(fields=["subject", "id"], name="core_personalread_subject"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="core_personalread_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_kind}:{self.actor_id} {self.screen} {self.subject}"
