"""Who may sign in, what proves it, and who may act for which customer."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from customers.rules import AccountActKind, AccountKind, LinkEvidence


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts for tools that expect Django's own two verbs."""

    def create_user(self, handle: str, password: str | None = None, **fields: object) -> "Account":
        account = self.model(handle=handle, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, handle: str, password: str | None = None, **fields: object) -> "Account":
        return self.create_user(handle, password, **{"kind": AccountKind.STAFF, "is_staff": True, "is_superuser": True, **fields})


class Account(AbstractBaseUser, PermissionsMixin):
    """A right to use the service, owned by the person who opened it; staff accounts imply no customer."""

    public_id = PublicIdField()
    handle = models.CharField(_("sign-in name"), max_length=254, unique=True)
    kind = EnumField(AccountKind, verbose_name=_("kind"), db_default=AccountKind.PERSON.value, default=AccountKind.PERSON.value)
    email = models.EmailField(_("e-mail"), blank=True, db_default="", default="")
    display_name = models.CharField(_("display name"), max_length=120, blank=True, db_default="", default="")
    language = models.CharField(_("language"), max_length=8, blank=True, db_default="", default="")
    company = down("core.Company", _("company (staff)"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), db_default=True, default=True)
    is_staff = models.BooleanField(_("may use the back office"), db_default=False, default=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    objects = AccountManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [("reset_factors", _("Can reset second factors and end sessions"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(is_staff=False) | models.Q(kind="staff"), name="customers_account_staff_kind")
        ]

    def __str__(self) -> str:
        return self.display_name or self.handle

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Identity(models.Model):
    """One proof of who somebody is: a sign-in proof of an account or an outside number of a customer, never both."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="identities"
    )
    customer = models.ForeignKey(
        "customers.Customer", verbose_name=_("customer"), null=True, blank=True, on_delete=models.PROTECT, related_name="identities"
    )
    company = down("core.Company", _("company"), null=True, blank=True)
    provider = models.CharField(_("provider"), max_length=40)
    subject = models.CharField(_("subject"), max_length=254)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("proof of identity")
        verbose_name_plural = _("proofs of identity")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=False, customer__isnull=True) | models.Q(account__isnull=True, customer__isnull=False),
                name="customers_identity_account_xor_customer",
            ),
            models.UniqueConstraint(
                fields=["company", "provider", "subject"],
                condition=models.Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="customers_identity_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}:{self.subject}"


class CustomerAccount(Actored):
    """Who may act for which customer, and the evidence for the link."""

    customer = models.ForeignKey("customers.Customer", verbose_name=_("customer"), on_delete=models.PROTECT, related_name="account_links")
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="customer_links")
    evidence = EnumField(LinkEvidence, verbose_name=_("evidence"))
    evidence_note = text(_("evidence note"))
    linked_at = models.DateTimeField(_("linked at"))
    ended_at = models.DateTimeField(_("unlinked at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("account link")
        verbose_name_plural = _("account links")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "account"], condition=models.Q(ended_at__isnull=True), name="customers_customeraccount_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.customer}"


class AccountAct(Actored):
    """What was done to an account's way in, by its owner or by staff; only ever added to."""

    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="acts")
    kind = EnumField(AccountActKind, verbose_name=_("what was done"))
    detail = text(_("detail"), max_length=120)
    reason = text(_("reason"))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("account act")
        verbose_name_plural = _("account acts")
        indexes = [models.Index(fields=["account", "-id"], name="customers_accountact_newest")]

    def __str__(self) -> str:
        return f"{self.account} {self.kind}"


class LinkCode(models.Model):
    """A code mailed to an address on the ledger, so that an account's owner proves to read it. The code itself is stored nowhere.

    A row is written whether or not the ledger knows the address: nobody learns from the outside which it was.
    """

    public_id = PublicIdField()
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+")
    company = down("core.Company", _("company"))
    address_key = models.CharField(_("address asked for"), max_length=254)
    language = text(_("language"), max_length=8)
    tries = models.PositiveSmallIntegerField(_("tries"), db_default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("link code")
        verbose_name_plural = _("link codes")
        indexes = [
            models.Index(fields=["account", "-id"], name="customers_linkcode_newest"),
            models.Index(fields=["id"], name="customers_linkcode_unsent", condition=models.Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.recorded_at}"


class LinkTries(models.Model):
    """How often somebody tried to prove something lately, per account and per thing guessed at."""

    company = down("core.Company", _("company"))
    key = models.CharField(_("key"), max_length=100)
    tries = models.PositiveIntegerField(_("tries"), db_default=1)
    until_at = models.DateTimeField(_("counted until"))

    class Meta:
        verbose_name = _("link tries")
        verbose_name_plural = _("link tries")
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="customers_linktries_once")]

    def __str__(self) -> str:
        return self.key


class PartnerApplication(AbstractApplication):
    """A partner system that calls the API for one company."""

    company = down("core.Company", _("company"), null=True, blank=True)
    allowed_scopes = text(_("allowed scopes"), max_length=500)

    class Meta(AbstractApplication.Meta):
        verbose_name = _("partner application")
        verbose_name_plural = _("partner applications")

    def __str__(self) -> str:
        return self.name or self.client_id
