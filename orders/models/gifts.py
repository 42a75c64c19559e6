"""What a company offers with gifts, and what was agreed of each."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, MoneyField, RecordedAtField, down, text
from orders.models.order import Destination
from orders.rules import LONGEST_MESSAGE, LONGEST_SENDER, LONGEST_TITLE, MOST_NAMES, Knot, NoshiPlacement, Pairing, pairing_of


class GiftMaster(models.Model):
    """Something offered with gifts, in a season or for good, by one brand or all."""

    company = down("core.Company", _("company"), db_index=False)
    brand = down(
        "core.Brand", _("brand"), null=True, blank=True, db_index=False, help_text=_("Empty: offered by every brand of the company.")
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), db_default=1, default=1)
    fee = MoneyField(_("fee"), db_default=0, default=0, help_text=_("Nothing: free of charge."))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False)
    from_on = models.DateField(_("offered from"), null=True, blank=True, help_text=_("Empty: all year round."))
    until_on = models.DateField(_("offered until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.brand is not None and self.brand.company_id != self.company_id:
            raise ValidationError({"brand": _("The brand belongs to another company.")})


def _sane(table: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(fields=["company", "code"], name=f"orders_{table}_code_once"),
        models.CheckConstraint(condition=Q(fee__gte=0), name=f"orders_{table}_fee"),
        models.CheckConstraint(
            condition=Q(from_on=None) | Q(until_on=None) | Q(until_on__gte=F("from_on")),
            name=f"orders_{table}_days",
            violation_error_message=_("“Offered until” lies before “offered from”."),
        ),
    ]


class NoshiKind(GiftMaster):
    """A noshi: the words above (表書き), the knot, and how many names of what length it takes."""

    knot = EnumField(Knot, verbose_name=_("knot"))
    own_title = models.BooleanField(
        _("words of one’s own"), db_default=False, default=False, help_text=_("Whoever orders writes the words above themselves.")
    )
    most_names = models.PositiveSmallIntegerField(
        _("names at most"), db_default=3, default=3, validators=[MaxValueValidator(MOST_NAMES)],
        help_text=_("0: it carries no name. From four on one writes “and all of us”."),
    )  # fmt: skip
    longest_name = models.PositiveSmallIntegerField(
        _("characters of a name at most"), db_default=12, default=12, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )

    class Meta:
        verbose_name = _("noshi")
        verbose_name_plural = _("noshi")
        constraints = [
            *_sane("noshikind"),
            models.CheckConstraint(condition=Q(most_names__lte=MOST_NAMES), name="orders_noshikind_names"),
        ]

    @property
    def unlucky(self) -> "Pairing | None":
        """What stands against its words on its knot, a refusal first."""
        found = NoshiPairing.objects.filter(company_id=self.company_id, knot=self.knot, ended_at=None)
        pairings = [Pairing(title=p.title, knot=Knot(p.knot), is_refused=p.is_refused, why=p.why) for p in found]
        return pairing_of(self.name, Knot(self.knot), pairings)

    def clean(self) -> None:
        super().clean()
        if (pair := self.unlucky) is not None and pair.is_refused:
            raise ValidationError({"knot": pair.why})


class Wrapping(GiftMaster):
    """A wrapping: charged once for what goes to an address, or for each piece, and up to a size."""

    by_piece = models.BooleanField(
        _("each piece by itself"), db_default=False, default=False, help_text=_("The fee is charged for every piece.")
    )
    largest_size = models.PositiveSmallIntegerField(
        _("parcel size at most"), null=True, blank=True, help_text=_("Of a piece, as kept with the article: 60, 80, 100. Empty: any.")
    )

    class Meta:
        verbose_name = _("wrapping")
        verbose_name_plural = _("wrappings")
        constraints = _sane("wrapping")


class MessageCard(GiftMaster):
    """A card with a message, and how much fits on it."""

    most_characters = models.PositiveSmallIntegerField(
        _("characters at most"), db_default=100, default=100, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MESSAGE)]
    )
    most_lines = models.PositiveSmallIntegerField(_("lines at most"), db_default=5, default=5, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("message card")
        verbose_name_plural = _("message cards")
        constraints = _sane("messagecard")


class NoshiPairing(models.Model):
    """Words and a knot that do not go together: 結び切り unites what shall not come again, and 御中元 comes every year."""

    company = down("core.Company", _("company"), db_index=False)
    title = models.CharField(
        _("words above"), max_length=LONGEST_TITLE, help_text=_("Which of the two honorific prefixes is written makes no difference.")
    )
    knot = EnumField(Knot, verbose_name=_("knot"))
    is_refused = models.BooleanField(
        _("not taken"), db_default=True, default=True, help_text=_("Otherwise whoever takes the order is only told.")
    )
    why = models.CharField(_("what is said"), max_length=200)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("unlucky pair")
        verbose_name_plural = _("unlucky pairs")
        constraints = [
            models.UniqueConstraint(fields=["company", "title", "knot"], condition=Q(ended_at=None), name="orders_noshipairing_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} / {self.get_knot_display()}"


class GiftExclusion(models.Model):
    """A product that is not wrapped: at all, or not in one wrapping."""

    company = down("core.Company", _("company"), db_index=False)
    product = down("catalog.Product", _("product"), db_index=False)
    wrapping = models.ForeignKey(
        Wrapping, verbose_name=_("wrapping"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text=_("Empty: neither noshi nor any wrapping."),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("goods not wrapped")
        verbose_name_plural = _("goods not wrapped")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "wrapping"], condition=Q(ended_at=None), nulls_distinct=False, name="orders_giftexclusion_once"
            )
        ]
        indexes = [models.Index(fields=["company"], name="orders_giftexclusion_company", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.product} / {self.wrapping or '—'}"

    def clean(self) -> None:
        for name in ("product", "wrapping"):
            named = getattr(self, name, None)
            if named is not None and named.company_id != self.company_id:
                raise ValidationError({name: _("It belongs to another company.")})


class Gift(models.Model):
    """How the goods of a destination are given, as agreed; the words are those of that day, whatever becomes of the masters."""

    destination = models.OneToOneField(
        Destination, verbose_name=_("destination"), primary_key=True, on_delete=models.PROTECT, related_name="gift"
    )
    noshi = models.ForeignKey(
        NoshiKind, verbose_name=_("noshi"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    noshi_name = text(_("noshi (as agreed)"), max_length=60)
    title = text(_("words above"), max_length=LONGEST_TITLE)
    knot = EnumField(Knot, verbose_name=_("knot"), null=True, blank=True)
    placement = EnumField(
        NoshiPlacement, verbose_name=_("where the noshi goes"), db_default=NoshiPlacement.INSIDE, default=NoshiPlacement.INSIDE
    )
    names = text(_("names on the noshi"), max_length=220)
    """One a line, the first to the right."""
    wrapping = models.ForeignKey(
        Wrapping, verbose_name=_("wrapping"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    wrapping_name = text(_("wrapping (as agreed)"), max_length=60)
    card = models.ForeignKey(
        MessageCard, verbose_name=_("message card"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    card_name = text(_("message card (as agreed)"), max_length=60)
    sender_name = text(_("sender shown"), max_length=LONGEST_SENDER)
    hides_prices = models.BooleanField(_("prices hidden"), db_default=True, default=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(noshi=None, noshi_name="", title="", knot=None, names="") | Q(noshi__isnull=False, knot__isnull=False),
                name="orders_gift_noshi",
            ),
            models.CheckConstraint(condition=Q(wrapping=None, wrapping_name="") | Q(wrapping__isnull=False), name="orders_gift_wrapping"),
            models.CheckConstraint(condition=Q(card=None, card_name="") | Q(card__isnull=False), name="orders_gift_card"),
        ]

    def __str__(self) -> str:
        return self.title or self.wrapping_name or self.card_name or str(self.destination_id)
