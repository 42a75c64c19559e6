"""What the machine counter of the catalogue answers, for its documentation."""

from typing import Any, Final


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "format": "int64"}
_NUMBER_OR_NONE: Final = {"type": ["integer", "null"], "format": "int64"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_MOMENT_OR_NONE: Final = {"type": ["string", "null"], "format": "date-time"}
_PRODUCT_ID: Final = {"type": "string", "pattern": "^prd_[0-9a-f]{32}$"}
_VARIANT_ID: Final = {"type": "string", "pattern": "^var_[0-9a-f]{32}$"}

PRODUCT_SCHEMA: Final = _object(
    id=_PRODUCT_ID,
    code=_TEXT,
    kind={"type": "string", "enum": ["goods", "service", "reference"]},
    status={"type": "string", "enum": ["draft", "active", "ended"]},
    brand=_TEXT_OR_NONE,
    tax_class=_TEXT,
    temperature_zone={"type": "string", "enum": ["ambient", "chilled", "frozen"]},
    content=_object(quantity=_NUMBER_OR_NONE, unit=_TEXT),
    use_days=_NUMBER_OR_NONE,
    texts=_many(_object(language=_TEXT, name=_TEXT, kana=_TEXT, summary=_TEXT)),
    variants=_many(_object(id=_VARIANT_ID, sku=_TEXT, jan=_TEXT, option=_TEXT, ended_at=_MOMENT_OR_NONE)),
    version=_NUMBER,
)
VARIANT_SCHEMA: Final = _object(
    id=_VARIANT_ID,
    product=_object(id=_PRODUCT_ID, code=_TEXT),
    sku=_TEXT,
    jan=_TEXT,
    option=_TEXT,
    option_en=_TEXT,
    weight_grams=_NUMBER_OR_NONE,
    purchase_types=_many({"type": "string", "enum": ["normal", "spot", "subscription", "free"]}),
    max_quantity=_NUMBER_OR_NONE,
    ended_at=_MOMENT_OR_NONE,
    version=_NUMBER,
)
PRICE_SCHEMA: Final = _object(
    list=_TEXT,
    channel=_TEXT_OR_NONE,
    rank=_TEXT,
    purchase_type=_TEXT_OR_NONE,
    min_quantity=_NUMBER,
    amount={**_NUMBER, "description": "In the currency's smallest unit."},
    currency=_TEXT,
    tax_basis={"type": "string", "enum": ["included", "excluded"]},
    from_at=_MOMENT_OR_NONE,
    until_at=_MOMENT_OR_NONE,
)
