"""Lists of the back office under names: which filters a name stands for, and the days that move with the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext

from core import clock
from core.admin_site.people import actor_of, company_of
from core.errors import Refusal
from core.operations import remove_list_view, save_list_view
from core.queries import views_of_list

# Where somebody stands in a list, and what they typed: a name or a phone number is nobody's filter.
NOT_KEPT: Final = ("p", "q", "e", "all", "_popup", "_to_field", "_changelist_filters", "_facets")

DAY: Final = len("2026-11-30")
MOMENT: Final = "~"
"""Stands behind the name of a day where the filter wants its midnight."""


def _today() -> date:
    """The day by which the theme's date filters are made."""
    return localtime(clock.now()).date()


def _spans(today: date) -> Mapping[str, tuple[date, date]]:
    """What the date filters offer: from a day, up to but without another."""
    month, tomorrow = today.replace(day=1), today + timedelta(days=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return {
        "@today": (today, tomorrow),
        "@week": (today - timedelta(days=7), tomorrow),
        "@month": (month, next_month),
        "@year": (today.replace(month=1, day=1), today.replace(year=today.year + 1, month=1, day=1)),
    }


def kept_query(given: QueryDict, *, today: date) -> str:
    """The filters and the order as they are kept: "placed_on__gte=2026-11-30&placed_on__lt=2026-12-01" is "@today" every day."""
    kept = QueryDict(mutable=True)
    for key in sorted(given):
        if key not in NOT_KEPT and (values := [value for value in given.getlist(key) if value]):
            kept.setlist(key, values)
    spans: dict[tuple[date | None, date | None], str] = {span: name for name, span in _spans(today).items()}
    for key in [key for key in kept if key.endswith("__gte")]:
        other = f"{key.removesuffix('__gte')}__lt"
        if name := spans.get((_day(kept[key]), _day(kept.get(other, "")))):
            kept[key] = kept[other] = name + ("" if len(str(kept[key])) == DAY else MOMENT)
    return kept.urlencode(safe="@")


def opened_query(query: str, *, today: date) -> str:
    """What is kept, as the list's address has it today."""
    shown = QueryDict(query, mutable=True)
    spans = _spans(today)
    for key in shown:
        word = str(shown[key])
        if (span := spans.get(word.removesuffix(MOMENT))) is not None:
            day = span[0] if key.endswith("__gte") else span[1]
            shown[key] = str(make_aware(datetime.combine(day, time()))) if word.endswith(MOMENT) else str(day)
    return shown.urlencode()


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ShownView:
    """A named view as a link above its list."""

    id: int
    name: str
    query: str
    own: bool
    is_open: bool
    may_remove: bool


def shown_views(request: HttpRequest, list_name: str) -> list[ShownView]:
    """The named views of a list, for whoever is signed in."""
    account: Any = request.user
    today, company_id = _today(), company_of(request)
    may_share = account.has_perm("core.share_savedview")
    now = kept_query(request.GET, today=today)
    return [
        ShownView(view.id, view.name, opened_query(view.query, today=today), view.own, view.query == now, view.own or may_share)
        for view in views_of_list(list_name, owner_id=actor_of(request).id, company_id=company_id)
    ]


class NamedLists:
    """A list that people give names to, with the filters and the order it has."""

    opts: Any
    admin_site: Any

    @property
    def list_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def named_list_urls(self) -> list[URLPattern]:
        """To be matched before the pages of single rows."""
        return [
            path("views/", self.admin_site.admin_view(self.save_view), name=f"{self.list_name}_views"),
            path("views/<int:key>/remove/", self.admin_site.admin_view(self.remove_view), name=f"{self.list_name}_view_remove"),
        ]

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """The list as it was shown gets a name."""
        asked, account = QueryDict(request.POST.get("query", "")), cast(Any, request.user)
        self._must_see(request)
        shared = bool(request.POST.get("shared")) and account.has_perm("core.share_savedview")
        company_id = company_of(request) if shared else None
        query = kept_query(asked, today=_today())
        saved = save_list_view(
            self.list_name, name=request.POST.get("name", ""), query=query, shared=shared, company_id=company_id, actor=actor_of(request)
        )
        if isinstance(saved, Refusal):
            messages.error(request, saved.text(gettext))
        else:
            messages.success(request, gettext("The view “%(name)s” stands above the list.") % {"name": saved.name})
        return HttpResponseRedirect(f"{self._list_address()}?{asked.urlencode()}")

    def remove_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A name is forgotten, the list stays."""
        account: Any = request.user
        self._must_see(request)
        company_id = company_of(request)
        if request.method == "POST":
            may_share = account.has_perm("core.share_savedview")
            gone = remove_list_view(self.list_name, key, may_share=may_share, company_id=company_id, actor=actor_of(request))
            if gone:
                messages.success(request, gettext("The view is removed."))
            else:
                messages.error(request, gettext("There is no such view."))
        return HttpResponseRedirect(self._list_address())

    def _must_see(self, request: HttpRequest) -> None:
        if not cast(Any, self).has_view_permission(request):
            raise PermissionDenied

    def _list_address(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.list_name}_changelist")

    def named_list(self, request: HttpRequest) -> dict[str, Any]:
        """What the list's page shows of its names."""
        account: Any = request.user
        return {
            "list_views": shown_views(request, self.list_name),
            "list_query": request.GET.urlencode(),
            "list_chosen": bool(kept_query(request.GET, today=_today())),
            "may_share_view": account.has_perm("core.share_savedview"),
            "views_address": reverse(f"{self.admin_site.name}:{self.list_name}_views"),
            "list_address": self._list_address(),
        }
