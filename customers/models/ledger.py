"""The customer's ledger entry and what it is reached by."""

from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from customers.rules import ContactKind, CustomerKind, CustomerStatus


class Customer(models.Model):
    """A company's ledger entry for a person or organisation it trades with, by whatever channel; needs no login."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    number = models.CharField(_("customer number"), max_length=32)
    kind = EnumField(CustomerKind, verbose_name=_("kind"), db_default=CustomerKind.PERSON.value)
    status = EnumField(CustomerStatus, verbose_name=_("status"), db_default=CustomerStatus.ACTIVE.value)
    family_name = text(_("family name"), max_length=120)
    given_name = text(_("given name"), max_length=120)
    family_kana = text(_("family name (kana)"), max_length=120)
    given_kana = text(_("given name (kana)"), max_length=120)
    organisation_name = text(_("organisation"), max_length=160)
    name_key = text(_("name for comparing"), max_length=320, editable=False)
    kana_key = text(_("reading for comparing"), max_length=320, editable=False)
    organisation_key = text(_("organisation for comparing"), max_length=200, editable=False)
    birth_on = models.DateField(_("date of birth"), null=True, blank=True)
    language = text(_("language"), max_length=8)
    principal = down("customers.Customer", _("principal"), null=True, blank=True, editable=False)
    first_channel = down("core.SalesChannel", _("first channel"), null=True, blank=True, editable=False)
    outside_number = text(_("number in the former system"), max_length=64)
    attention = models.BooleanField(_("needs attention"), db_default=False)
    credit_limit = MoneyField(_("credit limit"), null=True, blank=True, editable=False)
    """What the customer may owe at once, in the company's currency; empty: no limit."""
    version = models.PositiveIntegerField(_("version"), db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))
    search = models.GeneratedField(
        # Latin names have the same key twice, a number its mark in small letters: one LIKE over one column finds them all.
        expression=models.Func(
            models.F("name_key"),
            models.F("kana_key"),
            models.F("organisation_key"),
            models.F("number"),
            models.F("outside_number"),
            template="lower(%(expressions)s)",
            arg_joiner=" || ' ' || ",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search words"),
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [
            ("view_personal", _("Can see personal data in full")),
            ("export_personal", _("Can export personal data")),
            ("merge_customer", _("Can merge customers")),
            ("erase_customer", _("Can erase personal data")),
            ("limit_credit", _("Can set credit limits")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="customers_customer_number_once"),
            models.UniqueConstraint(
                fields=["company", "outside_number"], condition=~models.Q(outside_number=""), name="customers_customer_outside_once"
            ),
            models.CheckConstraint(
                condition=models.Q(principal__isnull=True) | ~models.Q(principal=models.F("id")),
                name="customers_customer_principal_not_self",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-recorded_at", "-id"], name="customers_customer_newest"),
            BrinIndex(fields=["recorded_at"], name="customers_customer_recorded"),
            models.Index(fields=["company", "kana_key"], name="customers_customer_kana"),
            models.Index(fields=["principal"], name="customers_customer_principal", condition=models.Q(principal__isnull=False)),
        ]

    def __str__(self) -> str:
        """The name; the number alone where a query says that its reader may not know people (``in_full`` is false)."""
        if not getattr(self, "in_full", True):
            return self.number
        return self.organisation_name or f"{self.family_name} {self.given_name}".strip() or self.number


class ContactPoint(models.Model):
    """A way to reach a customer: as typed, and as compared."""

    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="contact_points")
    kind = EnumField(ContactKind, verbose_name=_("kind"))
    value = models.CharField(_("value"), max_length=254)
    value_key = models.CharField(_("value for comparing"), max_length=254, editable=False)
    is_primary = models.BooleanField(_("primary"), db_default=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    unreachable_at = models.DateTimeField(_("unreachable since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "value_key"], condition=models.Q(ended_at__isnull=True), name="customers_contactpoint_once"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "value_key"], name="customers_contactpoint_key"),
            GinIndex(fields=["value_key"], opclasses=["gin_trgm_ops"], name="customers_contactpoint_part"),
        ]

    def __str__(self) -> str:
        return self.value


class Address(models.Model):
    """A place a customer lives at or sends to. Orders keep their own snapshot."""

    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="addresses")
    label = text(_("label"), max_length=60)
    family_name = text(_("family name"), max_length=120)
    given_name = text(_("given name"), max_length=120)
    family_kana = text(_("family name (kana)"), max_length=120)
    given_kana = text(_("given name (kana)"), max_length=120)
    organisation_name = text(_("organisation"), max_length=160)
    country = models.CharField(_("country"), max_length=2, db_default="JP")
    postal_code = text(_("postal code"), max_length=16)
    prefecture = text(_("prefecture"), max_length=60)
    city = text(_("city"), max_length=120)
    street = text(_("street and number"), max_length=200)
    building = text(_("building"), max_length=200)
    phone = text(_("phone"), max_length=32)
    number_key = text(_("block numbers for comparing"), max_length=64, editable=False)
    is_default = models.BooleanField(_("default"), db_default=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(is_default=True, ended_at__isnull=True),
                name="customers_address_one_default",
            )
        ]
        indexes = [models.Index(fields=["postal_code", "number_key"], name="customers_address_place")]

    def __str__(self) -> str:
        return f"{self.prefecture}{self.city}{self.street} {self.building}".strip()


class Household(models.Model):
    """People who live together and may share a phone."""

    company = down("core.Company", _("company"))
    name = text(_("name"), max_length=120)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return self.name or str(self.pk)


class HouseholdMember(models.Model):
    """A customer in a household, from and until."""

    household = models.ForeignKey(Household, verbose_name=_("household"), on_delete=models.PROTECT, related_name="members")
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="+")
    role = text(_("role"), max_length=60)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("household member")
        verbose_name_plural = _("household members")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=models.Q(ended_at__isnull=True), name="customers_householdmember_one")
        ]

    def __str__(self) -> str:
        return f"{self.household} / {self.customer}"
