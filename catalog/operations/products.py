"""Writing products with their texts, variants and places: a batch at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from catalog.events import ProductChanged, VariantEnded
from catalog.operations.search_keys import write_search_keys
from catalog.queries import named_profiles
from catalog.rules.drafts import ImageDraft, ProductDraft, SavedProduct, refusal_of_draft, repeated
from catalog.rules.kinds import ProductStatus
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Conflict, Refusal
from core.outbox import announce
from core.words import gettext_noop as _

UNKNOWN_BRAND: Final = _("There is no brand “%(code)s”.")
UNKNOWN_TAX_CLASS: Final = _("There is no tax class “%(code)s”.")
UNKNOWN_CATEGORY: Final = _("There is no category “%(code)s” in this tree.")
UNKNOWN_PROFILE: Final = _("There is no workflow profile “%(code)s”. Choose one of %(codes)s, or write it first under workflow profiles.")
SKU_TAKEN: Final = _("The SKU “%(sku)s” belongs to the product “%(code)s”.")

_KNOWN: Final = """
SELECT 'brand' AS kind, code AS key, '' AS also, id FROM core_brand WHERE company_id = %(company)s
UNION ALL SELECT 'tax', code, '', 0 FROM core_taxclass
UNION ALL
SELECT 'category', ct.code || '/' || c.code, '', c.id FROM catalog_category c JOIN catalog_categorytree ct ON ct.id = c.tree_id
WHERE ct.company_id = %(company)s AND ct.code || '/' || c.code = ANY(%(categories)s::text[])
UNION ALL
SELECT 'sku', v.sku, p.code, v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
WHERE v.company_id = %(company)s AND v.sku = ANY(%(skus)s::text[])
UNION ALL
SELECT 'product', code, '', id FROM catalog_product WHERE company_id = %(company)s AND code = ANY(%(codes)s::text[])
"""
_RECORDS: Final = "FROM jsonb_to_recordset(%(records)s::jsonb) AS r"
_FIELDS: Final = (
    "brand_id", "kind", "status", "tax_class", "temperature_zone", "workflow_profile", "content_quantity", "content_unit", "use_days", "position",
)  # fmt: skip


def _assign(fields: Sequence[str]) -> str:
    return ", ".join(f"{f} = EXCLUDED.{f}" for f in fields)


def _differ(table: str, fields: Sequence[str]) -> str:
    return f"({', '.join(f'{table}.{f}' for f in fields)}) IS DISTINCT FROM ({', '.join(f'EXCLUDED.{f}' for f in fields)})"


_PRODUCTS: Final = f"""
INSERT INTO catalog_product (company_id, code, {", ".join(_FIELDS)})
SELECT %(company)s, r.code, {", ".join("r." + f for f in _FIELDS)}
{_RECORDS} (code text, brand_id bigint, kind text, status text, tax_class text, temperature_zone text, workflow_profile text,
    content_quantity int, content_unit text, use_days int, position int)
ORDER BY r.code
ON CONFLICT (company_id, code) DO UPDATE SET {_assign(_FIELDS)}, version = catalog_product.version + 1
WHERE {_differ("catalog_product", _FIELDS)}
RETURNING id AS product_id
"""
_TEXT_FIELDS: Final = ("name", "kana", "summary", "description", "keywords")
_TEXTS: Final = f"""
INSERT INTO catalog_producttext (product_id, language, {", ".join(_TEXT_FIELDS)})
SELECT p.id, r.language, {", ".join("r." + f for f in _TEXT_FIELDS)}
{_RECORDS} (code text, place int, language text, name text, kana text, summary text, description text, keywords text)
JOIN catalog_product p ON p.company_id = %(company)s AND p.code = r.code
ORDER BY p.id, r.place
ON CONFLICT (product_id, language) DO UPDATE SET {_assign(_TEXT_FIELDS)} WHERE {_differ("catalog_producttext", _TEXT_FIELDS)}
RETURNING product_id
"""
_VARIANT_FIELDS: Final = ("jan", "option", "option_en", "weight_grams", "parcel_size", "purchase_types", "max_quantity", "position")
_VARIANTS: Final = f"""
INSERT INTO catalog_variant (company_id, product_id, sku, {", ".join(_VARIANT_FIELDS)})
SELECT %(company)s, p.id, r.sku, {", ".join("r." + f for f in _VARIANT_FIELDS)}
{_RECORDS} (code text, sku text, jan text, option text, option_en text, weight_grams int, parcel_size text, purchase_types text,
    max_quantity int, position int)
JOIN catalog_product p ON p.company_id = %(company)s AND p.code = r.code
ORDER BY r.sku
ON CONFLICT (company_id, sku) DO UPDATE SET {_assign(_VARIANT_FIELDS)}, version = catalog_variant.version + 1
WHERE {_differ("catalog_variant", _VARIANT_FIELDS)}
RETURNING product_id
"""
# Only places in the tree that the draft speaks of are given up: last season's stay, so that years compare.
_LEAVE: Final = f"""
DELETE FROM catalog_productcategory pc USING catalog_category c, catalog_category named, catalog_product p
WHERE c.id = pc.category_id AND p.id = pc.product_id AND p.company_id = %(company)s
  AND (p.code, named.id) IN (SELECT r.code, r.category_id {_RECORDS} (code text, category_id bigint)) AND c.tree_id = named.tree_id
  AND (p.code, pc.category_id) NOT IN (SELECT r.code, r.category_id {_RECORDS} (code text, category_id bigint))
RETURNING pc.product_id
"""
_PLACE: Final = f"""
INSERT INTO catalog_productcategory (product_id, category_id, is_main)
SELECT p.id, r.category_id, r.is_main {_RECORDS} (code text, category_id bigint, is_main boolean)
JOIN catalog_product p ON p.company_id = %(company)s AND p.code = r.code ORDER BY p.id, r.category_id
ON CONFLICT (product_id, category_id) DO UPDATE SET is_main = EXCLUDED.is_main
WHERE catalog_productcategory.is_main <> EXCLUDED.is_main
RETURNING product_id
"""
_SAVED: Final = """
SELECT p.code, p.id, p.public_id, v.sku, v.id AS variant_id FROM catalog_product p LEFT JOIN catalog_variant v ON v.product_id = p.id
WHERE p.company_id = %(company)s AND p.code = ANY(%(codes)s::text[])
"""


@operation
def save_products(drafts: Sequence[ProductDraft], *, company_id: int, actor: Actor, at: datetime) -> list[SavedProduct | Refusal]:
    """Products stand as drafted, new or changed, with texts, variants and places, and can be found.

    Ten statements whatever the number. Announces ProductChanged for each that changed. Refuses item by item with "catalog.no_code",
    "catalog.no_name", "catalog.no_sku", "catalog.bad_jan", "catalog.twice_in_batch", "catalog.unknown_brand",
    "catalog.unknown_tax_class", "catalog.unknown_profile" (of a company that has some), "catalog.unknown_category", "catalog.sku_taken". Saving the same again changes
    nothing. Raises Conflict "catalog.sku_taken" where another save took a SKU in the meantime.
    """
    known = _known(drafts, company_id)
    profiles = [one.code for one in named_profiles([company_id])] if any(d.workflow_profile for d in drafts) else []
    refused = repeated(drafts)
    for place, draft in enumerate(drafts):
        said = (
            refused.get(place) or refusal_of_draft(draft, is_new=("product", draft.code) not in known) or _refusal(draft, known, profiles)
        )
        if said is not None:
            refused[place] = said
    kept = [draft for place, draft in enumerate(drafts) if place not in refused]
    saved = _write(kept, known, company_id) if kept else {}
    return [refused.get(place) or saved[draft.code] for place, draft in enumerate(drafts)]


def _known(drafts: Sequence[ProductDraft], company_id: int) -> dict[tuple[str, str], Any]:
    asked = {
        "company": company_id,
        "categories": [f"{d.tree_code}/{code}" for d in drafts for code in d.categories or ()],
        "skus": [v.sku for d in drafts for v in d.variants],
        "codes": [d.code for d in drafts],
    }
    return {(row.kind, row.key): row for row in rows(_KNOWN, asked)}


def _refusal(draft: ProductDraft, known: dict[tuple[str, str], Any], profiles: Sequence[str]) -> Refusal | None:
    if draft.brand_code and ("brand", draft.brand_code) not in known:
        return Refusal("catalog.unknown_brand", UNKNOWN_BRAND, {"code": draft.brand_code}, "brand_code")
    if ("tax", draft.tax_class) not in known:
        return Refusal("catalog.unknown_tax_class", UNKNOWN_TAX_CLASS, {"code": draft.tax_class}, "tax_class")
    if draft.workflow_profile and profiles and draft.workflow_profile not in profiles:
        about = {"code": draft.workflow_profile, "codes": ", ".join(profiles)}
        return Refusal("catalog.unknown_profile", UNKNOWN_PROFILE, about, "workflow_profile")
    for code in draft.categories or ():
        if ("category", f"{draft.tree_code}/{code}") not in known:
            return Refusal("catalog.unknown_category", UNKNOWN_CATEGORY, {"code": code}, "categories")
    for variant in draft.variants:
        owner = known.get(("sku", variant.sku))
        if owner is not None and owner.also != draft.code:
            return Refusal("catalog.sku_taken", SKU_TAKEN, {"sku": variant.sku, "code": owner.also}, "variants")
    return None


def _write(drafts: Sequence[ProductDraft], known: dict[tuple[str, str], Any], company_id: int) -> dict[str, SavedProduct]:
    touched: set[int] = set()

    def put(sql: str, records: list[dict[str, Any]]) -> None:
        if records:
            touched.update(row.product_id for row in rows(sql, {"company": company_id, "records": _json(records)}))

    put(_PRODUCTS, [_product_record(d, known) for d in drafts])
    put(
        _TEXTS,
        [
            {"code": d.code, "place": i, "language": t.language, **{f: getattr(t, f) for f in _TEXT_FIELDS}}
            for d in drafts
            for i, t in enumerate(d.texts)
        ],
    )
    put(_VARIANTS, [_variant_record(d, v) for d in drafts for v in d.variants])
    places = [
        {"code": d.code, "category_id": known[("category", f"{d.tree_code}/{code}")].id, "is_main": i == 0}
        for d in drafts
        for i, code in enumerate(d.categories or ())
    ]
    put(_LEAVE, places)
    put(_PLACE, places)
    found = rows(_SAVED, {"company": company_id, "codes": [d.code for d in drafts]})
    write_search_keys(sorted(touched))
    by_code: dict[str, list[Any]] = {}
    for row in found:
        by_code.setdefault(row.code, []).append(row)
    saved = {draft.code: _saved(draft, by_code[draft.code], known) for draft in drafts}
    announce(*(ProductChanged(s.product_id, company_id, s.code) for s in saved.values() if s.product_id in touched))
    return saved


def _saved(draft: ProductDraft, found: Sequence[Any], known: dict[tuple[str, str], Any]) -> SavedProduct:
    ids = {row.sku: row.variant_id for row in found}
    for variant in draft.variants:
        if variant.sku not in ids:  # somebody gave it to another product since we looked
            raise Conflict("catalog.sku_taken", SKU_TAKEN, params={"sku": variant.sku, "code": "?"}, field="variants")
    return SavedProduct(
        product_id=found[0].id,
        public_id=found[0].public_id,
        code=draft.code,
        is_new=("product", draft.code) not in known,
        variants=tuple((v.sku, ids[v.sku]) for v in draft.variants),
    )


def _product_record(draft: ProductDraft, known: dict[tuple[str, str], Any]) -> dict[str, Any]:
    record = {f: getattr(draft, f) for f in _FIELDS if f != "brand_id"}
    return {"code": draft.code, "brand_id": known[("brand", draft.brand_code)].id if draft.brand_code else None, **record}


def _variant_record(draft: ProductDraft, variant: Any) -> dict[str, Any]:
    record = {f: getattr(variant, f) for f in _VARIANT_FIELDS}
    return {"code": draft.code, "sku": variant.sku, **record, "purchase_types": ",".join(variant.purchase_types)}


def _json(records: list[dict[str, Any]]) -> str:
    return orjson.dumps(records).decode()


@operation
def end_variants(variant_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str = "") -> list[int]:
    """Variants are no longer sold from this moment; answers with those that still were. Repeating it changes nothing."""
    ended = rows(
        "UPDATE catalog_variant SET ended_at = %s, version = version + 1 WHERE id IN ("
        " SELECT id FROM catalog_variant WHERE id = ANY(%s::bigint[]) AND (ended_at IS NULL OR ended_at > %s) ORDER BY id FOR UPDATE)"
        " RETURNING id, sku",
        (at, list(variant_ids), at),
    )
    announce(*(VariantEnded(row.id, row.sku) for row in sorted(ended)))
    return sorted(row.id for row in ended)


@operation
def set_images(drafts: Sequence[ImageDraft], *, actor: Actor, at: datetime) -> None:
    """The products named show exactly these pictures, in this order. Repeating it changes nothing."""
    records = _json([{f: getattr(d, f) for f in ("product_id", "file", "alt", "position")} for d in drafts])
    wanted = "jsonb_to_recordset(%(records)s::jsonb) AS r (product_id bigint, file text, alt text, position int)"
    run(
        f"DELETE FROM catalog_productimage i WHERE i.product_id IN (SELECT r.product_id FROM {wanted})"
        f" AND (i.product_id, i.file, i.alt, i.position) NOT IN (SELECT r.product_id, r.file, r.alt, r.position FROM {wanted})",
        {"records": records},
    )
    run(
        f"INSERT INTO catalog_productimage (product_id, file, alt, position) SELECT r.product_id, r.file, r.alt, r.position FROM {wanted}"
        " EXCEPT SELECT product_id, file, alt, position FROM catalog_productimage",
        {"records": records},
    )


@operation
def change_status(product_ids: Sequence[int], *, status: ProductStatus, actor: Actor, at: datetime, reason: str = "") -> int:
    """The products stand in this status; answers with how many didn't before. Announces ProductChanged for each of them."""
    changed = rows(
        "UPDATE catalog_product SET status = %s, version = version + 1 WHERE id IN ("
        " SELECT id FROM catalog_product WHERE id = ANY(%s::bigint[]) AND status <> %s ORDER BY id FOR NO KEY UPDATE)"
        " RETURNING id, company_id, code",
        (str(status), list(product_ids), str(status)),
    )
    announce(*(ProductChanged(p.id, p.company_id, p.code) for p in sorted(changed)))
    return len(changed)
