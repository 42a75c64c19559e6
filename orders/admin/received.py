"""Papers that came by post and fax: handed in, typed by one person each, set aside, and shown beside the order desk."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import LedgerAdmin, PersonalData, ReasonForm, Verb, actor_of, company_of, status_column
from core.errors import HouseError, Refusal
from core.operations import record_personal_read
from core.paper import picture_of_pdf
from core.queries import ChannelContext, CompanyContext, companies, open_channels
from core.text import written_day
from orders.models import ReceivedPaper
from orders.operations import PapersKept, decide_papers, receive_papers, requeue_papers, take_next_paper, take_paper
from orders.queries import paper_counts, paper_queue, scan_of_paper
from orders.rules import MOST_PAPER_BYTES, PAPER_CHANNELS, PaperBatch, PaperWay, ReceivedState

MAY = "orders.place_order"
MOST_FILES = 50
TONES = {ReceivedState.WAITING: "warning", ReceivedState.ORDERED: "success", ReceivedState.SET_ASIDE: "info"}


@admin.register(ReceivedPaper)
class ReceivedPaperAdmin(LedgerAdmin):
    """Every paper that came, the newest first, and what became of it."""

    company_path = "company"
    list_display = ("shown", "received_on", "way", "shown_state", "typist", "shown_order", "reason", "medium", "ad_code")
    list_display_links = ("shown",)
    list_select_related = ("typist", "order", "company")
    list_filter = ("state", "way", "company", ("received_on", admin.DateFieldListFilter))
    search_fields = ("name", "=order__number", "=ad_code")
    search_help_text = _("File, order number, ad code")
    ordering = ("-pk",)
    fields = (
        ("received_on", "way", "channel"), ("medium", "ad_code"), ("name", "page"), ("shown_state", "typist"), ("shown_order", "reason"), "look",
    )  # fmt: skip
    readonly_fields = ("shown_state", "shown_order", "look")
    personal = PersonalData(fields=("scan",), subject=lambda row: f"paper:{row.public_id}")
    empty_words = _("No paper has come yet. “Paper orders” takes in scans and faxes.")
    actions_list = ("go_work",)
    shown_state = status_column("state", description=_("state"), tones=TONES)
    verbs = (
        Verb(
            name="set-aside", label=_("Set aside"), permission=MAY, form=ReasonForm, icon="pause",
            explanation=_("The paper leaves the queue until somebody puts it back."), offered=lambda p: p.state in ("waiting", "no_order"),
            run=lambda call: decide_papers(call.ids, state=ReceivedState.SET_ASIDE, reason=call.reason, actor=call.actor, at=call.at),
        ),
        Verb(
            name="no-order", label=_("Not an order"), permission=MAY, form=ReasonForm, icon="block",
            explanation=_("Advertising, a question, a second copy: the paper leaves the queue."), offered=lambda p: p.state in ("waiting", "set_aside"),
            run=lambda call: decide_papers(call.ids, state=ReceivedState.NO_ORDER, reason=call.reason, actor=call.actor, at=call.at),
        ),
        Verb(
            name="requeue", label=_("Back into the queue"), permission=MAY, form=None, icon="undo",
            explanation=_("The paper waits again, in nobody’s hands."),
            offered=lambda p: p.scan_ended_at is None and (p.state in ("set_aside", "no_order") or (p.state == "waiting" and p.typist_id is not None)),
            run=lambda call: requeue_papers(call.ids, actor=call.actor),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("work/", own(self.work_view), name="orders_receivedpaper_work"),
            path("<int:key>/scan/", own(self.scan_view), name="orders_receivedpaper_scan"),
            path("<int:key>/decide/", own(self.decide_view), name="orders_receivedpaper_decide"),
            *super().get_urls(),
        ]

    @action(description=_("Paper orders"), url_path="go-work", icon="mail")  # type: ignore[untyped-decorator]
    def go_work(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_receivedpaper_work"))

    def work_view(self, request: HttpRequest) -> HttpResponse:
        """Handing papers in and taking the next one."""
        return work_page(self, request)

    def scan_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The scan as a picture; who looked is written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        scan = scan_of_paper(key, company_ids=own_companies(request))
        if scan is None:
            raise Http404
        record_personal_read([scan.subject], actor=actor_of(request), screen="received paper", fields=("scan",))
        try:
            picture = picture_of_pdf(scan.content) if scan.kind == "application/pdf" else scan.content
        except HouseError as error:
            return HttpResponse(error.refusal.text(gettext), status=error.status, content_type="text/plain; charset=utf-8")
        response = HttpResponse(picture, content_type="image/png" if scan.kind == "application/pdf" else scan.kind)
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def decide_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """From beside the order desk: set aside, not an order, or given back."""
        if request.method != "POST" or not _may(request):
            raise PermissionDenied
        row = self.get_object(request, str(key))
        if row is None:
            raise Http404
        wanted, reason = request.POST.get("state", ""), request.POST.get("reason", "")
        if wanted == "back":
            requeue_papers([row.pk], actor=actor_of(request))
        elif wanted not in ("set_aside", "no_order") or not reason.strip():
            messages.error(request, gettext("Write why. The paper stays where it is."))
            return HttpResponseRedirect(f"{reverse('admin:orders_order_entry')}?paper={row.pk}")
        else:
            decide_papers([row.pk], state=ReceivedState(wanted), reason=reason, actor=actor_of(request), at=clock.now())
        return HttpResponseRedirect(reverse("admin:orders_receivedpaper_work"))

    @display(description=_("paper"), ordering="id")
    def shown(self, row: ReceivedPaper) -> str:
        return f"{row.name or row.pk} ({row.page})"

    @display(description=_("order"))
    def shown_order(self, row: ReceivedPaper) -> Any:
        if row.order is None:
            return "-"
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order.number
        )

    @display(description=_("scan"))
    def look(self, row: ReceivedPaper) -> Any:
        if not hasattr(row, "scan"):
            return gettext("The scan was thrown away.")
        return format_html('<img class="paper-look" src="{}" alt="{}">', reverse("admin:orders_receivedpaper_scan", args=[row.pk]), row)


def own_companies(request: HttpRequest) -> list[int]:
    """Whose papers this member of staff sees."""
    company_id = company_of(request)
    return [company_id] if company_id else [company.id for company in companies()]


def _may(request: HttpRequest) -> bool:
    account: Any = request.user
    return bool(account.has_perm(MAY))


def work_page(counter: ReceivedPaperAdmin, request: HttpRequest) -> HttpResponse:
    """The queue: papers are handed in here, and whoever types takes the next one."""
    if not (_may(request) and counter.has_view_permission(request)):
        raise PermissionDenied
    owners = own_companies(request)
    channels = [channel for channel in open_channels(company_of(request)) if channel.kind in PAPER_CHANNELS]
    channels.sort(key=lambda channel: channel.kind != "paper")
    if request.method == "POST":
        answer = _hand_in(request, channels) if request.POST.get("do") == "hand_in" else _take(request, owners)
        if answer is not None:
            return answer
    now = clock.now()
    words = {
        **counter.admin_site.each_context(request), "opts": counter.opts, "title": gettext("Paper orders"), "channels": channels,
        "several": len({channel.company.id for channel in channels}) > 1, "ways": [(w.value, gettext(PaperWay.labels()[w])) for w in PaperWay],
        "today": channels[0].company.business_date(now) if channels else None, "queue": paper_queue(owners), "counts": _counts(owners),
        "me": request.user.pk, "typed": request.POST,
    }  # fmt: skip
    return TemplateResponse(request, "orders/admin/received.html", words)


def _counts(owners: Sequence[int]) -> list[tuple[str, int, str]]:
    found, labels, base = paper_counts(owners), ReceivedState.labels(), reverse("admin:orders_receivedpaper_changelist")
    return [(gettext(labels[state]), found.get(state, 0), f"{base}?state__exact={state}") for state in ReceivedState]


def _take(request: HttpRequest, owners: Sequence[int]) -> HttpResponse | None:
    """The paper that was chosen, or the next one, is opened at the order desk."""
    chosen, typist = request.POST.get("paper", ""), int(request.user.pk or 0)
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        answer: Any = take_paper(int(chosen), company_ids=owners, typist_id=typist, actor=actor_of(request))
    else:
        answer = take_next_paper(company_ids=owners, typist_id=typist, actor=actor_of(request))
    if answer is None:
        messages.info(request, gettext("No paper waits to be typed."))
    elif isinstance(answer, Refusal):
        messages.error(request, answer.text(gettext))
    else:
        return HttpResponseRedirect(f"{reverse('admin:orders_order_entry')}?paper={answer.paper_id}")
    return None


def _hand_in(request: HttpRequest, channels: Sequence[ChannelContext]) -> HttpResponse | None:
    """Every file that was chosen, and what became of each."""
    channel = next((one for one in channels if str(one.id) == request.POST.get("channel")), None)
    way, files = request.POST.get("way", ""), request.FILES.getlist("files")
    day = written_day(request.POST.get("received_on", ""))
    today = channel.company.business_date(clock.now()) if channel else None
    if channel is None or way not in set(PaperWay):
        messages.error(request, gettext("Choose the sales channel and how the papers came."))
    elif day is None or today is None or not (date(today.year - 1, 1, 1) <= day <= today):
        messages.error(request, gettext("Write the day on which the papers came, today or before, as 2026-04-01."))
    elif not files or len(files) > MOST_FILES:
        messages.error(request, gettext("Choose 1 to %(most)d files.") % {"most": MOST_FILES})
    else:
        batch = PaperBatch(
            company_id=channel.company.id, channel_id=channel.id, way=PaperWay(way), received_on=day, medium=request.POST.get("medium", ""),
            ad_code=request.POST.get("ad_code", ""),
        )  # fmt: skip
        for file in files:
            name = str(file.name)
            (result,) = receive_papers([(name, file.read(MOST_PAPER_BYTES + 1))], batch=batch, actor=actor_of(request), at=clock.now())
            _tell(request, name, result, company=channel.company)
        return HttpResponseRedirect(reverse("admin:orders_receivedpaper_work"))
    return None


def _tell(request: HttpRequest, name: str, result: PapersKept | Refusal, *, company: CompanyContext) -> None:
    if isinstance(result, Refusal):
        messages.error(request, f"{name[:80]}: {result.text(gettext)}")
    elif result.repeated:
        came = company.business_date(result.first_came).isoformat() if result.first_came else ""
        messages.warning(
            request, gettext("%(name)s came on %(day)s already. Nothing was taken in twice.") % {"name": name[:80], "day": came}
        )
    else:
        number = len(result.paper_ids)
        words = ngettext("%(name)s: %(count)d paper waits to be typed.", "%(name)s: %(count)d papers wait to be typed.", number)
        messages.success(request, words % {"name": name[:80], "count": number})
