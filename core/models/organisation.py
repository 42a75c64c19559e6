"""Who trades: companies, their brands, sites and the channels where things are bought."""

from enum import StrEnum

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, PublicIdField, RecordedAtField
from core.tax import Rounding, TaxBasis
from core.words import gettext_noop

CODE = RegexValidator(r"^[a-z0-9][a-z0-9_-]*$", _("Small letters, digits, hyphens and underscores only."))
REGISTRATION_NUMBER = RegexValidator(r"^T[1-9][0-9]{12}$", _("T and 13 digits, as the tax office issued it."))


class ChannelKind(StrEnum):
    """Where something is bought. How people talk to us is another axis."""

    WEB = "web"
    PHONE = "phone"
    PAPER = "paper"
    STORE = "store"
    CHAT = "chat"
    MARKETPLACE = "marketplace"
    B2B = "b2b"

    @classmethod
    def labels(cls) -> dict["ChannelKind", str]:
        return {
            cls.WEB: gettext_noop("Web shop"),
            cls.PHONE: gettext_noop("Phone orders"),
            cls.PAPER: gettext_noop("Order form and fax"),
            cls.STORE: gettext_noop("Store"),
            cls.CHAT: gettext_noop("SNS and chat"),
            cls.MARKETPLACE: gettext_noop("Marketplace"),
            cls.B2B: gettext_noop("Wholesale"),
        }


class Restart(StrEnum):
    """When a series of numbers begins again."""

    NEVER = "never"
    YEARLY = "yearly"
    MONTHLY = "monthly"

    @classmethod
    def labels(cls) -> dict["Restart", str]:
        return {cls.NEVER: gettext_noop("never"), cls.YEARLY: gettext_noop("every year"), cls.MONTHLY: gettext_noop("every month")}


class LegalTextKind(StrEnum):
    """The texts a shop must show, each kept in versions."""

    COMMERCIAL_TRANSACTIONS = "commercial_transactions"
    TERMS = "terms"
    PRIVACY = "privacy"
    RETURNS = "returns"
    SUBSCRIPTION_TERMS = "subscription_terms"
    INVOICE_NOTE = "invoice_note"
    PAYMENT_INSTRUCTIONS = "payment_instructions"

    @classmethod
    def labels(cls) -> dict["LegalTextKind", str]:
        return {
            cls.COMMERCIAL_TRANSACTIONS: gettext_noop("Disclosure under the commercial transactions act"),
            cls.TERMS: gettext_noop("Terms of use"),
            cls.PRIVACY: gettext_noop("Privacy policy"),
            cls.RETURNS: gettext_noop("Returns and exchanges"),
            cls.SUBSCRIPTION_TERMS: gettext_noop("Subscription terms"),
            cls.INVOICE_NOTE: gettext_noop("Note on invoices"),
            cls.PAYMENT_INSTRUCTIONS: gettext_noop("Where to pay"),
        }


class Company(models.Model):
    """A legal seller of the group. Documents, ledger accounts and customers belong to one."""

    public_id = PublicIdField()
    code = models.CharField(_("code"), max_length=40, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(
        _("legal name"), max_length=160, blank=True, db_default="", help_text=_("As registered; printed on invoices.")
    )
    registration_number = models.CharField(
        _("invoice registration number"),
        max_length=14,
        blank=True,
        db_default="",
        validators=[REGISTRATION_NUMBER],
        help_text=_("T and 13 digits; required for qualified invoices."),
    )
    country = models.CharField(_("country"), max_length=2, db_default="JP", default="JP")
    currency = models.CharField(_("currency"), max_length=3, db_default="JPY", default="JPY")
    language = models.CharField(_("language"), max_length=8, db_default="ja", default="ja")
    timezone = models.CharField(_("time zone"), max_length=40, db_default="Asia/Tokyo", default="Asia/Tokyo")
    tax_basis = EnumField(TaxBasis, verbose_name=_("tax basis"), db_default=TaxBasis.INCLUDED.value, default=TaxBasis.INCLUDED.value)
    tax_rounding = EnumField(Rounding, verbose_name=_("tax rounding"), db_default=Rounding.FLOOR.value, default=Rounding.FLOOR.value)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True, db_default="")
    prefecture = models.CharField(_("prefecture"), max_length=20, blank=True, db_default="")
    address = models.CharField(_("address"), max_length=255, blank=True, db_default="")
    phone = models.CharField(_("phone"), max_length=32, blank=True, db_default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_default="")
    representative = models.CharField(_("representative"), max_length=120, blank=True, db_default="")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    history_until_at = models.DateTimeField(
        _("its history is being filled in until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("While this is set, what the clock starts passes the company by."),
    )
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(registration_number="") | Q(registration_number__regex=r"^T[1-9][0-9]{12}$"),
                name="core_company_registration_number",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="core_company_currency"),
        ]

    def __str__(self) -> str:
        return self.name


class LegalText(models.Model):
    """What a company tells its buyers, by language, from a day on. A confirmed order keeps the version it showed."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="legal_texts", verbose_name=_("company"))
    kind = EnumField(LegalTextKind, verbose_name=_("kind"))
    language = models.CharField(_("language"), max_length=8, db_default="ja", default="ja")
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text"))
    valid_from_on = models.DateField(_("valid from"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")
        ordering = ["company_id", "kind", "language", "-valid_from_on"]
        constraints = [models.UniqueConstraint(fields=["company", "kind", "language", "valid_from_on"], name="core_legaltext_version")]

    def __str__(self) -> str:
        return f"{self.title} ({self.valid_from_on:%Y-%m-%d})"


class Brand(models.Model):
    """What the shopper knows by name. Rank, consent and points may belong to one brand or to all."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="brands", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["company_id", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="core_brand_code")]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """One shop front on the web: a domain, a language, a look."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="sites", verbose_name=_("company"))
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="sites", verbose_name=_("brand"))
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    domain = models.CharField(_("domain"), max_length=253, unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, db_default="ja", default="ja")
    theme = models.CharField(_("theme"), max_length=40, db_default="default", default="default")
    holds_at_most_minutes = models.PositiveSmallIntegerField(
        _("a checkout holds its goods at most (minutes)"),
        db_default=120,
        default=120,
        help_text=_("From the first time, however busy its buyer is; then they are for everybody. With 0 a checkout holds nothing."),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["company_id", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="core_site_code")]

    def __str__(self) -> str:
        return self.name


class SalesChannel(models.Model):
    """Where something is bought: web shop, phone, paper, store, chat, marketplace, wholesale."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="channels", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    kind = EnumField(ChannelKind, verbose_name=_("kind"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="channels", verbose_name=_("site"))
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="channels", verbose_name=_("brand"))
    earns_points = models.BooleanField(
        _("our points for what a marketplace settles"), db_default=False, default=False,
        help_text=_("Other orders earn points by the programme of their brand or company; those that a marketplace is paid for only where this is set."),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["company_id", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="core_saleschannel_code")]

    def __str__(self) -> str:
        return self.name


class NumberSeries(models.Model):
    """How the documents of one kind are numbered in a company, or in one of its channels.

    The counter is a PostgreSQL sequence of the row's own (``core_number_<id>``), made and dropped by a trigger: numbers
    may have gaps, and taking one waits for nobody. A series that counts anew has a sequence for each of its periods.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="number_series", verbose_name=_("company"))
    kind = models.CharField(_("document"), max_length=40, help_text=_("order, shipment, invoice and so on"))
    channel = models.ForeignKey(
        SalesChannel, models.PROTECT, null=True, blank=True, related_name="number_series", verbose_name=_("sales channel")
    )
    prefix = models.CharField(
        _("prefix"),
        max_length=20,
        blank=True,
        db_default="",
        default="",
        help_text=_("Letters, digits and hyphens; {yyyy}, {yy} and {mm} stand for the date."),
    )
    digits = models.PositiveSmallIntegerField(_("digits"), db_default=8, default=8)
    restarts = EnumField(
        Restart, verbose_name=_("counts anew"), db_default=Restart.NEVER, default=Restart.NEVER,
        help_text=_("Each month or year from the first number again; the prefix then names it. This can be chosen once."),
    )  # fmt: skip
    start = models.BigIntegerField(_("first number"), db_default=1, default=1)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["company_id", "kind", F("channel_id").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "channel"], nulls_distinct=False, name="core_numberseries_once"),
            models.CheckConstraint(
                condition=Q(prefix__regex=r"^([A-Za-z0-9/_-]|\{yyyy\}|\{yy\}|\{mm\})*$"), name="core_numberseries_prefix"
            ),
            models.CheckConstraint(condition=Q(digits__range=(1, 18)), name="core_numberseries_digits"),
            models.CheckConstraint(
                condition=Q(restarts="never") | Q(prefix__regex=r"\{yy(yy)?\}") & (Q(restarts="yearly") | Q(prefix__contains="{mm}")),
                name="core_numberseries_names_its_period",
                violation_error_message=_("A series that counts anew names its year in the prefix, by month also its month: A{yy}{mm}-."),
            ),
            models.CheckConstraint(condition=Q(start__gte=1), name="core_numberseries_start"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.prefix}{'0' * self.digits}"
