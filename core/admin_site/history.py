"""What became of a row, as the database's own trail tells it."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.models import AuditEntry


class Remembered:
    """A page that shows who changed which column of its row when, and why."""

    opts: Any
    admin_site: Any

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What the database's own trail says of this row: who changed which column when, and why."""
        counter = cast(Any, self)
        row = counter.get_object(request, object_id)
        if row is None:
            return counter._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not counter.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = list(AuditEntry.objects.filter(table_name=self.opts.db_table, row_key=str(row.pk)).order_by("-id")[:200])
        words = {
            **self.admin_site.each_context(request),
            "title": _("History: %(record)s") % {"record": row},
            "opts": self.opts,
            "object": row,
            "entries": entries,
            "back": counter._page_url(row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/house_history.html", words)
