"""What the outbox remembers: events, which handler has had which, and the relays that carry them."""

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField


class DeliveryState(StrEnum):
    """Where one handler stands with one event. Of one (handler, stream) one row at most is pending or parked."""

    WAITING = "waiting"
    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"
    SKIPPED = "skipped"

    @classmethod
    def labels(cls) -> dict[str, Any]:
        """The words for the screen."""
        return {
            cls.WAITING: _("waiting its turn"),
            cls.PENDING: _("pending"),
            cls.DONE: _("done"),
            cls.PARKED: _("parked"),
            cls.SKIPPED: _("skipped"),
        }


class OutboxEvent(models.Model):
    """Something that happened, committed together with its effect. Ids and plain values only."""

    name = models.TextField(_("event"))
    stream = models.TextField(_("stream"))
    payload = models.JSONField(_("content"))
    actor_kind = models.TextField(_("actor kind"), db_default="")
    actor_id = models.TextField(_("actor"), db_default="")
    lane = models.TextField(_("lane"), db_default="", help_text=_("Empty: carried by the relays. Else by the simulation of that name."))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))
    routed_at = models.DateTimeField(_("handed to handlers at"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                F("id"),
                name="core_outboxevent_unrouted",
                condition=Q(routed_at__isnull=True),
            ),
            models.Index(fields=["stream", "id"], name="core_outboxevent_stream"),
            models.Index(fields=["lane", "id"], name="core_outboxevent_lane", condition=~Q(lane="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.stream} #{self.pk}"


class OutboxDelivery(models.Model):
    """One handler's copy of an event: pending until its own transaction marks it done."""

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    handler = models.TextField(_("handler"))
    stream = models.TextField(_("stream"))
    state = EnumField(DeliveryState, verbose_name=_("state"), db_default=DeliveryState.PENDING.value)
    attempts = models.IntegerField(_("attempts"), db_default=0)
    due_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    reason = models.TextField(_("reason"), db_default="", blank=True)

    class Meta:
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="core_outboxdelivery_once"),
            models.UniqueConstraint(
                fields=["handler", "stream"], name="core_outboxdelivery_head", condition=Q(state__in=["pending", "parked"])
            ),
        ]
        indexes = [
            models.Index(fields=["event"], name="core_outboxdelivery_pending", condition=Q(state="pending")),
            models.Index(fields=["handler", "stream", "event"], name="core_outboxdelivery_waiting", condition=Q(state="waiting")),
            models.Index(fields=["id"], name="core_outboxdelivery_parked", condition=Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.handler} #{self.event_id}"


class Relay(models.Model):
    """A running relay process and when it was last seen, by the database's wall clock."""

    name = models.TextField(_("name"), primary_key=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen at"), db_default=Now())
    listening = models.BooleanField(_("waiting to be called"), db_default=True)

    class Meta:
        verbose_name = _("relay")
        verbose_name_plural = _("relays")

    def __str__(self) -> str:
        return self.name
