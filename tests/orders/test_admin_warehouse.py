"""The warehouse's pages: batches with their papers, inspection by scanner with and without scripts, rules of inserts and their preview."""

import json

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from billing.rules import PaymentMethod
from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM
from core.clock import travel
from core.models import PersonalDataRead
from orders.models import InsertRule, Inspection, PaperFile, PickingBatch, PickingParcel, Shipment, ShipmentInsert
from orders.tasks import set_papers
from tests.factories.customers import a_staff_account
from tests.factories.orders import AT, a_shop, an_insert_rule, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_work():
    with travel(AT):
        yield


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def parcels(shop):
    tea = shop.variant(sku="TEA", jan="4901234567894", stock=[20])
    return [Shipment.objects.get(order=an_order(shop, (tea, 2), payment_method=PaymentMethod.POINTS)) for _ in range(2)]


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True, display_name="倉庫 担当"))
    return client


def in_role(client, role, company=None):
    seed_roles(actor=SYSTEM)
    account = a_staff_account(display_name=role, company=company)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    client.force_login(account)
    return client


def picked(counter, shop, **said):
    usual = {"location": str(shop.locations[0].pk), "until": "2026-05-11", "most": "100", "way": "total", "lists": "on", "notes": "on"}
    return counter.post(reverse("admin:orders_shipment_picking"), {**usual, **said})


def test_a_batch_is_made_of_what_may_leave_and_its_papers_are_opened_once_they_are_set(counter, shop, parcels):
    answer = picked(counter, shop)

    batch = PickingBatch.objects.get()
    assert answer["Location"] == reverse("admin:orders_pickingbatch_change", args=[batch.pk])
    assert (batch.parcel_count, PaperFile.objects.count()) == (2, 3)
    file = PaperFile.objects.get(kind="delivery_notes")
    told = counter.get(reverse("admin:orders_paperfile_progress", args=[file.pk])).json()
    assert (told["state"], told["done"], told["all"]) == ("waiting", 0, 2)
    assert counter.get(reverse("admin:orders_paperfile_content", args=[file.pk])).status_code == 404

    set_papers()

    page = counter.get(answer["Location"]).content.decode()
    assert all(p.number in page for p in parcels)
    assert counter.get(reverse("admin:orders_paperfile_progress", args=[file.pk])).json()["said"] == "2件、できました。"
    pdf = counter.get(reverse("admin:orders_paperfile_content", args=[file.pk]))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert PersonalDataRead.objects.filter(reason=f"delivery_notes {file.pk}").count() == 2
    assert counter.get(reverse("admin:orders_paperfile_change", args=[file.pk])).status_code == 200
    assert counter.get(reverse("admin:orders_paperfile_changelist")).status_code == 200
    assert counter.get(reverse("admin:orders_pickingbatch_changelist")).status_code == 200


def test_where_nothing_may_be_picked_the_page_says_so(counter, shop):
    page = picked(counter, shop).content.decode()

    assert "ピッキングできる荷物はありません" in page
    assert PickingBatch.objects.count() == 0


def test_chosen_parcels_are_batched_from_the_list_with_a_report_per_row(counter, shop, parcels):
    url, chosen = reverse("admin:orders_shipment_changelist"), [p.pk for p in parcels]
    said = {"action": "verb_batch", "_selected_action": chosen, "verb_confirmed": "1", "way": "by_parcel", "lists": "on"}

    counter.post(url, said)
    again = counter.post(url, said, follow=True).content.decode()

    assert (PickingParcel.objects.count(), PaperFile.objects.get().kind) == (2, "parcel_lists")
    assert PickingBatch.objects.get().number in again


def test_a_batch_is_printed_again_and_dissolved(counter, shop, parcels):
    picked(counter, shop)
    batch = PickingBatch.objects.get()

    first = counter.post(
        reverse("admin:orders_pickingbatch_verb_papers", args=[batch.pk]), {"verb_confirmed": "1", "paper": "delivery_notes"}, follow=True
    )
    assert "再発行" in first.content.decode()
    counter.post(
        reverse("admin:orders_pickingbatch_verb_papers", args=[batch.pk]), {"verb_confirmed": "1", "paper": "delivery_notes", "again": "on"}
    )
    assert PaperFile.objects.filter(kind="delivery_notes", is_reprint=True).count() == 1
    counter.post(reverse("admin:orders_pickingbatch_verb_dissolve", args=[batch.pk]), {"verb_confirmed": "1"})
    assert PickingParcel.objects.filter(ended_at=None).count() == 0


def began(client, parcel) -> str:
    answer = client.post(reverse("admin:orders_shipment_inspect"), {"code": parcel.number})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_a_box_is_inspected_with_a_scanner_alone(counter, shop, parcels):
    page = began(counter, parcels[0])

    def scanned(**said):
        return json.loads(counter.post(page, {"once": f"k{len(seen)}", **said}, HTTP_ACCEPT="application/json").content)

    seen: list[dict] = []
    for said in ({"code": "4901234567894"}, {"code": "NOPE"}, {"code": "UNDO"}, {"code": "2*TEA"}, {"code": "TEA"}):
        seen.append(scanned(**said))
    assert [(one["done"], one["code"]) for one in seen] == [
        (1, ""),
        (1, "order.unknown_code"),
        (0, ""),
        (2, ""),
        (2, "order.too_many_in_box"),
    ]
    assert "未登録のコード" in seen[1]["fault"]
    assert scanned(code="DONE")["status"] == "finished"
    assert Shipment.objects.get(pk=parcels[0].pk).inspected_at == AT
    assert counter.get(reverse("admin:orders_inspection_change", args=[Inspection.objects.get().pk])).status_code == 200


def test_without_scripts_the_form_does_the_same_and_wrong_fills_the_page(counter, parcels):
    page = began(counter, parcels[0])

    wrong = counter.post(page, {"code": "NOPE", "once": "1"}).content.decode()
    counter.post(page, {"code": "2*TEA", "once": "2"})
    done = counter.post(page, {"do": "finish", "once": "3"})

    assert 'class="inspect-said is-bad"' in wrong
    assert "inspect-alarm" in wrong
    assert "検品が終わりました" in counter.get(done["Location"]).content.decode()
    again = counter.post(reverse("admin:orders_shipment_inspect"), {"code": parcels[0].number}).content.decode()
    assert "検品済みです" in again


def test_only_who_picks_inspects_and_prints_and_nobody_for_another_company(client, shop, parcels):
    other = a_shop(locations=1)
    for role, status in (("warehouse", 200), ("marketing", 403), ("viewer", 403)):
        assert in_role(client, role).get(reverse("admin:orders_shipment_inspect")).status_code == status
        assert client.get(reverse("admin:orders_shipment_picking")).status_code == status
    in_role(client, "warehouse", company=other.company)
    page = client.post(reverse("admin:orders_shipment_inspect"), {"code": parcels[0].number}).content.decode()
    assert "番号の荷物はありません" in page
    assert Inspection.objects.count() == 0


def test_rules_are_previewed_counted_and_told_on_the_parcel(counter, shop, parcels):
    rule = an_insert_rule(shop, name="初回の案内", first_order=True)
    page = counter.get(f"{reverse('admin:orders_insertrule_preview')}?rule={rule.pk}").content.decode()
    assert all(p.number in page for p in parcels)
    assert "初回受注" in page
    assert ShipmentInsert.objects.count() == 0

    picked(counter, shop)

    shown = counter.get(reverse("admin:orders_shipment_change", args=[parcels[0].pk])).content.decode()
    assert "初回の案内" in shown
    assert "0 / 2 / 0" in counter.get(reverse("admin:orders_insertrule_changelist")).content.decode()
    assert counter.get(reverse("admin:orders_shipmentinsert_changelist")).status_code == 200


def test_a_rule_is_written_with_words_that_exist(counter, shop):
    rule = an_insert_rule(shop)
    usual = {
        "company": shop.company.pk, "position": 1, "name": "お茶のしおり", "stock_item": rule.stock_item_id, "quantity": 1, "when_short": "skip",
        "group": "", "skus": "ＴＥＡ, NOPE",
    }  # fmt: skip
    shop.variant(sku="TEA")
    url = reverse("admin:orders_insertrule_add")

    wrong = counter.post(url, usual)
    assert "「NOPE」はありません" in wrong.content.decode()
    counter.post(url, {**usual, "skus": "ＴＥＡ"})
    assert InsertRule.objects.get(name="お茶のしおり").skus == ["TEA"]
