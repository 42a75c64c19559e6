"""The counter of a store: what is to be prepared, what lies ready, and handing over against a code."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import HouseAdmin, actor_of
from core.errors import HouseError, Refusal
from core.operations import record_personal_read
from core.queries import companies
from core.text import plain
from inventory.queries import places_of_staff
from orders.admin.entry_sale import tenders
from orders.models import PickupTerms
from orders.operations import HandOver, hand_over_pickup, look_for_pickup, prepare_pickups, renew_pickup_code
from orders.queries import PickupRow, PickupStore, pickup_rows, shipments_to_send, stores_at_work
from orders.rules import Tender

MAY = "orders.hand_over_pickup"
READ = ("name", "orders")


@admin.register(PickupTerms)
class PickupTermsAdmin(HouseAdmin):
    """How stores keep what is fetched, and the page on which they work."""

    company_path = "company"
    list_display = ("scope", "ready_days", "keep_days", "remind_days", "pays_at_store", "company", "ended_at")
    list_display_links = ("scope",)
    list_select_related = ("company", "location")
    list_filter = ("pays_at_store", "company")
    search_fields = ("location__name", "location__code")
    search_help_text = _("Store")
    ordering = ("company", "location", "pk")
    fields = (("company", "location"), ("ready_days", "keep_days", "remind_days"), "pays_at_store", "ended_at")
    empty_words = _("No terms yet: orders are ready on the same day, kept for seven days, and may be paid at the counter.")

    @admin.display(description=_("for"))
    def scope(self, row: PickupTerms) -> str:
        return str(row.location) if row.location_id else f"{row.company} ({_('all stores')})"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "location":
            company_id = getattr(request.user, "company_id", None)
            stores = db_field.remote_field.model.objects.filter(can_pick_up=True, ended_at=None)
            kwargs["queryset"] = stores.filter(company_id=company_id) if company_id else stores
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [path("work/", self.admin_site.admin_view(self.work_view), name="orders_pickup_work"), *super().get_urls()]

    def work_view(self, request: HttpRequest) -> HttpResponse:
        """The page of whoever stands at the counter."""
        return work_page(self, request)


def work_page(counter: Any, request: HttpRequest) -> HttpResponse:
    """Prepare, find by code, hand over; each is one call of one operation and may be sent twice."""
    account: Any = request.user
    if not account.has_perm(MAY):
        raise PermissionDenied
    own = {place.id: place for place in places_of_staff(account.pk, company_id=getattr(account, "company_id", None))}
    owners = {place.company_id for place in own.values()} & {company.id for company in companies()}
    stores = [store for store in stores_at_work(own) if store.company_id in owners]
    here = reverse("admin:orders_pickup_work")
    places = [store.id for store in stores]
    code = plain(request.POST.get("code", request.GET.get("code", ""))).strip()[:12]
    found = _look_for(request, code, stores) if code and stores else None
    if request.method == "POST":
        deed = next((verb for name, verb in _VERBS.items() if name in request.POST), None)
        done = deed(request, places) if deed else _hand_over(request, found, code)
        if done:
            return HttpResponseRedirect(here)
    lists = {name: pickup_rows(name, location_ids=places) for name in ("to_prepare", "ready", "ended")} if places else {}
    shown = [row for rows_ in lists.values() for row in rows_] + ([found] if found else [])
    _record(request, shown)
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Store pickup"),
        "stores": stores,
        "several": len(stores) > 1,
        "code": code,
        "found": found,
        "typed": request.POST,
        "tenders": tenders(),
        "to_prepare": lists.get("to_prepare", []),
        "ready": lists.get("ready", []),
        "ended": lists.get("ended", [])[:20],
        "to_send": shipments_to_send(places) if places else [],
        "page": here,
    }
    return TemplateResponse(request, "orders/admin/pickup.html", words)


def _look_for(request: HttpRequest, code: str, stores: Sequence[PickupStore]) -> PickupRow | None:
    account: Any = request.user
    company_id = account.company_id or stores[0].company_id
    answer = look_for_pickup(
        code,
        location_ids=[store.id for store in stores],
        company_id=company_id,
        account_id=account.pk,
        actor=actor_of(request),
        at=clock.now(),
    )
    if isinstance(answer, Refusal):
        messages.error(request, answer.text(gettext))
        return None
    return answer


def _record(request: HttpRequest, shown: Sequence[PickupRow]) -> None:
    people = sorted({f"customer:{row.buyer_ref}" for row in shown})
    record_personal_read(people, actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=READ)


def _prepare(request: HttpRequest, places: Sequence[int]) -> bool:
    asked = request.POST["prepare"]
    waiting = {row.shipment_id: row for row in pickup_rows("to_prepare", location_ids=places)}
    chosen = _key(asked)
    if chosen not in waiting:
        return True  # somebody else was quicker, or it is no parcel of this store
    (answer,) = prepare_pickups([chosen], actor=actor_of(request), at=clock.now())
    if isinstance(answer, Refusal):
        messages.error(request, answer.text(gettext))
    else:
        messages.success(
            request, gettext("Parcel %(number)s is ready; its buyer gets the code by mail.") % {"number": waiting[chosen].number}
        )
    return True


def _key(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


def _renew(request: HttpRequest, places: Sequence[int]) -> bool:
    """Its buyer lost the code, or it was said wrong too often."""
    ready = {row.shipment_id: row for row in pickup_rows("ready", location_ids=places)}
    chosen = _key(request.POST["renew"])
    if chosen not in ready:
        return True
    answer = renew_pickup_code(chosen, actor=actor_of(request), at=clock.now())
    if isinstance(answer, Refusal):
        messages.error(request, answer.text(gettext))
    else:
        messages.success(
            request, gettext("Parcel %(number)s has a new code; its buyer gets it by mail.") % {"number": ready[chosen].number}
        )
    return True


_VERBS = {"prepare": _prepare, "renew": _renew}


def _hand_over(request: HttpRequest, found: PickupRow | None, code: str) -> bool:
    """Whether it was handed over; else the page says why not."""
    if found is None:
        return False
    paid = found.owed if request.POST.get("paid") else 0
    note = request.POST.get("identity_note", "")[:120]
    said = request.POST.get("tender", "")
    tender, slip = Tender(said) if said in set(Tender) else Tender.CASH, plain(request.POST.get("slip", "")).strip()
    ask = HandOver(shipment_id=found.shipment_id, code=code, identity_note=note, paid=paid, tender=tender, slip=slip)
    try:
        answer = hand_over_pickup(ask, actor=actor_of(request), at=clock.now())
    except HouseError as error:
        answer = error.refusal
    if isinstance(answer, Refusal):
        messages.error(request, answer.text(gettext))
        return False
    messages.success(request, gettext("Parcel %(number)s was handed over.") % {"number": found.number})
    return True
