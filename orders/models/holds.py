"""The rules by which orders wait for somebody to look at them."""

import re

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from core.fields import EnumField, MoneyField, down, text
from core.text import fold_dashes, plain, search_key
from orders.models.profiles import WorkflowProfile
from orders.rules import HoldKind

_UP_TO_SEVEN_DIGITS = re.compile("[0-9]{1,7}")
_COMMAS = re.compile("[,，、\n]")
CONDITIONS = (
    "channel", "method", "total_from", "first_order", "has_remark", "repeats_within_days", "has_time_band", "postal_differs", "postal_prefixes",
    "words", "profile", "article_pieces_from", "pieces_from", "over_credit_limit", "awaits_approval",
)  # fmt: skip


class HoldRule(models.Model):
    """Orders that meet all of its conditions are held when they are placed. Holds that it raised outlast its end."""

    company = down("core.Company", _("company"), db_index=False)
    position = models.PositiveSmallIntegerField(_("position"), db_default=1, default=1)
    name = models.CharField(
        _("reason"), max_length=200, help_text=_("What whoever looks at the order should check; shown on the held order.")
    )
    kind = EnumField(HoldKind, verbose_name=_("kind"))
    role = down(
        "auth.Group", _("released only by"), null=True, blank=True, db_index=False,
        help_text=_("Empty: by everybody who may release holds."),
    )  # fmt: skip
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"), null=True, blank=True)
    total_from = MoneyField(_("total from"), null=True, blank=True, help_text=_("Tax included."))
    first_order = models.BooleanField(_("first order"), db_default=False, default=False)
    has_remark = models.BooleanField(_("with a remark"), db_default=False, default=False)
    repeats_within_days = models.PositiveSmallIntegerField(
        _("same products again within days"), null=True, blank=True, help_text=_("An earlier order of exactly these products, by the same customer.")
    )  # fmt: skip
    has_time_band = models.BooleanField(_("with a time band"), db_default=False, default=False)
    postal_differs = models.BooleanField(_("prefecture is not that of the postal code"), db_default=False, default=False)
    postal_prefixes = ArrayField(
        models.CharField(max_length=20), verbose_name=_("postal codes that begin with"), db_default=[], default=list, blank=True,
        help_text=_("Digits, parted by commas: 100, 9070."),
    )  # fmt: skip
    words = ArrayField(
        models.CharField(max_length=80), verbose_name=_("words in address or remark"), db_default=[], default=list, blank=True,
        help_text=_("Parted by commas; one of them is enough. Width, kana and capitals make no difference."),
    )  # fmt: skip
    profile = text(_("workflow profile"), max_length=40, default="", help_text=_("Orders with goods of this profile."))
    article_pieces_from = models.PositiveIntegerField(_("pieces of one article from"), null=True, blank=True)
    pieces_from = models.PositiveIntegerField(_("pieces in all from"), null=True, blank=True)
    pieces_within_days = models.PositiveSmallIntegerField(
        _("counting the customer's orders of days"), null=True, blank=True, help_text=_("Empty: this order alone.")
    )
    over_credit_limit = models.BooleanField(
        _("over the credit limit"), db_default=False, default=False,
        help_text=_("What the customer owes, with this order, is more than the limit kept with the customer."),
    )  # fmt: skip
    awaits_approval = models.BooleanField(
        _("deferred payment not approved"), db_default=False, default=False, help_text=_("Held until the payment after delivery is approved.")
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold rule")
        verbose_name_plural = _("hold rules")
        ordering = ["company", "position", "id"]
        indexes = [models.Index(fields=["company"], name="orders_holdrule_company", condition=models.Q(ended_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel__isnull=False)
                | models.Q(method__isnull=False)
                | models.Q(total_from__isnull=False)
                | models.Q(repeats_within_days__isnull=False)
                | models.Q(first_order=True)
                | models.Q(has_remark=True)
                | models.Q(has_time_band=True)
                | models.Q(postal_differs=True)
                | ~models.Q(postal_prefixes=[])
                | ~models.Q(words=[])
                | ~models.Q(profile="")
                | models.Q(article_pieces_from__isnull=False)
                | models.Q(pieces_from__isnull=False)
                | models.Q(over_credit_limit=True)
                | models.Q(awaits_approval=True),
                name="orders_holdrule_asks_something",
            ),
            models.CheckConstraint(
                condition=models.Q(pieces_within_days__isnull=True)
                | models.Q(article_pieces_from__isnull=False)
                | models.Q(pieces_from__isnull=False),
                name="orders_holdrule_days_of_pieces",
                violation_error_message=_("Say how many pieces, or leave the days empty."),
            ),
            models.CheckConstraint(
                condition=models.Q(awaits_approval=True, kind="approval") | (models.Q(awaits_approval=False) & ~models.Q(kind="approval")),
                name="orders_holdrule_approval",
                violation_error_message=_("“Deferred payment not approved” is a kind and a condition: choose both, or neither."),
            ),
            models.CheckConstraint(condition=models.Q(total_from__isnull=True) | models.Q(total_from__gte=0), name="orders_holdrule_total"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not any(getattr(self, name) not in (None, False, [], "") for name in CONDITIONS):
            raise ValidationError(_("Name at least one condition: a rule without any would hold every order."))
        if self.channel_id and self.company_id and self.channel is not None and self.channel.company_id != self.company_id:
            raise ValidationError({"channel": _("The channel belongs to another company.")})
        said = (word.strip() for one in self.words for word in _COMMAS.split(one))
        self.words = list(dict.fromkeys(plain(word) for word in said if search_key(word)))
        self.profile = self.profile.strip()
        if self.profile and self.company_id and not WorkflowProfile.objects.filter(company_id=self.company_id, code=self.profile).exists():
            words = _("There is no workflow profile “%(code)s”. Choose one of the list, or write it first.")
            raise ValidationError({"profile": ValidationError(words, params={"code": self.profile})})
        self.postal_prefixes = [fold_dashes(plain(prefix)).replace("-", "").strip() for prefix in self.postal_prefixes]
        if odd := [prefix for prefix in self.postal_prefixes if not _UP_TO_SEVEN_DIGITS.fullmatch(prefix)]:
            words = _("A postal code begins with up to seven digits; “%(prefix)s” does not.")
            raise ValidationError({"postal_prefixes": ValidationError(words, params={"prefix": odd[0]})})
