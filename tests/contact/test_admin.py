"""The operator's desk: the customer's page with what is under way, the call screen, the form of a call, cases and their verbs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from contact.models import Case, CaseOrder, Interaction
from core.clock import travel
from core.models import PersonalDataRead
from customers.models import Customer, Note
from customers.operations import merge_customers
from customers.rules import MergeAsk
from orders.models import Order
from tests.contact.history import a_rich_customer
from tests.factories import contact as make
from tests.factories import customers as people
from tests.factories.orders import a_shipped_order, a_shop, an_order
from tests.factories.subscriptions import a_contract

pytestmark = pytest.mark.django_db
NOON, DOING = people.NOON, make.DOING
MOST_STATEMENTS = 15
DESK = "admin:contact_case_desk"


def a_desk(role: str = "administrator", **given: Any) -> Client:
    """Somebody of the staff in a role of the permission matrix."""
    seed_roles()
    account = people.a_staff_account(is_superuser=role == "administrator", display_name="佐々木 美咲", **given)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


def log(customer: Customer) -> str:
    return reverse("admin:contact_case_log", args=[customer.pk])


def said(client: Client, case: Case, verb: str, **values: Any) -> list[str]:
    response = client.post(reverse(f"admin:contact_case_verb_{verb}", args=[case.pk]), {"verb_confirmed": "1", **values})
    assert response.status_code == 302, response.context["form"].errors
    return [str(message) for message in response.wsgi_request._messages]


# The customer's page


@pytest.mark.parametrize("size", [1, 500])
def test_the_customers_page_takes_at_most_fifteen_statements_whatever_the_history(size: int) -> None:
    customer, desk = a_rich_customer(size), a_desk("support")
    with travel(NOON):
        desk.get(page(customer))
        with CaptureQueriesContext(connection) as spent:
            response = desk.get(page(customer))

    assert response.status_code == 200
    assert len(spent) <= MOST_STATEMENTS, "\n".join(query["sql"][:110] for query in spent)
    story = response.context["page"].story
    assert bool(story.older) is (size == 500)
    if size == 1:
        told = {line.lane for line in (*story.past, *story.near)}
        assert told == {"orders", "money", "subscriptions", "contact", "notes", "sends", "relation"}


def test_following_older_pages_tells_every_row_once() -> None:
    customer, desk = a_rich_customer(30, contracts=3), a_desk()
    address, seen = page(customer), []
    with travel(NOON):
        for _turn in range(40):
            story = desk.get(address).context["page"].story
            seen += [(line.lane, line.kind, line.title, line.detail, line.at) for line in story.past]
            if not story.older:
                break
            address = page(customer) + story.older.partition("#")[0]

    kinds = [lane for lane, *_rest in seen]
    assert (kinds.count("notes"), kinds.count("sends"), kinds.count("contact")) == (30, 30, 45)
    assert [at for *_rest, at in seen] == sorted((at for *_rest, at in seen), reverse=True)
    assert len([row for row in seen if row[0] == "orders"]) == 30 + 30 + 3


def test_chips_show_only_what_was_asked_for() -> None:
    customer, desk = a_rich_customer(2), a_desk()

    story = desk.get(page(customer), {"lane": ["notes", "money", "nonsense"]}).context["page"].story

    assert {line.lane for line in story.past} == {"notes", "money"}
    assert [chip.picked for chip in story.chips].count(True) == 2


def test_what_is_to_come_lies_above_today_and_the_past_below() -> None:
    shop, desk = a_shop(), a_desk()
    customer = people.a_customer(shop.company)
    with travel(NOON):
        a_contract(shop, customer_id=customer.pk, at=NOON)
        make.a_case(customer)
        shown = desk.get(page(customer)).content.decode()

    above, _mark, below = shown.partition('id="today"')
    assert "お届け日の確認" in above
    assert "お茶の定期便" in above
    assert "お届け日の確認" in below
    planned = re.findall(r'house-planned.*?<time datetime="([^"]+)"', above, re.DOTALL)
    assert planned == sorted(planned, reverse=True)
    assert len(planned) >= 3


def test_merged_entries_are_one_story() -> None:
    company = people.a_company()
    principal, merged = people.a_customer(company), people.a_customer(company)
    make.a_case(merged, theme="統合前の応対")
    merge_customers([MergeAsk(principal_id=principal.pk, merged_id=merged.pk)], reason="同一人物", **DOING)
    desk = a_desk()

    for customer in (principal, merged):
        shown = desk.get(page(customer)).content.decode()
        assert "統合前の応対" in shown
        assert (merged if customer is principal else principal).number in shown


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_sees_on_the_page_what_the_matrix_says(role: str) -> None:
    shop = a_shop()
    customer = people.a_customer(shop.company, phone="090-1234-5678", email="hanako@example.com")
    an_order(shop, customer_id=customer.pk)
    make.a_case(customer, theme="体調のご相談", body="肌が荒れました")
    desk = a_desk(role, company=shop.company)
    account: Any = desk.get("/admin/").wsgi_request.user

    response = desk.get(page(customer))

    shown = response.content.decode()
    assert response.status_code == 200
    knows = account.has_perm("customers.view_personal")
    for secret in ("山田", "090-1234-5678", "hanako@example.com", "体調のご相談", "肌が荒れました"):
        assert (secret in shown) is knows, secret
    assert ('id="log"' in shown) is account.has_perm("contact.add_case")
    assert ("verb-cancel" in shown) is account.has_perm("orders.cancel_order")
    assert (PersonalDataRead.objects.count() == 1) is knows


def test_an_order_is_cancelled_from_the_page_and_the_operator_comes_back_to_it() -> None:
    shop, desk = a_shop(), a_desk("support")
    customer = people.a_customer(shop.company)
    order = an_order(shop, customer_id=customer.pk)
    gone = a_shipped_order(shop, customer_id=customer.pk)
    shown = desk.get(page(customer)).content.decode()
    (address,) = re.findall(r'action="([^"]+verb-cancel[^"]*)"', shown)

    response = desk.post(address.replace("&amp;", "&"), {"verb_confirmed": "1", "reason": "お客様都合"})

    order.refresh_from_db()
    gone.refresh_from_db()
    assert (order.status, gone.status) == ("cancelled", "completed" if gone.payment_status == "paid" else gone.status)
    assert response["Location"] == page(customer)
    assert "お客様都合" in desk.get(page(customer)).content.decode()


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "/products/", "/admin/\\evil", "javascript:alert(1)"])
def test_a_verb_leads_back_only_into_the_back_office(where: str) -> None:
    shop, desk = a_shop(), a_desk()
    order = an_order(shop)

    response = desk.post(
        reverse("admin:orders_order_verb_cancel", args=[order.pk]) + "?" + f"next={where}", {"verb_confirmed": "1", "reason": "誤入力"}
    )

    assert response["Location"] == reverse("admin:orders_order_change", args=[order.pk])


@pytest.mark.parametrize(
    "query", ["older=", "older=9999", "older=20260101T000000.000000-99999", "lane=%27", "older=%F0%9F%8D%B5-1", "lane="]
)
def test_a_page_asked_for_oddly_is_the_page(query: str) -> None:
    customer = people.a_customer()

    assert a_desk().get(f"{page(customer)}?{query}").status_code == 200


@pytest.mark.parametrize("key", ["0", "99999999999999999999999", "abc", "-1", "１"])
def test_nobodys_page_leads_back_to_the_list(key: str) -> None:
    assert a_desk().get(f"/admin/customers/customer/{key}/change/").status_code == 302


# Logging a contact


def test_a_call_is_logged_from_the_page_once() -> None:
    shop, desk = a_shop(), a_desk("support")
    customer = people.a_customer(shop.company)
    order = an_order(shop, customer_id=customer.pk)
    (once,) = re.findall(r'name="once" value="([^"]+)"', desk.get(page(customer)).content.decode())
    form = {
        "once": once,
        "reason": "delivery",
        "channel": "call",
        "theme": "届かない",
        "body": "まだ届きません",
        "order": str(order.pk),
        "mine": "1",
    }

    first, second = desk.post(log(customer), form), desk.post(log(customer), form)

    case = Case.objects.get()
    assert first["Location"] == second["Location"] == f"{page(customer)}#story"
    assert (case.theme, case.state, case.owner.display_name) == ("届かない", "open", "佐々木 美咲")  # type: ignore[union-attr]
    assert CaseOrder.objects.get().order_ref == order.public_id
    assert "届かない" in desk.get(page(customer)).content.decode()


def test_an_answer_settles_it_at_once() -> None:
    customer, desk = people.a_customer(), a_desk("support")
    assert 'value="advice"' in desk.get(page(customer)).content.decode(), "the reasons stand there before the first case"

    desk.post(log(customer), {"reason": "advice", "channel": "chat", "theme": "淹れ方", "resolution": "70度で1分", "cause": "other"})

    case = Case.objects.get()
    assert (case.state, case.resolution, case.cause_class, case.desk) == ("solved", "70度で1分", "other", "success")


def test_what_is_wrong_is_said_and_nothing_typed_is_lost() -> None:
    customer, desk = people.a_customer(), a_desk("support")

    response = desk.post(log(customer), {"once": "not-a-key", "theme": " ", "body": "長い説明", "reason": "delivery", "urgent": "1"})

    shown = response.content.decode()
    assert response.status_code == 422
    assert "長い説明" in shown
    assert 'value="delivery" selected' in shown
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("_case", "given"),
    [
        ("no such reason", {"reason": "nothing"}),
        ("too long", {"theme": "あ" * 201}),
        ("a lone surrogate's neighbour", {"theme": "\x0b\x1f"}),
        ("somebody else's order", {"order": "1"}),
        ("no such channel", {"channel": "telepathy"}),
    ],
)
def test_odd_forms_are_answered_never_broken(_case: str, given: dict[str, str]) -> None:
    shop, desk = a_shop(), a_desk("support")
    customer = people.a_customer(shop.company)
    an_order(shop)

    response = desk.post(log(customer), {"reason": "other", "channel": "call", "theme": "用件", **given})

    assert response.status_code in (302, 422)
    assert CaseOrder.objects.count() == 0


def test_logging_needs_the_right_and_a_customer_of_ones_company() -> None:
    ours, theirs = people.a_customer(), people.a_customer()

    assert a_desk("viewer").post(log(ours), {"theme": "用件"}).status_code == 403
    assert a_desk("support", company=ours.company).post(log(theirs), {"theme": "用件"}).status_code == 404
    assert Case.objects.count() == 0


def test_somebody_unknown_is_logged_with_the_number_they_called_from() -> None:
    desk = a_desk("support", company=people.a_company())
    address = reverse("admin:contact_case_log_unknown")

    assert "090-9999-0000" in desk.get(address, {"tel": "090-9999-0000"}).content.decode()
    desk.post(address, {"theme": "折り返し希望", "caller_name": "ヤマダ様", "caller_contact": "090-9999-0000", "reason": "other"})

    case = Case.objects.get()
    assert (case.customer_id, case.caller_name, case.caller_contact) == (None, "ヤマダ様", "090-9999-0000")


# The call screen


@pytest.mark.parametrize(
    "typed", ["090-1234-5678", "09012345678", "０９０－１２３４－５６７８", "+81 90 1234 5678", "やまだ はなこ", "山田花子"]
)
def test_one_customer_opens_at_once(typed: str) -> None:
    customer, desk = people.a_customer(phone="090-1234-5678"), a_desk("support")
    people.a_customer(customer.company, family_name="佐藤", given_name="健", family_kana="サトウ", given_kana="ケン")

    for name in ("tel", "q"):
        response = desk.get(reverse(DESK), {name: typed})
        assert response.status_code == 302, name
        assert response["Location"] == f"{page(customer)}#log"


def test_the_telephones_address_leads_to_the_call_screen() -> None:
    response = a_desk("support").get("/admin/contact/desk/", {"tel": "09012345678"})

    assert response["Location"] == f"{reverse(DESK)}?tel=09012345678"


def test_several_are_told_apart_and_merged_ones_are_one() -> None:
    company = people.a_company()
    wife, husband, merged = (people.a_customer(company, phone="03-1234-5678", given_name=name) for name in ("花子", "太郎", "ハナ子"))
    people.an_address(wife)
    make.a_case(husband)
    merge_customers([MergeAsk(principal_id=wife.pk, merged_id=merged.pk)], reason="同一人物", **DOING)
    desk = a_desk("support", company=company)

    response = desk.get(reverse(DESK), {"tel": "0312345678"})

    assert [hit.number for hit in response.context["hits"]] == [wife.number, husband.number]
    assert [hit.unsolved for hit in response.context["hits"]] == [0, 1]
    assert {read.subject for read in PersonalDataRead.objects.all()} == {f"customer:{one.public_id}" for one in (wife, husband)}


def test_nobody_found_can_still_be_helped() -> None:
    shown = a_desk("support", company=people.a_company()).get(reverse(DESK), {"tel": "0120-000-000"}).content.decode()

    assert f"{reverse('admin:contact_case_log_unknown')}?tel=0120-000-000" in shown
    assert reverse("admin:orders_order_entry") in shown


def test_another_companys_customers_are_not_found() -> None:
    theirs, ours = people.a_customer(phone="090-1234-5678"), people.a_company()

    response = a_desk("support", company=ours).get(reverse(DESK), {"tel": "090-1234-5678"})

    assert response.status_code == 200
    assert theirs.number not in response.content.decode()


def test_names_on_the_call_screen_are_masked_for_those_who_may_not_know_people() -> None:
    company = people.a_company()
    for _n in range(2):
        people.a_customer(company, phone="090-1234-5678")

    response = a_desk("viewer").get(reverse(DESK), {"q": "090-1234-5678"})

    shown = response.content.decode()

    assert "山田" not in shown
    assert len(response.context["hits"]) == 2
    assert {hit.phone[-4:] for hit in response.context["hits"]} == {"5678"}
    assert PersonalDataRead.objects.count() == 0


@pytest.mark.parametrize("typed", ["%00", "'", "a" * 400, "🍵", "%"])
def test_odd_searches_find_nobody(typed: str) -> None:
    assert a_desk().get(reverse(DESK), {"q": typed}).status_code in (200, 400)


# Cases


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_case_tells_every_word_and_is_moved_on_by_verbs(language: str) -> None:
    case, desk, owner = make.a_case(), a_desk(), people.a_staff_account(display_name="高橋 涼")
    desk.cookies["django_language"] = language
    address = reverse("admin:contact_case_change", args=[case.pk])

    said(desk, case, "say", direction="outbound", channel="mail", body="明日お届けします", shown="on", waits="on")
    said(desk, case, "hand", owner=str(owner.pk), note="お願いします")
    said(desk, case, "solve", resolution="到着を確認", cause_class="delivery")
    said(desk, case, "reopen", reason="まだ届かない")
    said(desk, case, "mine")

    case.refresh_from_db()
    assert (case.state, case.reopened_count, case.cause_class) == ("open", 1, "delivery")
    shown = desk.get(address).content.decode()
    for words in ("いつ届きますか", "明日お届けします", "お願いします", "高橋 涼", "到着を確認", "まだ届かない", case.number):
        assert words in shown, words
    assert Interaction.objects.filter(visibility="customer").get().body == "明日お届けします"


def test_an_unknown_callers_case_is_given_its_customer_by_number() -> None:
    customer = people.a_customer()
    make.a_case(customer)
    with travel(NOON):
        desk = a_desk()
        desk.post(reverse("admin:contact_case_log_unknown"), {"theme": "折り返し", "reason": "other"})
    unknown = Case.objects.get(customer=None)

    nobody = said(desk, unknown, "caller", customer="C9999999")
    said(desk, unknown, "caller", customer=customer.number)

    unknown.refresh_from_db()
    assert nobody
    assert unknown.customer_id == customer.pk


@pytest.mark.parametrize(("wanted", "found"), [("no", 2), ("mine", 1), ("overdue", 1), ("ownerless", 1), ("", 3)])
def test_the_list_tells_what_waits(wanted: str, found: int) -> None:
    customer, desk = people.a_customer(), a_desk()
    me: Any = desk.get("/admin/").wsgi_request.user
    make.a_case(customer, owner_id=me.pk, occurred_at=NOON - timedelta(days=9))
    make.a_case(customer)
    solved = make.a_case(customer)
    said(desk, solved, "solve", resolution="済み")

    with travel(NOON):
        response = desk.get(reverse("admin:contact_case_changelist"), {"solved": wanted} if wanted else {})

    assert len(response.context["cl"].result_list) == found


@pytest.mark.parametrize("size", [1, 50])
def test_the_list_takes_as_many_statements_however_long(size: int) -> None:
    customer, desk = people.a_customer(), a_desk()
    for _n in range(size):
        make.a_case(customer)
    address = reverse("admin:contact_case_changelist")
    desk.get(address)

    with CaptureQueriesContext(connection) as spent:
        response = desk.get(address)

    assert len(response.context["cl"].result_list) == size
    assert len(spent) <= 12, "\n".join(query["sql"][:110] for query in spent)


def test_a_case_is_found_by_its_customer() -> None:
    customer, desk = people.a_customer(phone="090-1234-5678"), a_desk()
    case = make.a_case(customer)
    make.a_case()

    for typed in (case.number.lower(), "090-1234-5678", customer.number):
        found = desk.get(reverse("admin:contact_case_changelist"), {"q": typed}).context["cl"].result_list
        assert case.pk in [row.pk for row in found], typed


def test_a_viewer_reads_that_there_is_a_case_not_what_was_said() -> None:
    case = make.a_case(theme="体調のご相談", body="肌が荒れました")

    desk = a_desk("viewer")
    pages = [desk.get(reverse("admin:contact_case_changelist")), desk.get(reverse("admin:contact_case_change", args=[case.pk]))]

    for response in pages:
        shown = response.content.decode()
        assert response.status_code == 200
        assert case.number in shown
        for secret in ("体調のご相談", "肌が荒れました", "山田"):
            assert secret not in shown, secret
    assert desk.post(reverse("admin:contact_case_verb_solve", args=[case.pk]), {"verb_confirmed": "1"}).status_code == 403


def test_cards_lead_to_what_waits() -> None:
    make.a_case(reason="complaint", occurred_at=NOON - timedelta(days=2))
    with travel(NOON):
        shown = a_desk("support").get("/admin/").content.decode()

    for link in (reverse(DESK), "?solved=no", "?solved=overdue", "?solved=ownerless"):
        assert link in shown, link


def test_a_note_written_from_the_page_stands_on_top_of_it() -> None:
    customer, desk = people.a_customer(), a_desk("support")

    desk.post(
        reverse("admin:customers_customer_verb_note", args=[customer.pk]),
        {"verb_confirmed": "1", "body": "午後に電話", "visibility": "staff"},
    )

    assert Note.objects.count() == 1
    shown = desk.get(page(customer)).content.decode()
    assert shown.index("午後に電話") < shown.index('id="story"')
    assert Order.objects.count() == 0
