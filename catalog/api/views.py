"""The machine counter of the catalogue: products, articles and prices, to be read."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from catalog.api.shapes import PRICE_SCHEMA, PRODUCT_SCHEMA, VARIANT_SCHEMA
from catalog.queries import price_rows_of, product_of, products_of, variant_of, variants_of
from catalog.rules import ProductStatus, purchase_types_of
from core.api.shapes import Choice, Code, Text
from core.api.versions import etag
from core.api.views import ApiView
from core.ids import parse, public

READ = {"GET": "catalog:read"}


def _key(row: Any) -> tuple[datetime, int]:
    return row.recorded_at, row.id


def _product(row: Any) -> dict[str, Any]:
    return {
        "id": public("prd", row.public_id),
        "code": row.code,
        "kind": row.kind,
        "status": row.status,
        "brand": row.brand,
        "tax_class": row.tax_class,
        "temperature_zone": row.temperature_zone,
        "content": {"quantity": row.content_quantity, "unit": row.content_unit},
        "use_days": row.use_days,
        "texts": row.texts or [],
        "variants": row.variants or [],
        "version": row.version,
    }


def _variant(row: Any) -> dict[str, Any]:
    return {
        "id": public("var", row.public_id),
        "product": {"id": public("prd", row.product_public_id), "code": row.product_code},
        "sku": row.sku,
        "jan": row.jan,
        "option": row.option,
        "option_en": row.option_en,
        "weight_grams": row.weight_grams,
        "purchase_types": sorted(purchase_types_of(row.purchase_types)),
        "max_quantity": row.max_quantity,
        "ended_at": row.ended_at,
        "version": row.version,
    }


def _price(row: Any) -> dict[str, Any]:
    return {
        "list": row.list,
        "channel": row.channel,
        "rank": row.rank_code,
        "purchase_type": row.purchase_type,
        "min_quantity": row.min_quantity,
        "amount": row.amount,
        "currency": row.currency,
        "tax_basis": row.tax_basis,
        "from_at": row.from_at,
        "until_at": row.until_at,
    }


class ProductList(ApiView):
    """The company's products with their texts and articles, newest first."""

    scopes = READ
    filters = {"status": Choice(ProductStatus).optional(), "code": Text(max=64).optional()}
    gives = {"GET": PRODUCT_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """A page of products."""
        asked, given = self.page(request)
        found = products_of(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=_key, show=_product)


class ProductDetail(ApiView):
    """One product."""

    scopes = READ
    gives = {"GET": PRODUCT_SCHEMA}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        """The product; its ETag is its version."""
        self.query(request)
        row = product_of(self.partner(request).company_id, public_id=parse("prd", public_id))
        return self.answer(_product(row), etag=etag(row.version))


class VariantList(ApiView):
    """The company's articles, newest first."""

    scopes = READ
    filters = {"sku": Text(max=64).optional(), "jan": Code(max=14).optional()}
    gives = {"GET": VARIANT_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """A page of articles."""
        asked, given = self.page(request)
        found = variants_of(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=_key, show=_variant)


class VariantDetail(ApiView):
    """One article."""

    scopes = READ
    gives = {"GET": VARIANT_SCHEMA}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        """The article; its ETag is its version."""
        self.query(request)
        row = variant_of(self.partner(request).company_id, public_id=parse("var", public_id))
        return self.answer(_variant(row), etag=etag(row.version))


class PriceList(ApiView):
    """What an article was, is and will be sold for, the latest written first."""

    scopes = READ
    gives = {"GET": PRICE_SCHEMA}
    pages = True

    def get(self, request: Request, public_id: str) -> HttpResponse:
        """A page of its prices."""
        asked, _given = self.page(request)
        found = price_rows_of(
            self.partner(request).company_id,
            variant_public_id=parse("var", public_id),
            limit=asked.limit + 1,
            before_id=asked.after and asked.after[1],
        )
        return self.list(found, asked, key=_key, show=_price)
