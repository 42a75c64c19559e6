"""Stocktakes: what the books said, what was counted when, and what came of the difference."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from inventory.models.goods import Location, Lot, StockItem
from inventory.models.stock import Stock
from inventory.rules import CountKind, StocktakeScope, StocktakeStatus


class ShelfMark(models.Model):
    """Where in the building a stock item lies at its location: "A-03-2"; its beginning is a zone."""

    stock = models.OneToOneField(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="mark")
    mark = models.CharField(_("shelf mark"), max_length=40)

    class Meta:
        verbose_name = _("shelf mark")
        verbose_name_plural = _("shelf marks")
        constraints = [models.CheckConstraint(condition=~Q(mark=""), name="inventory_shelfmark_says_something")]

    def __str__(self) -> str:
        return self.mark


class Stocktake(Actored):
    """A location, or a part of it, counted against the books as they stood when it began; opened by its actor."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("stocktake number"), max_length=40)
    name = text(_("name"), max_length=120)
    status = EnumField(StocktakeStatus, verbose_name=_("status"), db_default=StocktakeStatus.COUNTING.value)
    scope = EnumField(StocktakeScope, verbose_name=_("what is counted"), db_default=StocktakeScope.WHOLE.value)
    scope_text = text(_("part"), max_length=500)
    is_blind = models.BooleanField(_("blind count"), db_default=False, default=False)
    counts_lots = models.BooleanField(_("counted by lot"), db_default=True, default=True)
    round = models.PositiveSmallIntegerField(_("round"), db_default=1, default=1)
    started_at = models.DateTimeField(_("books as of"))
    submitted_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    submitted_by = text(_("handed in by"), max_length=80)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    approved_by = text(_("approved by"), max_length=80)
    approver_label = text(_("approved by"), max_length=128)
    reason = text(_("reason"), max_length=200)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        permissions = [("count_stocktake", _("Can count stock")), ("approve_stocktake", _("Can approve stocktakes"))]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="inventory_stocktake_number_once"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(approved_by="") | ~Q(status="closed"),
                name="inventory_stocktake_closed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["location", "status", "-id"], name="inventory_stocktake_location")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class StocktakeLine(models.Model):
    """One item of a stocktake, or a lot of it: what the books said at its beginning, and at the moment it was counted.

    Without a lot, of goods whose lots are counted: the pieces whose lot nobody named, and that the item belongs to this stocktake.
    """

    stocktake = models.ForeignKey(Stocktake, verbose_name=_("stocktake"), on_delete=models.PROTECT, related_name="lines", db_index=False)
    location = models.ForeignKey(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_open = models.BooleanField(_("open"), db_default=True, default=True)
    is_found = models.BooleanField(_("found while counting"), db_default=False, default=False)
    expected = models.IntegerField(_("in the books at the beginning"))
    round = models.PositiveSmallIntegerField(_("round"), db_default=1, default=1)
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    book = models.IntegerField(_("in the books when counted"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    book_movement_id = models.BigIntegerField(_("newest movement in these books"), null=True, blank=True, editable=False)
    previous_counted = models.PositiveIntegerField(_("counted the time before"), null=True, blank=True)
    previous_book = models.IntegerField(_("in the books the time before"), null=True, blank=True)
    difference = models.IntegerField(_("difference"), null=True, blank=True)
    difference_value = MoneyField(_("value of the difference"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a stocktake")
        verbose_name_plural = _("lines of stocktakes")
        constraints = [
            models.UniqueConstraint(fields=["stocktake", "stock_item", "lot"], nulls_distinct=False, name="inventory_stocktakeline_once"),
            # Two stocktakes that count the same shelf would correct the same difference twice.
            models.UniqueConstraint(
                fields=["location", "stock_item", "lot"],
                condition=Q(is_open=True),
                nulls_distinct=False,
                name="inventory_stocktakeline_open_once",
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, book__isnull=True, counted_at__isnull=True)
                | Q(counted__isnull=False, book__isnull=False, counted_at__isnull=False),
                name="inventory_stocktakeline_counted_whole",
            ),
            models.CheckConstraint(
                condition=Q(difference__isnull=True) | Q(difference=models.F("counted") - models.F("book")),
                name="inventory_stocktakeline_difference",
            ),
        ]
        indexes = [models.Index(fields=["stocktake", "difference_value"], name="inventory_stocktakeline_value")]

    def __str__(self) -> str:
        return f"{self.stock_item_id} @ {self.stocktake_id}"


class StocktakeCount(Actored):
    """One entry of a count: so many more (or fewer) pieces of a line; append-only, once per key."""

    stocktake = models.ForeignKey(Stocktake, verbose_name=_("stocktake"), on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(StocktakeLine, verbose_name=_("line"), on_delete=models.PROTECT, related_name="counts", db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    kind = EnumField(CountKind, verbose_name=_("how"))
    quantity = models.IntegerField(_("quantity"))
    book = models.IntegerField(_("in the books then"))
    code = text(_("code read"), max_length=80)
    is_total = models.BooleanField(_("replaces what was counted"), db_default=False, default=False)
    undoes = models.OneToOneField(
        "self", verbose_name=_("takes back"), null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    once_key = models.CharField(max_length=120, unique=True)
    counted_at = models.DateTimeField(_("counted at"))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        indexes = [
            models.Index(fields=["line", "-id"], name="inventory_count_line"),
            models.Index(fields=["stocktake", "-id"], name="inventory_count_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d}"
