"""The double-entry sub-ledger: append-only, every entry balances."""

from django.db import models
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from billing.rules import AccountKind, EntryKind, PartyKind
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text


def _account_key() -> models.Func:
    """The account in one word, unique: "1:receivable:JPY::customer:42". ``billing.rules.AccountKey.text`` spells the same."""
    colon = models.Value(":")
    text_of = models.TextField()
    return models.Func(
        Cast("company", text_of),
        colon,
        models.F("kind"),
        colon,
        models.F("currency"),
        colon,
        Coalesce("tax_class", models.Value(""), output_field=text_of),
        colon,
        Coalesce("party_kind", models.Value(""), output_field=text_of),
        colon,
        Coalesce(Cast("party_id", text_of), models.Value(""), output_field=text_of),
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=text_of,
    )


class LedgerAccount(models.Model):
    """Where money stands: company, kind, currency, and where it matters tax class and party."""

    company = down("core.Company", _("company"), db_index=False)
    kind = EnumField(AccountKind, verbose_name=_("kind"))
    currency = models.CharField(_("currency"), max_length=3)
    tax_class = down("core.TaxClass", _("tax class"), null=True, blank=True, db_column="tax_class", db_index=False)
    party_kind = EnumField(PartyKind, verbose_name=_("party"), null=True, blank=True)
    party_id = models.BigIntegerField(_("party id"), null=True, blank=True)
    key = models.GeneratedField(expression=_account_key(), output_field=models.CharField(max_length=160), db_persist=True, unique=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(party_kind__isnull=True, party_id__isnull=True)
                | models.Q(party_kind__isnull=False, party_id__isnull=False),
                name="billing_ledgeraccount_party_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["party_kind", "party_id"], name="billing_ledgeraccount_party", condition=models.Q(party_id__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency} {self.tax_class_id or ''} {self.party_kind or ''}{self.party_id or ''}".strip()


class PartyBalance(models.Model):
    """What a party's account holds: the sum of its postings, kept by one writer and repaired by a recount."""

    account = models.OneToOneField(
        LedgerAccount, verbose_name=_("ledger account"), on_delete=models.PROTECT, primary_key=True, related_name="balance"
    )
    balance = MoneyField(_("balance"), db_default=0)

    class Meta:
        verbose_name = _("party balance")
        verbose_name_plural = _("party balances")

    def __str__(self) -> str:
        return str(self.balance)


class Entry(Actored):
    """One business fact in money; its postings sum to zero per currency, enforced when they are written."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    kind = EnumField(EntryKind, verbose_name=_("kind"))
    reference = models.CharField(_("document number"), max_length=80)
    order_ref = models.UUIDField(_("order"), null=True, blank=True)
    once_key = models.CharField(max_length=160, unique=True, editable=False)
    booked_on = models.DateField(_("booked on"))
    at = models.DateTimeField(_("at"))
    memo = text(_("narration"), max_length=200)
    reverses = models.OneToOneField(
        "self", verbose_name=_("reverses"), null=True, blank=True, on_delete=models.PROTECT, related_name="reversal"
    )
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["company", "booked_on", "id"], name="billing_entry_booked"),
            models.Index(fields=["reference"], name="billing_entry_reference"),
            models.Index(fields=["order_ref"], name="billing_entry_order", condition=models.Q(order_ref__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """One side of an entry: debit positive, credit negative, in minor units of its currency."""

    entry = models.ForeignKey(Entry, verbose_name=_("entry"), on_delete=models.PROTECT, related_name="postings", db_index=False)
    account = models.ForeignKey(LedgerAccount, verbose_name=_("ledger account"), on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    party_kind = EnumField(PartyKind, verbose_name=_("party"), null=True, blank=True)
    party_id = models.BigIntegerField(_("party id"), null=True, blank=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="billing_posting_not_zero")]
        indexes = [
            models.Index(fields=["account", "-id"], name="billing_posting_account"),
            models.Index(fields=["entry"], name="billing_posting_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d}"
