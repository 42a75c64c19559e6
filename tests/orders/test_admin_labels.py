"""Labels at the staff counter and the machine counter: made for chosen parcels or a location, handed back in, by whoever may."""

import base64

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM
from core.clock import travel
from core.models import AuditEntry, PersonalDataRead
from inventory.models import ExchangeFile, LocationStaff
from orders.models import CarrierContract, Shipment, ShipmentLabel, TrackingNumber
from orders.operations import Leaving, ship_shipments
from orders.rules import DraftDestination
from tests.factories.customers import a_staff_account
from tests.factories.orders import AT, STAFF, a_contract, a_place, a_shop, an_order
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
PAGE = "admin:orders_shipment_labels"


@pytest.fixture(autouse=True)
def at_work():
    with travel(AT):
        yield


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def order(shop):
    a_contract(shop)
    return an_order(shop, (shop.variant(1_080, sku="TEA", stock=[10]), 2))


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True, display_name="倉庫 担当"))
    return client


def in_role(role):
    seed_roles(actor=SYSTEM)
    account = a_staff_account(display_name=role)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    return account


def made(counter, shop, **said):
    usual = {"do": "give", "give-location": str(shop.locations[0].pk), "give-carrier": "yamato", "give-leaves_on": "2026-05-11"}
    return counter.post(reverse(PAGE), {**usual, **said})


def handed_in(counter, shop, number, tracking="1234-5678-9013", **said):
    content = f"お客様管理番号,伝票番号\r\n{number},{tracking}\r\n".encode("cp932")
    file = SimpleUploadedFile("b2.csv", content)
    usual = {"do": "take", "take-location": str(shop.locations[0].pk), "take-carrier": "yamato", "take-file": file}
    return counter.post(reverse(PAGE), {**usual, **said})


def test_a_location_is_labelled_downloaded_and_its_numbers_handed_in(counter, shop, order):
    lost = an_order(shop, (shop.variant(500, stock=[9]), 1), destinations=(DraftDestination(place=a_place(building="🍵")),))

    answer = made(counter, shop)

    page = answer.content.decode()
    file = ExchangeFile.objects.get()
    assert answer.status_code == 200
    assert f"/{file.pk}/content/" in page
    assert Shipment.objects.get(order=lost).number in page
    assert "🍵" in page
    assert PersonalDataRead.objects.filter(reason__contains=file.name).count() == 0
    content = counter.get(reverse("admin:inventory_exchangefile_content", args=[file.pk]))
    assert content.content.startswith('"お客様管理番号","送り状種類"'.encode("cp932"))
    read = PersonalDataRead.objects.get(reason__contains=file.name)
    assert read.subject == f"customer:{order.customer.public_id}"

    back = handed_in(counter, shop, Shipment.objects.get(order=order).number)

    result = ExchangeFile.objects.get(way="in")
    assert (back.status_code, back.url) == (302, reverse("admin:inventory_exchangefile_change", args=[result.pk]))
    assert Shipment.objects.get(order=order).tracking_number == "123456789013"
    shown = counter.get(reverse("admin:orders_shipment_change", args=[Shipment.objects.get(order=order).pk])).content.decode()
    assert "123456789013" in shown


def test_chosen_parcels_come_from_the_list_with_their_keys(counter, shop, order):
    [parcel] = Shipment.objects.all()
    chosen = counter.post(
        reverse("admin:orders_shipment_changelist"), {"action": "make_labels", "_selected_action": [parcel.pk], "index": 0}
    )
    page = chosen.content.decode()

    assert f'name="give-ids" value="{parcel.pk}"' in page
    assert "give-location" not in page
    assert made(counter, shop, **{"give-ids": str(parcel.pk), "give-location": ""}).status_code == 200
    assert ShipmentLabel.objects.get().shipment_id == parcel.pk


def test_the_list_tells_parcels_without_label_data_from_those_with(counter, shop, order):
    made(counter, shop)
    other = an_order(shop, (shop.variant(500, stock=[9]), 1))
    url = reverse("admin:orders_shipment_changelist")

    without, those_with, all_of_them = (
        [parcel.order_id for parcel in counter.get(f"{url}{asked_for}").context["cl"].result_list]
        for asked_for in ("?labelled=no", "?labelled=yes", "?labelled=%27")
    )

    assert (without, those_with, sorted(all_of_them)) == ([other.pk], [order.pk], [order.pk, other.pk])


def test_a_number_typed_at_departure_stands_beside_that_of_the_label(counter, shop, order):
    parcel = Shipment.objects.get()
    handed_in(counter, shop, parcel.number)
    ship_shipments([Leaving(shipment_id=parcel.pk, carrier="sagawa", tracking_number="999")], actor=STAFF, at=AT)

    page = counter.get(reverse("admin:orders_shipment_change", args=[parcel.pk])).content.decode()

    assert "999, 123456789013" in page


@pytest.mark.parametrize("ids", ["1;2", "²", "9" * 30, "' OR 1=1"])
def test_keys_that_are_none_are_refused(counter, shop, order, ids):
    assert made(counter, shop, **{"give-ids": ids}).status_code == 200
    assert not ShipmentLabel.objects.exists()


def test_nothing_to_label_is_said_at_the_form(counter, shop, order):
    made(counter, shop)

    answer = made(counter, shop)

    assert answer.context["giving"].non_field_errors()
    assert ExchangeFile.objects.count() == 1


def test_a_file_that_came_before_is_refused_at_its_field(counter, shop, order):
    handed_in(counter, shop, Shipment.objects.get().number)

    answer = handed_in(counter, shop, Shipment.objects.get().number)

    assert answer.context["taking"].errors["file"]
    assert TrackingNumber.objects.count() == 1


@pytest.mark.parametrize(("role", "may"), [("warehouse", True), ("viewer", False), ("order_desk", False), ("accounting", False)])
def test_who_makes_labels(client, shop, order, role, may):
    account = in_role(role)
    LocationStaff.objects.create(location=shop.locations[0], account=account)
    client.force_login(account)

    answers = client.get(reverse(PAGE)).status_code, made(client, shop).status_code, handed_in(client, shop, "X").status_code

    assert answers == ((200, 200, 302) if may else (403, 403, 403))
    assert ShipmentLabel.objects.exists() is may
    page = client.get(reverse("admin:orders_shipment_changelist")).content.decode()
    assert ("make_labels" in page, "go-labels" in page) == (may, may)


def test_a_member_of_staff_labels_their_own_location_only(client, shop, order):
    elsewhere = a_shop(locations=1)
    account = in_role("warehouse")
    LocationStaff.objects.create(location=elsewhere.locations[0], account=account)
    client.force_login(account)

    made(client, shop)
    made(client, shop, **{"give-ids": str(Shipment.objects.get().pk), "give-location": ""})

    assert not ShipmentLabel.objects.exists()


def contract(shop, **said):
    return {
        "company": shop.company.pk, "location": "", "carrier": "yamato", "layout": "yamato_b2_95", "customer_code": "054000000001",
        "classification": "", "freight_code": "01", "packing": "", "sender_name": "こよみ堂", "sender_phone": "0120-000-540",
        "sender_postal_code": "420-0853", "sender_address": "静岡県静岡市葵区追手町0-0", "sender_building": "", "goods": "食品",
        "handling_1": "", "handling_2": "", **said,
    }  # fmt: skip


def test_a_contract_is_written_down_and_its_change_leaves_a_trace(counter, shop):
    answer = counter.post(reverse("admin:orders_carriercontract_add"), contract(shop))

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    [row] = CarrierContract.objects.all()
    assert (row.carrier, row.sender_name) == ("yamato", "こよみ堂")
    assert AuditEntry.objects.filter(table_name="orders_carriercontract", verb="insert").count() == 1
    assert "ヤマト" in counter.get(reverse("admin:orders_carriercontract_changelist")).content.decode()
    twice = counter.post(reverse("admin:orders_carriercontract_add"), contract(shop))
    assert twice.status_code == 200
    assert twice.context["adminform"].form.non_field_errors()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"layout": "sagawa_hiden3"}, "layout"),
        ({"sender_name": "あ" * 17}, "__all__"),
        ({"sender_name": "🍵"}, "__all__"),
        ({"customer_code": ""}, "__all__"),
    ],
)
def test_a_contract_whose_labels_could_not_be_printed_is_refused(counter, shop, said, field):
    answer = counter.post(reverse("admin:orders_carriercontract_add"), contract(shop, **said))

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not CarrierContract.objects.exists()


def test_carrier_and_pieces_are_said_in_the_list(counter, shop, order):
    [parcel] = Shipment.objects.all()
    counter.post(reverse("admin:orders_shipment_verb_pack", args=[parcel.pk]), {"verb_confirmed": "1", "pieces": "3", "carrier": "sagawa"})

    parcel.refresh_from_db()
    assert (parcel.pieces, parcel.carrier) == (3, "sagawa")


SCOPE = "inventory:exchange"


def asked(client, shop, body, *, key="a", scopes=SCOPE):
    caller = as_partner(a_token(a_partner(shop.company, scopes=scopes), scopes=scopes))
    return client.post("/api/v1/label-files", body, content_type="application/json", headers={**caller, "Idempotency-Key": key}), caller


def test_a_machine_makes_labels_and_hands_their_numbers_in(client, shop, order):
    out, caller = asked(client, shop, {"location": shop.locations[0].code, "carrier": "yamato"})
    [file] = out.json()["files"]
    content = client.get(f"/api/v1/warehouse-files/{file['id']}/content", headers=caller)
    number = Shipment.objects.get().number
    rows = base64.b64encode(f"お客様管理番号,伝票番号\r\n{number},123456789013\r\n".encode("cp932")).decode()
    body = {"kind": "label_result_yamato", "location": shop.locations[0].code, "name": "b2.csv", "content": rows}
    back = client.post("/api/v1/warehouse-files", body, content_type="application/json", headers={**caller, "Idempotency-Key": "b"})

    assert (out.status_code, file["parcels"], file["carrier"], out.json()["left_out"]) == (201, 1, "yamato", [])
    assert number.encode() in base64.b64decode(content.json()["content"])
    assert PersonalDataRead.objects.get(screen="api /warehouse-files").subject == f"customer:{order.customer.public_id}"
    assert (back.status_code, back.json()["status"], Shipment.objects.get().tracking_number) == (201, "done", "123456789013")


def test_a_machine_is_told_who_was_left_out(client, shop, order):
    shipments = client.get(
        "/api/v1/shipments", headers=as_partner(a_token(a_partner(shop.company, scopes="shipments:read"), scopes="shipments:read"))
    )
    ref = shipments.json()["data"][0]["id"]

    out, _caller = asked(client, shop, {"shipments": [ref]})

    assert out.json()["files"] == []
    [one] = out.json()["left_out"]
    assert (one["shipment"], [reason["code"] for reason in one["reasons"]]) == (ref, ["order.no_carrier"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "label.place_or_parcels"),
        ({"location": "nowhere"}, 422, "order.no_such_location"),
        ({"location": "@", "carrier": "dhl"}, 422, "order.no_label_carrier"),
        ({"location": "@", "shipments": ["shp_" + "0" * 26]}, 400, None),
        ({"location": "@", "leaves_on": "11.5.2026"}, 400, None),
    ],
)
def test_a_machine_that_asks_wrongly_is_told(client, shop, order, body, status, code):
    said = {name: shop.locations[0].code if value == "@" else value for name, value in body.items()}

    out, _caller = asked(client, shop, said)

    assert out.status_code == status, out.content
    assert code is None or out.json()["code"] == code
    assert not ShipmentLabel.objects.exists()


def test_a_machine_needs_the_scope_and_sees_its_own_company_only(client, shop, order):
    assert asked(client, shop, {"location": shop.locations[0].code}, scopes="orders:read")[0].status_code == 403
    other = a_shop(locations=1)
    assert asked(client, other, {"location": shop.locations[0].code})[0].status_code == 422
    assert not ShipmentLabel.objects.exists()
