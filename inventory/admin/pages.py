"""What the sheets of purchasing and transfers have in common: their head, their columns, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.queries import companies
from inventory.admin.sheets import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCell:
    """A field above the lines."""

    name: str
    label: Any
    kind: str = "text"
    most: int = 120
    choices: Sequence[tuple[str, str]] = ()
    help: Any = ""


def company_of_staff(request: HttpRequest) -> int:
    """The company a member of staff works for; the first one for those who serve all."""
    company_id = getattr(request.user, "company_id", None)
    return int(company_id or companies()[0].id)


def show_sheet(
    request: HttpRequest,
    sheet: Sheet,
    *,
    counter: Any,
    title: str,
    save_words: str,
    back: str,
    head: Sequence[HeadCell],
    columns: Sequence[str],
    subtitle: str = "",
    expected_words: str = "",
) -> HttpResponse:
    """The page as it stands, faults beside their fields."""
    cells = [
        {
            "name": cell.name, "label": cell.label, "kind": cell.kind, "most": cell.most, "choices": cell.choices, "help": cell.help,
            "value": sheet.head.get(cell.name, ""), "fault": sheet.faults.get(cell.name, ""),
        }
        for cell in head
    ]  # fmt: skip
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": title,
        "subtitle": subtitle,
        "sheet": sheet,
        "head": cells,
        "shows": dict.fromkeys(columns, True),
        "expected_words": expected_words,
        "quantity_words": _("quantity"),
        "save_words": save_words,
        "back": back,
        "index": sheet.index(),
    }
    return TemplateResponse(
        request, "inventory/admin/sheet.html", words, status=422 if sheet.notices or sheet.faults or not sheet.is_clean else 200
    )
