"""A segment's conditions as sentences people read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import SegmentCondition
from campaigns.rules import ConditionKind
from core.db import rows

_NAMED = ("product", "category", "sales_channel", "rank", "tag", "campaign")


_PRODUCT_NAMES = """
SELECT DISTINCT ON (t.product_id) t.product_id, t.name FROM campaigns_segmentcondition c JOIN catalog_producttext t ON t.product_id = c.product_id
WHERE c.segment_id = %s ORDER BY t.product_id, t.language <> %s
"""


def in_words(segment_id: int) -> list[str]:
    """Each condition of a segment in words, the alternatives of one kind on one line; two statements. None: everybody."""
    names = {r.product_id: r.name for r in rows(_PRODUCT_NAMES, (segment_id, (get_language() or "ja")[:2]))}
    stored = list(SegmentCondition.objects.filter(segment_id=segment_id).select_related(*_NAMED).order_by("id"))
    wanted: dict[str, list[SegmentCondition]] = {}
    for row in stored:
        if not row.excluded:
            wanted.setdefault(row.kind, []).append(row)
    lines = [
        _("%(kind)s: %(what)s") % {"kind": found[0].get_kind_display(), "what": _(" or ").join(_what(row, names) for row in found)}
        for found in wanted.values()
    ]
    lines += [_("Not: %(kind)s: %(what)s") % {"kind": row.get_kind_display(), "what": _what(row, names)} for row in stored if row.excluded]
    return lines or [_("Every customer")]


def _what(row: SegmentCondition, names: Mapping[int, str]) -> str:
    kind = ConditionKind(row.kind)
    if kind in (ConditionKind.CONSENT, ConditionKind.SUBSCRIPTION):
        return _("yes")
    if kind is ConditionKind.PREFECTURE:
        return row.prefecture
    named: Any = next((thing for name in _NAMED if (thing := getattr(row, name)) is not None), None)
    if named is None:
        return _range(row.at_least, row.at_most)
    named = names.get(row.product_id or 0, named) if kind is ConditionKind.PRODUCT else named
    if row.within_days is None:
        return str(named)
    return _("%(what)s (within %(days)s days)") % {"what": named, "days": f"{row.within_days:,}"}


def _range(at_least: int | None, at_most: int | None) -> str:
    if at_least == at_most:
        return f"{at_least:,}"
    if at_most is None:
        return _("%(number)s or more") % {"number": f"{at_least:,}"}
    if at_least is None:
        return _("up to %(number)s") % {"number": f"{at_most:,}"}
    return _("%(low)s to %(high)s") % {"low": f"{at_least:,}", "high": f"{at_most:,}"}
