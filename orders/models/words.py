"""What an order is found by: its numbers, names, addresses of mail and phones, folded, one row each."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from core.fields import down
from orders.models.order import Order


class OrderWords(models.Model):
    """The words of an order, as `rules.words_of` folds them. Narrow and apart, so that a status that moves touches no search index."""

    order = models.OneToOneField(Order, verbose_name=_("order"), primary_key=True, on_delete=models.PROTECT, related_name="+")
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    placed_at = models.DateTimeField(_("placed at"))
    words = models.TextField(_("words"), editable=False)
    pairs = models.GeneratedField(
        expression=Func(F("words"), function="orders_pairs"), output_field=SearchVectorField(), db_persist=True, editable=False
    )

    class Meta:
        verbose_name = _("words of an order")
        verbose_name_plural = _("words of orders")
        indexes = [
            models.Index(fields=["company", "-placed_at", "-order"], name="orders_orderwords_newest"),
            GinIndex(fields=["words"], opclasses=["gin_trgm_ops"], name="orders_orderwords_trigram", gin_pending_list_limit=16_384),
            GinIndex(fields=["pairs"], name="orders_orderwords_pairs", gin_pending_list_limit=16_384),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}"
