"""Cases, what was said in them, and the reasons people have."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contact.rules import LIMITS, CaseState, CauseClass, Deed, Desk, Direction, Priority
from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from customers.rules import AuthorKind, ContactChannel, Visibility


class CaseReason(models.Model):
    """Why people contact a company; says what a case of it means unless told otherwise."""

    company = down("core.Company", _("company"), db_index=False)
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    desk = EnumField(Desk, verbose_name=_("desk"), db_default=Desk.SUPPORT, default=Desk.SUPPORT)
    complaint = models.BooleanField(_("complaint"), db_default=False, default=False)
    due_hours = models.PositiveIntegerField(
        _("answer owed within (hours)"), db_default=24, default=24, help_text=_("0: no answer is owed by a certain time.")
    )
    position = models.PositiveSmallIntegerField(_("position"), db_default=100, default=100)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("case reason")
        verbose_name_plural = _("case reasons")
        ordering = ["company_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="contact_casereason_code_once")]

    def __str__(self) -> str:
        return self.name


class Case(Actored):
    """Why somebody contacted us, until it is solved; the channels are those of its interactions.

    Without a customer the caller is unknown yet. Orders it is about are opaque references (CaseOrder).
    """

    public_id = PublicIdField()
    number = models.CharField(_("case number"), max_length=40)
    company = down("core.Company", _("company"), db_index=False)
    customer = down("customers.Customer", _("customer"), null=True, blank=True, db_index=False)
    desk = EnumField(Desk, verbose_name=_("desk"), db_default=Desk.SUPPORT)
    reason = models.ForeignKey(CaseReason, verbose_name=_("reason"), on_delete=models.PROTECT, related_name="+", db_index=False)
    theme = models.CharField(_("matter"), max_length=LIMITS["theme"], blank=True)
    state = EnumField(CaseState, verbose_name=_("state"), db_default=CaseState.OPEN)
    priority = EnumField(Priority, verbose_name=_("priority"), db_default=Priority.NORMAL)
    complaint = models.BooleanField(_("complaint"), db_default=False)
    caller_name = text(_("caller"), max_length=LIMITS["caller_name"])
    caller_contact = text(_("caller's number or address"), max_length=LIMITS["caller_contact"])
    owner = down("customers.Account", _("looked after by"), null=True, blank=True, db_index=False)
    handover_note = models.TextField(_("handover note"), blank=True, db_default="")
    occurred_at = models.DateTimeField(_("occurred at"))
    due_at = models.DateTimeField(_("answer owed by"), null=True, blank=True)
    last_at = models.DateTimeField(_("last word at"))
    solved_at = models.DateTimeField(_("solved at"), null=True, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), db_default=0)
    cause_class = EnumField(CauseClass, verbose_name=_("where the cause lay"), null=True, blank=True)
    cause_detail = text(_("cause in detail"), max_length=LIMITS["cause_detail"])
    resolution = models.TextField(_("resolution"), blank=True, db_default="")
    once_key = models.CharField(max_length=120, null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [("solve_case", _("Can solve and reopen cases"))]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="contact_case_number_once"),
            models.UniqueConstraint(fields=["company", "once_key"], name="contact_case_once"),
            models.CheckConstraint(condition=Q(state="solved", solved_at__isnull=False) | (~Q(state="solved") & Q(solved_at=None)),
                                   name="contact_case_solved_when"),
            models.CheckConstraint(condition=Q(last_at__gte=F("occurred_at")), name="contact_case_last_word"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["customer", "-occurred_at"], name="contact_case_customer"),
            models.Index(fields=["company", "-occurred_at", "-id"], name="contact_case_newest"),
            models.Index(fields=["state", "due_at"], name="contact_case_due", condition=~Q(state="solved")),
            models.Index(fields=["owner", "state"], name="contact_case_owner", condition=~Q(state="solved")),
            models.Index(fields=["reason"], name="contact_case_reason"),
        ]

    def __str__(self) -> str:
        return self.number


class CaseOrder(models.Model):
    """An order a case is about, by its public id; contact keeps no key into it."""

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="orders")
    order_ref = models.UUIDField(_("order"), db_index=True)

    class Meta:
        verbose_name = _("order of a case")
        verbose_name_plural = _("orders of a case")
        constraints = [models.UniqueConstraint(fields=["case", "order_ref"], name="contact_caseorder_once")]

    def __str__(self) -> str:
        return str(self.order_ref)


class Interaction(models.Model):
    """One message, call or word among colleagues in a case. Its words can be blanked, never rewritten."""

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="interactions", db_index=False)
    deed = EnumField(Deed, verbose_name=_("deed"), db_default=Deed.TALK)
    channel = EnumField(ContactChannel, verbose_name=_("channel"), null=True, blank=True)
    direction = EnumField(Direction, verbose_name=_("direction"))
    body = models.TextField(_("what was said"), blank=True, db_default="")
    to_whom = text(_("handed to"), max_length=160)
    visibility = EnumField(Visibility, verbose_name=_("visibility"), db_default=Visibility.STAFF)
    author_kind = EnumField(AuthorKind, verbose_name=_("author"), db_default=AuthorKind.STAFF)
    author_id = text(max_length=64, editable=False)
    author_label = text(_("written by"), max_length=128, editable=False)
    at = models.DateTimeField(_("at"))
    once_key = models.CharField(max_length=120, null=True, blank=True, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(fields=["case", "once_key"], name="contact_interaction_once"),
            models.CheckConstraint(condition=Q(direction="internal") | Q(channel__isnull=False), name="contact_interaction_channel"),
            models.CheckConstraint(condition=~Q(direction="internal") | Q(visibility="staff"), name="contact_interaction_among_staff"),
        ]
        indexes = [models.Index(fields=["case", "-at", "-id"], name="contact_interaction_story")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d %H:%M}"
