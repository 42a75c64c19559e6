"""What lists of products and variants show beside their own columns, in the same statement."""

from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from catalog.models import Price, ProductImage, ProductText
from catalog.rules.searching import SearchAsk, search_ask

TONES = {"draft": "info", "active": "success", "ended": "danger"}


def name_of(product: str) -> Coalesce:
    """The product's name in the reader's language, else the first written; ``product`` is the key to it from the row."""
    texts = ProductText.objects.filter(product=OuterRef(product)).values("name")
    return Coalesce(Subquery(texts.filter(language=(get_language() or "ja")[:2])[:1]), Subquery(texts.order_by("pk")[:1]))


def picture_of(product: str) -> Subquery:
    """The file of the product's first picture."""
    return Subquery(ProductImage.objects.filter(product=OuterRef(product)).order_by("position", "pk").values("file")[:1])


def prices_at(at: datetime) -> "QuerySet[Price]":
    """The selling prices everybody gets for one piece in a normal purchase, the one that wins first."""
    open_now = (Q(from_at__isnull=True) | Q(from_at__lte=at)) & (Q(until_at__isnull=True) | Q(until_at__gt=at))
    lists = Price.objects.filter(
        open_now,
        min_quantity=1,
        price_list__channel=None,
        price_list__rank_code="",
        price_list__cycle_from=None,
        price_list__cycle_until=None,
    ).filter(Q(price_list__purchase_type=None) | Q(price_list__purchase_type="normal"))
    return lists.order_by("price_list__is_list_price", "-price_list__priority", F("from_at").desc(nulls_last=True), "pk")


def found_by(rows: "QuerySet[Any]", typed: str, *, product: str) -> "QuerySet[Any]":
    """The rows whose product was looked for, by the same keys as in the shop."""
    asked: SearchAsk = search_ask(typed)
    if asked.is_empty:
        return rows.none()
    texts = ProductText.objects.all()
    if asked.tsquery:
        texts = texts.extra(where=["bigrams @@ %s::tsquery"], params=[asked.tsquery])
    for pattern in asked.like:
        texts = texts.extra(where=["search_key LIKE %s"], params=[pattern])
    return rows.filter(**{f"{product}__in": texts.values("product")})
