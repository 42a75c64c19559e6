from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import RecordedAtField
from core.models.organisation import Company


class SavedView(models.Model):
    """A list of the back office with its filters and order under a name: one member of staff's own, or shared.

    ``query`` is what follows the list's address; days that move with the calendar stand in it by their names ("@today").
    """

    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("company"), db_index=False,
        help_text=_("Whose staff see it where it is shared; empty: everybody."),
    )  # fmt: skip
    list_name = models.CharField(_("list"), max_length=80)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=1000)
    owner_id = models.CharField(_("whose"), max_length=64, blank=True, db_default="", default="")
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["list_name", "owner_id", "company", "name"], nulls_distinct=False, name="core_savedview_once"),
            models.CheckConstraint(condition=~Q(name=""), name="core_savedview_named"),
        ]
        permissions = [("share_savedview", "Can share saved views")]

    def __str__(self) -> str:
        return self.name
