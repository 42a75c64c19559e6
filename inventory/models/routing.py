"""The operator's order of rules for choosing where an order ships from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField, down, text
from inventory.models.goods import Location
from inventory.rules import RoutingKind


class RoutingRule(models.Model):
    """One rule of a company's order: the first that tells locations apart decides. Prose: docs/algorithms/routing.md."""

    company = down("core.Company", _("company"), db_index=False)
    position = models.PositiveIntegerField(_("place in the order"), help_text=_("The lowest number is asked first."))
    kind = EnumField(RoutingKind, verbose_name=_("rule"))
    channel = down(
        "core.SalesChannel", _("only for sales channel"), null=True, blank=True, db_index=False, help_text=_("Empty: for every channel.")
    )
    prefecture = text(_("only for destination"), max_length=60)
    location = models.ForeignKey(
        Location, verbose_name=_("location"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    most = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = [
            models.UniqueConstraint(fields=["company", "position"], condition=models.Q(ended_at=None), name="inventory_routingrule_order"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["prefer", "exclude"], location__isnull=False)
                | (~models.Q(kind__in=["prefer", "exclude"]) & models.Q(location=None)),
                name="inventory_routingrule_location",
                violation_error_message=_("“Prefer” and “leave out” name a location; the other rules name none."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="most_places", most__gte=1) | (~models.Q(kind="most_places") & models.Q(most=None)),
                name="inventory_routingrule_most",
                violation_error_message=_("“At most so many locations” names a number from 1; the other rules name none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_kind_display()}"
