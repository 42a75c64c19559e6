"""The back office's base: verbs, ledgers, read-only figures, traces of what was shown, the dashboard."""

from datetime import UTC, datetime
from itertools import count

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from core import clock, operations
from core.admin_site import HouseAdmin, LedgerAdmin, PersonalData, ReasonForm, Verb, VerbForm
from core.admin_site.verbs import refusals_in
from core.errors import Refusal, Refused
from core.hooks import DASHBOARD
from core.models import (
    AuditEntry,
    Brand,
    Company,
    DeliveryState,
    OutboxDelivery,
    OutboxEvent,
    OutgoingMail,
    PersonalDataRead,
    PostalCode,
    SalesChannel,
    TaxRate,
)
from core.ports import CardRow, DashboardCard
from customers.models import Account
from tests.factories.core import a_brand, a_calendar, a_channel, a_company, a_site

pytestmark = pytest.mark.django_db

NOT_FOUND = Refusal("brand.not_found", "There is no brand %(name)s.", {"name": "椿"})


@pytest.fixture
def boss(client: Client) -> Client:
    """Somebody who may do everything, signed in."""
    client.force_login(Account.objects.create_superuser("boss", "secret", display_name="佐藤 花子"))
    return client


@pytest.fixture
def clerk(client: Client) -> Client:
    """A member of staff without any role, signed in."""
    client.force_login(Account.objects.create_user("clerk", "secret", kind="staff", is_staff=True))
    return client


_streams = count(1)


def a_parked_delivery(**given):
    stream = f"order:{next(_streams)}"
    event = OutboxEvent.objects.create(name="orders.OrderPlaced", stream=stream, payload={})
    return OutboxDelivery.objects.create(
        **{"event": event, "handler": "billing.note", "stream": stream, "state": DeliveryState.PARKED, "attempts": 9, **given}
    )


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("model", [m for m in admin.site._registry if m._meta.app_label == "core"], ids=lambda m: m._meta.model_name)
def test_every_list_and_form_of_core_opens_in_both_languages(boss, model, language):
    company = a_company()
    brand = a_brand(company)
    a_channel(company, site=a_site(company, brand=brand), brand=brand)
    a_calendar(company)
    a_parked_delivery()
    boss.cookies.load({"django_language": language})
    counter = admin.site._registry[model]
    place = f"admin:core_{model._meta.model_name}"

    assert boss.get(reverse(f"{place}_changelist")).status_code == 200
    assert boss.get(reverse(f"{place}_changelist"), {"q": "1"}).status_code == 200
    assert boss.get(reverse(f"{place}_add")).status_code == (403 if isinstance(counter, LedgerAdmin) else 200)
    for row in model.objects.all()[:1]:
        assert boss.get(reverse(f"{place}_change", args=[row.pk])).status_code == 200
        assert boss.get(reverse(f"{place}_history", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("place", ["core_company", "core_saleschannel", "core_site", "core_outboxdelivery"])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(boss, place):
    company = a_company()

    def fill(rows):
        for _ in range(rows):
            a_channel(a_company(), site=a_site(company, brand=a_brand(company)))
            a_parked_delivery()

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert boss.get(reverse(f"admin:{place}_changelist")).status_code == 200
        return len(captured)

    fill(1)
    one = statements()
    fill(49)

    assert statements() == one <= 12


# Verbs


def test_a_parked_delivery_is_tried_again_with_a_reason(boss):
    delivery = a_parked_delivery()
    page = reverse("admin:core_outboxdelivery_change", args=[delivery.pk])
    verb = f"{page.removesuffix('change/')}verb-retry/"

    assert "verb-retry" in boss.get(page).content.decode()
    asked = boss.get(verb)
    refused = boss.post(verb, {"verb_confirmed": "1", "reason": ""})
    done = boss.post(verb, {"verb_confirmed": "1", "reason": "直しました"}, follow=True)

    assert asked.status_code == refused.status_code == 200
    assert refused.context["form"].errors["reason"]
    assert messages_of(done) == ["再実行：1件を処理しました。"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0)
    assert "verb-retry" not in boss.get(page).content.decode()


def test_many_rows_are_done_by_one_bulk_action_and_the_others_are_said_to_stand(boss):
    parked = [a_parked_delivery(handler=f"billing.{n}") for n in range(2)]
    done = a_parked_delivery(handler="billing.done", state=DeliveryState.DONE)
    chosen = {"action": "verb_skip", "index": "0", "_selected_action": [str(row.pk) for row in (*parked, done)]}
    place = reverse("admin:core_outboxdelivery_changelist")

    asked = boss.post(place, chosen)
    answer = boss.post(place, {**chosen, "verb_confirmed": "1", "reason": "二重登録"}, follow=True)

    assert asked.status_code == 200
    assert [row.pk for row in asked.context["rows"]] == [row.pk for row in (*parked, done)]
    assert messages_of(answer) == ["処理を打ち切る：2件を処理しました。", "処理を打ち切る：1件は変更がありませんでした。"]
    assert set(OutboxDelivery.objects.values_list("state", flat=True)) == {DeliveryState.SKIPPED, DeliveryState.DONE}
    assert "二重登録" in OutboxDelivery.objects.get(pk=parked[0].pk).reason


def test_a_verb_without_its_permission_is_neither_shown_nor_done(clerk):
    delivery = a_parked_delivery()
    Account.objects.get(handle="clerk").user_permissions.set(Permission.objects.filter(codename="view_outboxdelivery"))
    page = reverse("admin:core_outboxdelivery_change", args=[delivery.pk])
    verb = f"{page.removesuffix('change/')}verb-retry/"

    assert clerk.get(page).status_code == 200
    assert "verb-retry" not in clerk.get(page).content.decode()
    assert clerk.post(verb, {"verb_confirmed": "1", "reason": "x"}).status_code == 403
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PARKED


@pytest.mark.parametrize("object_id", ["0", "abc", "999999999999999999999"])
def test_a_verb_on_a_row_that_does_not_exist_says_so(boss, object_id):
    answer = boss.post(
        f"{reverse('admin:core_outboxdelivery_changelist')}{object_id}/verb-retry/", {"verb_confirmed": "1", "reason": "x"}, follow=True
    )

    assert messages_of(answer) == ["該当するデータがありません。"]


class Colour(VerbForm):
    reason = forms.CharField()
    colour = forms.ChoiceField(choices=[("red", "赤"), ("blue", "青")])


def carried_out(verb, rows, rf, *, account, data=None):
    """What a verb said when it was carried out, without a page."""
    request = rf.post("/", {"verb_confirmed": "1", **(data or {"reason": "理由"})})
    request.user = account
    request._messages = CookieStorage(request)
    form = verb.asked_form(request, row=None)
    assert form is None or form.is_valid(), form.errors
    fine = verb.carry_out(rows, request=request, form=form)
    return fine, [(message.level_tag, str(message)) for message in request._messages]


def test_a_verb_calls_one_operation_with_ids_actor_time_reason_and_values(rf):
    calls = []
    account = Account.objects.create_superuser("boss", "secret", display_name="佐藤 花子")
    rows = [a_brand(), a_brand()]
    verb = Verb(
        name="paint", label="塗る", permission="core.change_brand", form=Colour, run=lambda call: calls.append(call) or [object(), object()]
    )

    with clock.travel(datetime(2026, 11, 21, tzinfo=UTC)):
        fine, said = carried_out(verb, rows, rf, account=account, data={"reason": "季節", "colour": "red"})

    assert fine
    assert said == [("success", "塗る：2件を処理しました。")]
    [call] = calls
    assert (call.ids, call.reason, call.values, call.at) == (
        [row.pk for row in rows],
        "季節",
        {"colour": "red"},
        datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert (call.actor.kind, call.actor.id, call.actor.label) == ("staff", str(account.pk), "佐藤 花子")


def test_each_refused_row_is_named_with_its_reason(rf):
    account = Account.objects.create_superuser("boss", "secret")
    rows = [a_brand(name="椿"), a_brand(name="<b>桜</b>")]
    verb = Verb(name="end", label="終了", permission="core.change_brand", run=lambda call: [object(), NOT_FOUND])

    fine, said = carried_out(verb, rows, rf, account=account)

    assert not fine
    assert said == [("success", "終了：1件を処理しました。"), ("error", "&lt;b&gt;桜&lt;/b&gt;: There is no brand 椿.")]


def test_an_operation_that_refuses_everything_is_quoted(rf):
    def refuse(call):
        raise Refused("brand.busy", "Not on %(day)s.", params={"day": "日曜"})

    fine, said = carried_out(
        Verb(name="end", label="終了", permission="core.change_brand", run=refuse),
        [a_brand()],
        rf,
        account=Account.objects.create_superuser("b", "s"),
    )

    assert not fine
    assert said == [("error", "終了: Not on 日曜.")]


class Carrying:
    def __init__(self, **given):
        self.__dict__.update(given)


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (NOT_FOUND, (NOT_FOUND,)),
        (Carrying(refusal=NOT_FOUND), (NOT_FOUND,)),
        (Carrying(reasons=(NOT_FOUND, NOT_FOUND)), (NOT_FOUND, NOT_FOUND)),
        (Carrying(reasons=("why",)), ()),
        (Carrying(repeated=True), ()),
        (None, ()),
        (7, ()),
    ],
)
def test_refusals_are_found_in_the_results_of_operations(result, found):
    assert refusals_in(result) == found


def test_a_verb_names_its_permission_with_the_app():
    with pytest.raises(ValueError, match=r"orders\.cancel_order"):
        Verb(name="x", label="x", permission="cancel_order", run=lambda call: [])


def test_more_rows_than_a_verb_takes_are_refused_before_anything_is_done(boss, monkeypatch):
    rows = [a_parked_delivery(handler=f"h{n}") for n in range(3)]
    counter = admin.site._registry[OutboxDelivery]
    monkeypatch.setattr(
        counter, "verbs", [Verb(name="retry", label="再実行", permission="core.change_outboxdelivery", run=lambda call: 1 / 0, most_rows=2)]
    )

    answer = boss.post(
        reverse("admin:core_outboxdelivery_changelist"),
        {"action": "verb_retry", "index": "0", "_selected_action": [str(r.pk) for r in rows], "verb_confirmed": "1"},
        follow=True,
    )

    assert messages_of(answer) == ["一度に処理できるのは2件までです。"]


# Lists and forms


def test_a_counter_must_say_which_relations_its_list_shows():
    class Careless(HouseAdmin):
        list_display = ("name", "company")

    with pytest.raises(ImproperlyConfigured, match="list_select_related"):
        Careless(Brand, admin.site)


def test_a_change_in_a_form_carries_the_member_of_staff(boss):
    brand = a_brand(name="椿")
    page = reverse("admin:core_brand_change", args=[brand.pk])

    answer = boss.post(page, {"company": brand.company_id, "code": brand.code, "name": "新椿", "ended_at_0": "", "ended_at_1": ""})
    history = boss.get(reverse("admin:core_brand_history", args=[brand.pk])).content.decode()

    assert answer.status_code == 302
    entry = AuditEntry.objects.get(table_name="core_brand")
    assert (entry.changes, entry.actor_kind, entry.actor_label) == ({"name": ["椿", "新椿"]}, "staff", "佐藤 花子")
    assert all(words in history for words in ("椿", "新椿", "佐藤 花子"))


def test_nothing_is_deleted_from_a_list(boss):
    brand = a_brand()

    assert boss.post(reverse("admin:core_brand_delete", args=[brand.pk]), {"post": "yes"}).status_code == 403
    boss.post(reverse("admin:core_brand_changelist"), {"action": "delete_selected", "_selected_action": [brand.pk], "post": "yes"})
    assert Brand.objects.filter(pk=brand.pk).exists()


def test_a_companys_code_and_currency_are_chosen_once(boss):
    company = a_company(code="daifuku")

    page = boss.get(reverse("admin:core_company_change", args=[company.pk]))

    assert {"code", "currency"} <= set(page.context["adminform"].readonly_fields)
    assert {"code", "currency"} <= set(boss.get(reverse("admin:core_company_add")).context["adminform"].form.fields)


def test_two_rates_on_one_day_are_refused_in_words(boss):
    operations.seed_reference()
    answer = boss.post(
        reverse("admin:core_taxrate_add"),
        {"country": "JP", "tax_class": "standard", "rate_bp": "1200", "valid_from_on": "2027-04-01", "valid_until_on": ""},
    )

    assert answer.status_code == 200
    assert "この期間には、同じ税区分の別の税率がすでに登録されています。" in answer.content.decode()
    assert not TaxRate.objects.filter(rate_bp=1200).exists()


class ShowingChannels(HouseAdmin):
    list_display = ("name",)
    list_select_related = ()
    personal = PersonalData(("name",), subject=lambda row: f"channel:{row.pk}")


def test_showing_personal_data_leaves_a_trace_for_everybody_shown(rf):
    request = rf.get("/admin/core/saleschannel/")
    request.user = Account.objects.create_superuser("boss", "secret", display_name="佐藤 花子")
    request.session = {}
    company = a_company()
    shown = [a_channel(company) for _ in range(2)]
    counter = ShowingChannels(SalesChannel, admin.site)

    counter.changelist_view(request)
    counter.changeform_view(request, str(shown[0].pk))

    traces = list(PersonalDataRead.objects.order_by("id").values_list("subject", "people", "fields_read", "actor_label", "screen"))
    assert sorted(traces[:2]) == [(f"channel:{row.pk}", 2, ["name"], "佐藤 花子", "admin /admin/core/saleschannel/") for row in shown]
    assert traces[2:] == [(f"channel:{shown[0].pk}", 1, ["name"], "佐藤 花子", "admin /admin/core/saleschannel/")]


def test_an_empty_list_says_what_it_is_for(boss):
    page = boss.get(reverse("admin:core_relay_changelist")).content.decode()
    searched = boss.get(reverse("admin:core_company_changelist"), {"q": "ないもの"}).content.decode()

    assert "リレーはまだありません" in page
    assert "python manage.py relay" in page
    assert "該当するデータがありません" in searched


def test_a_list_is_paged_without_counting_and_ends_before_offsets_get_slow(boss):
    for _ in range(51):
        a_parked_delivery()
    place = reverse("admin:core_outboxdelivery_changelist")

    with CaptureQueriesContext(connection) as captured:
        first = boss.get(place).content.decode()
    second = boss.get(place, {"p": "2"}).content.decode()
    too_far = boss.get(place, {"p": "201"})

    assert not [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)
    assert "結果 10000" not in first
    assert (too_far.status_code, too_far.url) == (302, f"{place}?e=1")


def test_postal_codes_are_searched_however_they_are_typed(boss):
    PostalCode.objects.create(code="1060032", jis_code="13103", prefecture="東京都", city="港区", town="六本木")

    page = boss.get(reverse("admin:core_postalcode_changelist"), {"q": "〒１０６−００３２"}).content.decode()

    assert "六本木" in page


# The first page


class Orders:
    def dashboard_cards(self, *, may, at):
        if not may("orders.view_order"):
            return []
        return [
            DashboardCard("出荷待ち", "12", note="本日出荷", link="/admin/orders/shipment/", tone="warn", position=20),
            DashboardCard("本日の受注", "34", link="/admin/orders/order/", position=10),
            DashboardCard("在庫わずか", rows=(CardRow("緑茶", "3", tone="bad"),), position=30),
        ]


def test_the_first_page_shows_the_cards_one_may_see_in_order(boss):
    with DASHBOARD.only(Orders()), clock.travel(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        page = boss.get("/admin/")

    assert [card.title for card in page.context["figures"]] == ["本日の受注", "出荷待ち"]
    assert [card.title for card in page.context["lists"]] == ["在庫わずか"]
    assert "2026年11月23日" in page.content.decode()
    assert "勤労感謝の日" in page.content.decode()


def test_trouble_of_the_machinery_stands_first_and_only_while_it_lasts(boss):
    quiet = boss.get("/admin/")
    a_parked_delivery()
    OutgoingMail.objects.create(
        company=a_company(), kind="placed", about="order:1", once_key="1", to_address="a@b.jp", subject="受注", body="…", state="failed"
    )
    troubled = boss.get("/admin/")

    assert {card.title for card in quiet.context["figures"]}.isdisjoint({"保留中のイベント", "送信できなかったメール"})
    assert [(card.title, card.value) for card in troubled.context["figures"]][:2] == [
        ("保留中のイベント", "1"),
        ("送信できなかったメール", "1"),
    ]
    assert boss.get(troubled.context["figures"][0].link).status_code == 200


def test_the_first_page_of_somebody_without_rights_is_calm(clerk):
    with DASHBOARD.only(Orders()):
        page = clerk.get("/admin/")

    assert page.status_code == 200
    assert "対応が必要なものはありません" in page.content.decode()


def test_the_language_is_switched_in_the_header(boss):
    with DASHBOARD.only():
        page = boss.get("/admin/").content.decode()
        boss.post("/i18n/setlang/", {"language": "en", "next": "/admin/"})
        english = boss.get("/admin/").content.decode()

    assert all(words in page for words in ('<html lang="ja"', "ダッシュボード"))
    assert all(words in english for words in ('<html lang="en"', "Dashboard"))
    assert "ダッシュボード" not in english


def test_the_reason_is_asked_in_the_theme_of_the_house():
    assert "border" in ReasonForm().fields["reason"].widget.attrs["class"]
    assert Company._meta.verbose_name


@pytest.mark.parametrize(
    ("words", "japanese"),
    [
        ("Close", "閉じる"),
        ("Save", "保存"),
        ("Delete", "削除"),
        ("Search", "検索"),
        ("Add", "追加"),
        ("Yes", "はい"),
        ("No", "いいえ"),
        ("History", "履歴"),
        ("Home", "ホーム"),
    ],
)
def test_no_app_gives_a_word_of_every_page_another_meaning(words, japanese):
    with translation.override("ja"):
        assert translation.gettext(words) == japanese


def test_a_failed_mail_is_sent_again_by_its_button_and_a_sent_one_is_not(boss):
    mails = [
        OutgoingMail.objects.create(
            company=a_company(),
            kind="order.placed",
            about="order:1",
            once_key=state,
            to_address="x@example.jp",
            subject="s",
            body="b",
            state=state,
            attempts=8,
        )
        for state in ("failed", "sent")
    ]
    chosen = {"action": "verb_send-again", "index": "0", "_selected_action": [str(mail.pk) for mail in mails], "verb_confirmed": "1"}

    boss.post(reverse("admin:core_outgoingmail_changelist"), chosen)

    assert dict(OutgoingMail.objects.values_list("once_key", "state")) == {"failed": "queued", "sent": "sent"}
