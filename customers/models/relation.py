"""What we know of and agreed with a customer: consent, wishes, rank, notes, tags."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField, down, text
from customers.models.ledger import Customer
from customers.rules import (
    AuthorKind,
    CandidateStatus,
    ConsentPurpose,
    ConsentStatus,
    ContactChannel,
    Visibility,
)


def of_customer(related_name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name=related_name)


class Consent(Actored):
    """What a customer agreed to or took back, per brand, channel and purpose; append-only. No brand means all."""

    customer = of_customer("consents")
    brand = down("core.Brand", _("brand"), null=True, blank=True)
    channel = EnumField(ContactChannel, verbose_name=_("channel"))
    purpose = EnumField(ConsentPurpose, verbose_name=_("purpose"))
    status = EnumField(ConsentStatus, verbose_name=_("status"))
    source = models.CharField(_("source"), max_length=120)
    wording = models.CharField(_("wording version"), max_length=120)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["customer", "channel", "purpose", "-id"], name="customers_consent_latest")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.channel} {self.purpose} {self.status}"


class ContactPreference(models.Model):
    """How and when a customer likes to be contacted."""

    customer = of_customer("contact_preferences")
    channel = EnumField(ContactChannel, verbose_name=_("channel"))
    preferred = models.BooleanField(_("preferred"), db_default=True)
    hours = text(_("hours"), max_length=120)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("contact preference")
        verbose_name_plural = _("contact preferences")
        constraints = [models.UniqueConstraint(fields=["customer", "channel"], name="customers_contactpreference_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.channel}"


class Attribute(models.Model):
    """A company's own field on its customers."""

    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="customers_attribute_code_once")]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """A customer's value of one attribute."""

    customer = of_customer("attribute_values")
    attribute = models.ForeignKey(Attribute, verbose_name=_("attribute"), on_delete=models.PROTECT, related_name="+")
    value = models.CharField(_("value"), max_length=255)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        constraints = [models.UniqueConstraint(fields=["customer", "attribute"], name="customers_attributevalue_once")]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.value}"


class Tag(models.Model):
    """A word put on customers, for staff only or for the customer to see."""

    company = down("core.Company", _("company"))
    name = models.CharField(_("name"), max_length=60)
    visibility = EnumField(Visibility, verbose_name=_("visibility"), db_default=Visibility.STAFF.value)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="customers_tag_name_once")]

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """A tag on a customer, and who put it there."""

    customer = of_customer("tags")
    tag = models.ForeignKey(Tag, verbose_name=_("tag"), on_delete=models.PROTECT, related_name="+")
    author_kind = EnumField(AuthorKind, verbose_name=_("author"), db_default=AuthorKind.STAFF.value)
    author_id = text(max_length=64, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("customer tag")
        verbose_name_plural = _("customer tags")
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="customers_customertag_once")]

    def __str__(self) -> str:
        return f"{self.tag}"


class CustomerRank(models.Model):
    """A brand's or company's grading of its customers."""

    company = down("core.Company", _("company"))
    brand = down("core.Brand", _("brand"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    level = models.PositiveSmallIntegerField(_("level"))

    class Meta:
        verbose_name = _("customer rank")
        verbose_name_plural = _("customer ranks")
        constraints = [
            models.UniqueConstraint(fields=["company", "brand", "code"], nulls_distinct=False, name="customers_customerrank_once")
        ]

    def __str__(self) -> str:
        return self.name


class RankAssignment(Actored):
    """The rank a customer holds in a brand, from and until (exclusive)."""

    customer = of_customer("ranks")
    rank = models.ForeignKey(CustomerRank, verbose_name=_("rank"), on_delete=models.PROTECT, related_name="+")
    brand = down("core.Brand", _("brand"), null=True, blank=True)
    from_at = models.DateTimeField(_("begins at"))
    until_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("rank assignment")
        verbose_name_plural = _("rank assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "brand"],
                condition=models.Q(until_at__isnull=True),
                nulls_distinct=False,
                name="customers_rankassignment_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.rank}"


class Note(models.Model):
    """What the next person should know about a customer; shown until it expires."""

    customer = of_customer("notes")
    body = models.TextField(_("memo"))
    visibility = EnumField(Visibility, verbose_name=_("visibility"), db_default=Visibility.STAFF.value)
    author_kind = EnumField(AuthorKind, verbose_name=_("author"), db_default=AuthorKind.STAFF.value)
    author_id = text(max_length=64, editable=False)
    author_label = text(_("written by"), max_length=128, editable=False)
    show_until_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("memo")
        verbose_name_plural = _("memos")
        indexes = [models.Index(fields=["customer", "-id"], name="customers_note_newest")]

    def __str__(self) -> str:
        return self.body[:60]


class DuplicateCandidate(models.Model):
    """Two ledger entries that may be one person, with score and reasons, until somebody decides."""

    company = down("core.Company", _("company"))
    customer = of_customer()
    other = models.ForeignKey(Customer, verbose_name=_("other customer"), on_delete=models.PROTECT, related_name="+")
    score = models.SmallIntegerField(_("score"))
    reasons = models.CharField(_("reasons"), max_length=200)
    status = EnumField(CandidateStatus, verbose_name=_("status"), db_default=CandidateStatus.OPEN.value)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("duplicate candidate")
        verbose_name_plural = _("duplicate candidates")
        constraints = [
            models.UniqueConstraint(fields=["customer", "other"], name="customers_duplicatecandidate_once"),
            models.CheckConstraint(condition=models.Q(customer__lt=models.F("other")), name="customers_duplicatecandidate_ordered"),
        ]
        indexes = [models.Index(fields=["company", "status", "-score"], name="customers_duplicate_worklist")]

    def __str__(self) -> str:
        return f"{self.customer.number} ~ {self.other.number}"


class Merge(Actored):
    """A merge that happened, and its undoing; both numbers stay alive and nothing is re-pointed."""

    principal = models.ForeignKey(Customer, verbose_name=_("principal"), on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Customer, verbose_name=_("merged customer"), on_delete=models.PROTECT, related_name="+")
    reason = text(_("reason"))
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=models.Q(undone_at__isnull=True), name="customers_merge_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.principal_id}"
