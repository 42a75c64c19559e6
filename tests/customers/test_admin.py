"""The staff counter of customers: pages, verbs, rights and what is hidden from whom."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import PersonalDataRead
from customers import hooks, operations
from customers.models import (
    Account,
    AccountAct,
    Address,
    Consent,
    ContactPoint,
    Customer,
    CustomerAccount,
    CustomerTag,
    DuplicateCandidate,
    Merge,
    Note,
    PartnerApplication,
    PointLot,
    RankAssignment,
    Tag,
)
from customers.ports import CUSTOMER_DATA
from customers.rules import NewNote
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
LIST = "admin:customers_customer_changelist"


@pytest.fixture(autouse=True)
def _alone() -> Any:
    with CUSTOMER_DATA.only(hooks):
        yield


def a_desk(*permissions: str, **given: Any) -> Client:
    """A signed-in member of staff; without permissions named, an administrator."""
    account = make.a_staff_account(is_superuser=not permissions, display_name="佐々木 美咲", **given)
    for permission in permissions:
        app, codename = permission.split(".")
        account.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


def verb(client: Client, row: Any, name: str, **values: Any) -> Any:
    path = reverse(f"admin:customers_{row._meta.model_name}_verb_{name}", args=[row.pk])
    return client.post(path, {"verb_confirmed": "1", **values})


def said(client: Client, row: Any, name: str, **values: Any) -> list[str]:
    response = verb(client, row, name, **values)
    assert response.status_code == 302, response.context["form"].errors
    return [str(message) for message in response.wsgi_request._messages]


def a_known_customer(**given: Any) -> Customer:
    customer = make.a_customer(phone="090-1234-5678", email="hanako@example.com", **given)
    make.an_address(customer)
    return customer


@pytest.mark.parametrize(
    "model",
    [
        "customer",
        "duplicatecandidate",
        "merge",
        "consent",
        "pointlot",
        "pointentry",
        "note",
        "customerrank",
        "tag",
        "attribute",
        "account",
        "partnerapplication",
    ],
)
def test_every_list_opens(model: str) -> None:
    client = a_desk()
    a_known_customer()

    assert client.get(reverse(f"admin:customers_{model}_changelist")).status_code == 200


@pytest.mark.parametrize("model", ["customer", "customerrank", "tag", "attribute", "account", "partnerapplication"])
def test_every_form_for_a_new_one_opens(model: str) -> None:
    assert a_desk().get(reverse(f"admin:customers_{model}_add")).status_code == 200


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_tells_everything_of_a_customer(language: str) -> None:
    customer = a_known_customer(attention=True, organisation_name="株式会社春風商事")
    other = make.a_customer(customer.company, phone="090-1234-5678")
    make.a_link(customer, make.an_account())
    make.an_outside_number(customer)
    make.holds(customer, make.a_rank(customer.company))
    doing: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}
    operations.add_notes([NewNote(customer_id=customer.id, body="午後に電話")], **doing)
    operations.find_duplicates([customer.id], **doing)
    client = a_desk()
    client.cookies["django_language"] = language

    shown = client.get(page(customer)).content.decode()

    for words in (
        customer.number,
        "山田",
        "ヤマダ ハナコ",
        "090-1234-5678",
        "hanako@example.com",
        "〒106-0032",
        "午後に電話",
        "Gold",
        "R-100",
    ):
        assert words in shown, words
    pair = DuplicateCandidate.objects.get()
    assert f"/duplicatecandidate/{pair.id}/" in shown
    assert other.number in client.get(reverse("admin:customers_duplicatecandidate_change", args=[pair.id])).content.decode()


def test_what_a_role_may_not_know_is_hidden_everywhere() -> None:
    customer = a_known_customer()
    make.a_customer(customer.company, phone="090-1234-5678")
    operations.find_duplicates([customer.id], actor=make.STAFF, at=make.NOON)
    client = a_desk("customers.view_customer", "customers.view_duplicatecandidate")
    pair = DuplicateCandidate.objects.get()

    pages = [
        client.get(reverse(LIST)),
        client.get(page(customer)),
        client.get(reverse("admin:customers_duplicatecandidate_changelist")),
        client.get(reverse("admin:customers_duplicatecandidate_change", args=[pair.id])),
    ]

    for response in pages:
        assert response.status_code == 200
        shown = response.content.decode()
        assert customer.number in shown
        for secret in ("山田", "ハナコ", "090-1234-5678", "hanako@", "六本木"):
            assert secret not in shown, secret
    assert PersonalDataRead.objects.count() == 0


def test_reading_people_in_full_leaves_a_trace() -> None:
    customer = a_known_customer()
    client = a_desk("customers.view_customer", "customers.view_personal")

    client.get(reverse(LIST))
    client.get(page(customer))

    reads = PersonalDataRead.objects.order_by("id")
    assert [read.subject for read in reads] == [f"customer:{customer.public_id}"] * 2
    assert {read.actor_label for read in reads} == {"佐々木 美咲"}


def test_staff_of_one_company_do_not_see_anothers_customers() -> None:
    ours, theirs = a_known_customer(), a_known_customer()
    client = a_desk("customers.view_customer", "customers.view_personal", company=ours.company)

    assert theirs.number not in client.get(reverse(LIST)).content.decode()
    assert client.get(page(theirs)).status_code == 302
    assert client.get(page(ours)).status_code == 200


def test_a_list_of_fifty_takes_no_more_statements_than_one_of_one() -> None:
    client, company = a_desk(), make.a_company()
    counts = []
    for size in (1, 49):
        for _ in range(size):
            make.a_customer(company, phone="090-1234-5678")
        client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(LIST)).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_the_box_of_the_list_finds_by_reading_and_phone() -> None:
    customer = a_known_customer()
    other = make.a_customer(customer.company, family_name="佐藤", family_kana="サトウ")
    client = a_desk()

    for word in ("やまだ", "5678", "０９０１２３４５６７８"):
        shown = client.get(reverse(LIST), {"q": word}).content.decode()
        assert customer.number in shown
        assert other.number not in shown


def test_a_new_customer_is_registered_with_ways_to_reach_them() -> None:
    client, company = a_desk(), make.a_company()
    form = {
        "company": company.pk,
        "kind": "person",
        "family_name": "髙橋",
        "given_name": "美咲",
        "family_kana": "たかはし",
        "language": "ja",
    }

    bad = client.post(reverse("admin:customers_customer_add"), {**form, "phone": "---", "postal_code": "1"})
    assert bad.status_code == 200
    assert set(bad.context["adminform"].form.errors) == {"phone", "postal_code"}
    assert Customer.objects.count() == 0

    done = client.post(
        reverse("admin:customers_customer_add"),
        {**form, "phone": "090-1234-5678", "postal_code": "106-0032", "city": "港区", "street": "六本木6-10-1"},
    )
    assert done.status_code == 302, done.context["adminform"].form.errors
    customer = Customer.objects.get()
    assert (customer.family_kana, customer.number[:1]) == ("タカハシ", "C")
    assert (ContactPoint.objects.count(), Address.objects.count()) == (1, 1)


def test_editing_starts_from_the_version_that_was_seen() -> None:
    customer, client = a_known_customer(), a_desk()
    form = {"kind": "person", "family_name": "佐藤", "given_name": "花子", "language": "ja", "version": "1"}

    assert "version" in client.get(reverse("admin:customers_customer_verb_edit", args=[customer.pk])).content.decode()
    said(client, customer, "edit", **form)
    late = said(client, customer, "edit", **{**form, "family_name": "鈴木"})

    customer.refresh_from_db()
    assert (customer.family_name, customer.version) == ("佐藤", 2)
    assert any("2" in words for words in late)


@pytest.mark.parametrize(
    ("name", "values", "counted"),
    [
        ("note", {"body": "午後に電話", "visibility": "staff"}, Note),
        ("contact", {"kind": "phone", "value": "03-1111-2222"}, ContactPoint),
        (
            "address",
            {"country": "JP", "postal_code": "100-0001", "prefecture": "東京都", "city": "千代田区", "street": "千代田1-1"},
            Address,
        ),
        ("consent", {"channel": "mail", "purpose": "advertising", "status": "given", "source": "電話", "wording": "2026-04"}, Consent),
        ("points", {"points": "100", "reason": "お詫び"}, PointLot),
    ],
)
def test_what_is_added_by_a_verb_stands_afterwards(name: str, values: dict[str, str], counted: Any) -> None:
    customer, client = make.a_customer(), a_desk()

    said(client, customer, name, **values)

    assert counted.objects.get().customer_id == customer.id


def test_rank_tag_link_attention_and_status_are_verbs() -> None:
    customer, client = make.a_customer(), a_desk()
    rank, tag, account = make.a_rank(customer.company), Tag.objects.create(company=customer.company, name="ギフト"), make.an_account()

    said(client, customer, "rank", rank=rank.pk, reason="年間ご購入額")
    said(client, customer, "tag", tag=tag.pk)
    said(client, customer, "link", account_id=account.pk, note="電話で確認")
    said(client, customer, "attention", reason="転送先不明")
    said(client, customer, "close", reason="ご本人の希望")

    customer.refresh_from_db()
    assert (customer.attention, customer.status) == (True, "closed")
    assert (RankAssignment.objects.count(), CustomerTag.objects.count(), CustomerAccount.objects.count()) == (1, 1, 1)


def test_merging_by_number_undoing_and_erasing() -> None:
    company = make.a_company()
    principal, merged, client = make.a_customer(company), make.a_customer(company), a_desk()

    nobody = said(client, merged, "merge", principal="C9999999", reason="同一人物")
    assert Merge.objects.count() == 0
    assert nobody
    said(client, merged, "merge", principal=principal.number.lower(), reason="同一人物")
    assert merged.number in client.get(page(principal)).content.decode()
    said(client, Merge.objects.get(), "undo", reason="別人")
    assert Merge.objects.get().undone_at is not None
    said(client, merged, "erase", reason="ご本人の請求")
    merged.refresh_from_db()
    assert (merged.status, merged.family_name) == ("erased", "")


@pytest.mark.parametrize(("stays", "principal_is_older"), [("older", True), ("newer", False)])
def test_a_pair_is_merged_either_way_or_told_apart(stays: str, principal_is_older: bool) -> None:
    company = make.a_company()
    older, newer = make.a_customer(company), make.a_customer(company)
    pair = DuplicateCandidate.objects.create(company=company, customer=older, other=newer, score=65, reasons="phone kana")
    client = a_desk()

    said(client, pair, "merge", stays=stays, reason="同一人物")

    merge = Merge.objects.get()
    assert (merge.principal_id == older.id) is principal_is_older
    refused = said(client, pair, "dismiss", reason="親子")
    pair.refresh_from_db()
    assert (pair.status, bool(refused)) == ("merged", True)


def test_verbs_need_their_permission() -> None:
    customer, client = make.a_customer(), a_desk("customers.view_customer", "customers.view_personal")

    for name in ("edit", "note", "merge", "erase", "points"):
        assert client.get(reverse(f"admin:customers_customer_verb_{name}", args=[customer.pk])).status_code == 403
    assert "verb-edit" not in client.get(page(customer)).content.decode()


def test_a_staff_account_is_made_with_a_role_and_a_persons_is_only_read() -> None:
    client, person = a_desk(), make.an_account()
    form = {
        "handle": "misaki",
        "display_name": "佐々木 美咲",
        "email": "",
        "password1": "correct horse 9",
        "password2": "correct horse 9",
        "usable_password": "true",
    }

    made = client.post(reverse("admin:customers_account_add"), form)

    assert made.status_code == 302, made.context["adminform"].form.errors
    account = Account.objects.get(handle="misaki")
    assert (account.kind, account.is_staff, account.check_password("correct horse 9")) == ("staff", True, True)
    shown = client.get(reverse("admin:customers_account_change", args=[person.pk]))
    assert shown.status_code == 200
    assert not shown.context["has_change_permission"]


def test_a_partner_application_keeps_only_the_hash_of_its_secret() -> None:
    client, company = a_desk(), make.a_company()
    form = {
        "name": "モール連携", "company": company.pk, "client_id": "mall", "client_secret": "s3cret-of-the-mall", "allowed_scopes": "orders:read",
        "client_type": "confidential", "authorization_grant_type": "client-credentials",
    }  # fmt: skip

    made = client.post(reverse("admin:customers_partnerapplication_add"), form)

    assert made.status_code == 302, made.context["adminform"].form.errors
    application = PartnerApplication.objects.get()
    assert "s3cret" not in application.client_secret
    shown = client.get(reverse("admin:customers_partnerapplication_change", args=[application.pk])).content.decode()
    assert application.client_secret not in shown


def test_contact_points_addresses_and_links_are_ended_and_corrected_by_verbs() -> None:
    customer, client = a_known_customer(), a_desk()
    link = make.a_link(customer, make.an_account())
    phone, home = ContactPoint.objects.get(kind="phone"), Address.objects.get()
    shown = client.get(page(customer)).content.decode()
    for row in (phone, home, link):
        path = reverse(f"admin:customers_{row._meta.model_name}_change", args=[row.pk])
        assert path in shown
        assert client.get(path).status_code == 200
    form = {
        "country": "JP",
        "postal_code": "100-0001",
        "prefecture": "東京都",
        "city": "千代田区",
        "street": "千代田1-1",
        "family_name": "山田",
    }

    said(client, phone, "verify")
    said(client, phone, "end", reason="解約")
    said(client, home, "edit", **form)
    said(client, home, "default")
    said(client, link, "unlink", reason="取り違え")

    for row in (phone, home, link):
        row.refresh_from_db()
    assert (phone.verified_at is None, phone.ended_at is None, link.ended_at is None) == (False, False, False)
    assert (home.city, home.number_key, home.is_default, home.country) == ("千代田区", "1-1", True, "JP")
    said(client, home, "end", reason="転居")
    home.refresh_from_db()
    assert home.ended_at is not None


@pytest.mark.parametrize("model", ["contactpoint", "address", "customeraccount"])
def test_lists_of_ways_to_reach_people_are_for_those_who_may_know_them(model: str) -> None:
    a_known_customer()
    path = reverse(f"admin:customers_{model}_changelist")

    assert a_desk(f"customers.view_{model}").get(path).status_code == 403
    assert a_desk(f"customers.view_{model}", "customers.view_personal").get(path).status_code == 200


def test_an_administrator_resets_a_lost_second_factor_with_a_reason() -> None:
    someone = make.a_staff_account(handle="ryo")
    Authenticator.objects.create(user=someone, type="totp", data={"secret": "x"})
    client = a_desk()
    shown = client.get(reverse("admin:customers_account_change", args=[someone.pk])).content.decode()
    assert "認証アプリ" in shown

    verb(client, someone, "reset-factors", reason="携帯を紛失")

    assert Authenticator.objects.count() == 0
    act = AccountAct.objects.get()
    assert (act.account_id, act.kind, act.reason, act.actor_label) == (someone.pk, "factors_reset", "携帯を紛失", "佐々木 美咲")


def test_who_may_only_see_accounts_resets_nobodys_factors() -> None:
    someone = make.a_staff_account(handle="ryo")
    Authenticator.objects.create(user=someone, type="totp", data={"secret": "x"})

    answer = verb(a_desk("customers.view_account"), someone, "reset-factors", reason="x")

    assert answer.status_code in (302, 403)
    assert (Authenticator.objects.count(), AccountAct.objects.count()) == (1, 0)
