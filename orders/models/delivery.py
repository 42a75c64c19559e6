"""How a company delivers: services of carriers, zones, how long the way is, days left out, and when delivery is free."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, MoneyField, RecordedAtField, down, text
from orders.rules import MOST_PIECES, ClosureKind, ParcelSize

POSTAL_PREFIX = RegexValidator(r"^[0-9]{1,7}\Z", _("The first digits of a postal code, without a hyphen."))
_ONE_OF_BOTH = (Q(prefecture="") & ~Q(postal_prefix="")) | (~Q(prefecture="") & Q(postal_prefix=""))


class DeliveryService(models.Model):
    """What a carrier does for the company: what it takes, where it goes, when it rings. The first that can do what is wished takes a parcel."""

    company = down("core.Company", _("company"), db_index=False)
    carrier = models.CharField(_("carrier"), max_length=40)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=60, help_text=_("As buyers read it."))
    position = models.PositiveSmallIntegerField(_("place in the order"), help_text=_("The lowest number is tried first."))
    takes_ambient = models.BooleanField(_("takes ambient goods"), db_default=True, default=True)
    takes_chilled = models.BooleanField(_("takes chilled goods"), db_default=False, default=False)
    takes_frozen = models.BooleanField(_("takes frozen goods"), db_default=False, default=False)
    most_size = EnumField(ParcelSize, verbose_name=_("largest size"), null=True, blank=True)
    most_grams = models.PositiveIntegerField(_("heaviest (g)"), null=True, blank=True)
    most_pieces = models.PositiveSmallIntegerField(
        _("most pieces"), db_default=MOST_PIECES, default=MOST_PIECES, validators=[MinValueValidator(1)],
        help_text=_("What does not fit into one parcel goes in several, each at the price of one."),
    )  # fmt: skip
    bands = text(_("time bands"), max_length=60, help_text=_("What buyers may choose from. None: no time of day can be wished."))
    takes_day = models.BooleanField(_("a day can be wished"), db_default=True, default=True)
    takes_cash = models.BooleanField(_("cash on delivery"), db_default=True, default=True)
    most_cash = MoneyField(_("most cash"), null=True, blank=True)
    latest_days = models.PositiveSmallIntegerField(
        _("days ahead"), db_default=60, default=60, help_text=_("So many days ahead a day can be wished.")
    )
    early_days = models.PositiveSmallIntegerField(
        _("days kept"), db_default=7, default=7, help_text=_("So long the carrier keeps a parcel that came before its day.")
    )
    label_kind = text(
        _("kind of label"),
        max_length=10,
        help_text=_("The carrier’s code on its labels, such as 7 for Yamato’s Nekopos. Empty: the usual one."),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("delivery service")
        verbose_name_plural = _("delivery services")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="orders_deliveryservice_once"),
            models.CheckConstraint(
                condition=Q(takes_ambient=True) | Q(takes_chilled=True) | Q(takes_frozen=True), name="orders_deliveryservice_takes",
                violation_error_message=_("A service takes goods of at least one temperature."),
            ),
            models.CheckConstraint(condition=Q(most_pieces__gte=1, most_pieces__lte=MOST_PIECES), name="orders_deliveryservice_pieces"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class DeliveryZone(models.Model):
    """A region with one price and lead time; an island zone lies within a region and goes before it."""

    company = down("core.Company", _("company"), db_index=False)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), db_default=0, default=0)
    is_remote = models.BooleanField(
        _("islands and remote places"), db_default=False, default=False,
        help_text=_("Lies within another zone and goes before it: that one’s prices hold where this one names none."),
    )  # fmt: skip
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("delivery zone")
        verbose_name_plural = _("delivery zones")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="orders_deliveryzone_once")]

    def __str__(self) -> str:
        return self.name


class DeliveryArea(models.Model):
    """A prefecture of a zone, or all postal codes in it that begin so; the longest beginning decides."""

    zone = models.ForeignKey(DeliveryZone, verbose_name=_("delivery zone"), on_delete=models.CASCADE, related_name="areas", db_index=False)
    prefecture = text(_("prefecture"), max_length=60)
    postal_prefix = models.CharField(_("postal code begins with"), max_length=7, blank=True, validators=[POSTAL_PREFIX])

    class Meta:
        verbose_name = _("area of a zone")
        verbose_name_plural = _("areas of a zone")
        constraints = [
            models.UniqueConstraint(fields=["zone", "prefecture", "postal_prefix"], name="orders_deliveryarea_once"),
            models.CheckConstraint(
                condition=_ONE_OF_BOTH, name="orders_deliveryarea_one_of_both",
                violation_error_message=_("Name a prefecture or the beginning of a postal code, one of both."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.prefecture or self.postal_prefix


class DeliveryServiceArea(models.Model):
    """Where a service goes, or does not; with none it goes everywhere, and of several the narrowest decides."""

    service = models.ForeignKey(
        DeliveryService, verbose_name=_("delivery service"), on_delete=models.CASCADE, related_name="areas", db_index=False
    )
    is_served = models.BooleanField(_("goes there"), db_default=False, default=False)
    prefecture = text(_("prefecture"), max_length=60)
    postal_prefix = models.CharField(_("postal code begins with"), max_length=7, blank=True, validators=[POSTAL_PREFIX])

    class Meta:
        verbose_name = _("area of a service")
        verbose_name_plural = _("areas of a service")
        constraints = [
            models.UniqueConstraint(fields=["service", "prefecture", "postal_prefix"], name="orders_deliveryservicearea_once"),
            models.CheckConstraint(
                condition=_ONE_OF_BOTH, name="orders_deliveryservicearea_one_of_both",
                violation_error_message=_("Name a prefecture or the beginning of a postal code, one of both."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.prefecture or self.postal_prefix


class DeliveryLeadTime(models.Model):
    """Days from leaving to arriving; what names more goes before what names less (zone, location, prefecture, service)."""

    company = down("core.Company", _("company"), db_index=False)
    location = down("inventory.Location", _("ships from"), null=True, blank=True, db_index=False)
    origin_prefecture = text(_("from prefecture"), max_length=60)
    zone = models.ForeignKey(
        DeliveryZone, verbose_name=_("to zone"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    service = models.ForeignKey(
        DeliveryService, verbose_name=_("by service"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    days = models.PositiveSmallIntegerField(_("days on the way"))
    first_band = text(
        _("first time band"),
        max_length=4,
        help_text=_("On the first possible day only this time of day and later ones. Empty: all of them."),
    )
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("lead time")
        verbose_name_plural = _("lead times")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "location", "origin_prefecture", "zone", "service"], nulls_distinct=False, name="orders_deliveryleadtime_once",
                violation_error_message=_("There is one for this way already. Change that one."),
            ),
            models.CheckConstraint(condition=Q(days__lte=60), name="orders_deliveryleadtime_days"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.location or self.origin_prefecture or '–'} → {self.zone or '–'}: {self.days}"


class DeliveryClosure(models.Model):
    """Days on which nothing is shipped, or nothing delivered: by a service, to a zone, from a location, or altogether."""

    company = down("core.Company", _("company"), db_index=False)
    kind = EnumField(ClosureKind, verbose_name=_("kind"))
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), help_text=_("The first day that is open again."))
    service = models.ForeignKey(
        DeliveryService,
        verbose_name=_("delivery service"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    zone = models.ForeignKey(
        DeliveryZone, verbose_name=_("delivery zone"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    location = down("inventory.Location", _("location"), null=True, blank=True, db_index=False)
    reason = text(_("reason"), max_length=120)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("days left out")
        verbose_name_plural = _("days left out of delivery")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gt=F("from_on")), name="orders_deliveryclosure_period",
                violation_error_message=_("It ends after it begins."),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["company", "until_on"], name="orders_deliveryclosure_open")]

    def __str__(self) -> str:
        return self.reason or f"{self.from_on} – {self.until_on}"


class FreeDelivery(models.Model):
    """From which goods total delivery is free, by channel and zone; without a total it never is there, whatever a wider one says."""

    company = down("core.Company", _("company"), db_index=False)
    label = models.CharField(_("label"), max_length=120, help_text=_("As buyers read it, such as “free from 5,400 yen”."))
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    zone = models.ForeignKey(
        DeliveryZone, verbose_name=_("delivery zone"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_goods_total = MoneyField(_("from goods total"), null=True, blank=True, help_text=_("Empty: never free there."))
    with_surcharges = models.BooleanField(
        _("surcharges too"), db_default=False, default=False, help_text=_("Else those for cold goods and islands are asked all the same.")
    )
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_until_on = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The first day on which it does not hold any more.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("free delivery")
        verbose_name_plural = _("free delivery")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_goods_total__isnull=True) | Q(from_goods_total__gte=0), name="orders_freedelivery_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True) | Q(valid_until_on__isnull=True) | Q(valid_until_on__gt=F("valid_from_on")),
                name="orders_freedelivery_period", violation_error_message=_("It ends after it begins."),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["company"], name="orders_freedelivery_company")]

    def __str__(self) -> str:
        return self.label
