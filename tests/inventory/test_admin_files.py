"""Files of warehouses at the staff counter and the machine counter: handed in and out, maps written, readings written down."""

import base64
import html
import re
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM
from core.models import PersonalDataRead
from inventory.models import ColumnMap, ExchangeFile, ExchangeFolder, ExchangeRow, LocationStaff
from inventory.operations import give_file, take_file
from inventory.rules import FilePlace
from orders.models import Shipment, ShipmentInstruction
from tests.factories.customers import a_staff_account
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")
HEAD = "出荷指示番号,出荷日,配送会社,送り状番号,SKU,出荷数量"


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def order(shop):
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


def address(name, *args, model="exchangefile"):
    return reverse(f"admin:inventory_{model}_{name}", args=args)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def given(shop):
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    return give_file("shipping_instruction", place=place, actor=STAFF, at=AT)


def test_a_file_goes_out_and_comes_in_by_hand_and_each_reading_of_addresses_is_written_down(counter, shop, order):
    page = counter.get(address("exchange"))
    out = counter.post(
        address("exchange"), {"do": "give", "give-location": shop.locations[0].pk, "give-kind": "shipping_instruction"}, follow=True
    )
    kept = ExchangeFile.objects.get(way="out")
    content = counter.get(address("content", kept.pk))
    number = ShipmentInstruction.objects.get().number
    today = f"{Shipment.objects.get().instructed_at.astimezone(TOKYO):%Y/%m/%d}"
    rows = "\r\n".join([HEAD, f"{number},{today},佐川急便,123456789012,TEA,2", f"NOPE,{today},,1,TEA,2"]).encode("cp932")
    back = counter.post(
        address("exchange"),
        {
            "do": "take",
            "take-location": shop.locations[0].pk,
            "take-kind": "shipping_actual",
            "take-file": SimpleUploadedFile("実績.csv", rows),
        },
        follow=True,
    )

    assert "倉庫から届いたファイル" in page.content.decode()
    assert told(out) == ["1行のファイルを作りました。下からダウンロードしてください。"]
    assert content.content.startswith("区分,出荷指示番号".encode("cp932"))
    read = PersonalDataRead.objects.get(screen__endswith="/content/")
    assert (read.subject, read.fields_read) == (f"customer:{order.customer.public_id}", ["name", "phone", "address"])
    assert told(back) == ["取り込み 1行、処理済み 0行、差異 0行、受け付けず 1行。"]
    assert "この拠点に出荷指示「NOPE」はありません。" in back.content.decode()
    assert Shipment.objects.get().tracking_number == "123456789012"


def test_the_report_names_row_column_and_reason(counter, shop, order):
    given(shop)
    rows = "\r\n".join([HEAD, f"{ShipmentInstruction.objects.get().number},45000,,1,TEA,2"]).encode()
    counter.post(
        address("exchange"),
        {
            "do": "take",
            "take-location": shop.locations[0].pk,
            "take-kind": "shipping_actual",
            "take-file": SimpleUploadedFile("a.csv", rows),
        },
    )

    report = counter.get(address("report", ExchangeFile.objects.get(way="in").pk)).content.decode("utf-8-sig").splitlines()

    assert report[1].split(",")[0] == "2"
    assert ",出荷日,受け付けられません,inventory.bad_date,「45000」は日付ではありません。2026/11/29 のように書いてください。" in report[1]


@pytest.mark.parametrize(
    ("role", "seen"), [("warehouse", [200, 200, 200]), ("accounting", [200, 403, 403]), ("order_desk", [403, 404, 403])]
)
def test_addresses_in_files_are_read_by_those_only_who_exchange_them(client, shop, order, role, seen):
    file = given(shop)
    client.force_login(in_role(role))

    asked = client.get(address("change", file.file_id)), client.get(address("content", file.file_id)), client.get(address("exchange"))

    assert [answer.status_code for answer in asked] == seen
    assert PersonalDataRead.objects.filter(screen__endswith="/content/").count() == (1 if seen[1] == 200 else 0)


def test_who_works_elsewhere_neither_sees_a_file_nor_hands_one_in(client, shop, order):
    file = given(shop)
    account = in_role("warehouse")
    other = a_shop(locations=1)
    LocationStaff.objects.create(location=other.locations[0], account=account)
    client.force_login(account)

    content = client.get(address("content", file.file_id))
    handed = client.post(address("exchange"), {"do": "give", "give-location": shop.locations[0].pk, "give-kind": "shipping_instruction"})

    assert (content.status_code, handed.status_code) == (404, 200)
    assert ExchangeFile.objects.count() == 1
    assert PersonalDataRead.objects.filter(screen__endswith="/content/").count() == 0


def test_a_map_is_written_as_a_table_and_faults_lose_nothing(counter, shop):
    where = f"{address('write', model='columnmap')}?kind=shipping_actual&company={shop.company.pk}&location={shop.locations[0].pk}"
    table = {
        "encoding": "utf-8", "file_name": "JISSEKI", "position": ["20", "10", "30"], "heading": ["出荷日付", "指示NO", "問合番号"],
        "field": ["shipped_on", "instruction", "tracking_number"], "constant": [""] * 3, "date_pattern": ["%Y%m%d", "", ""],
        "most_bytes": [""] * 3, "codes": [""] * 3,
    }  # fmt: skip

    shown = counter.get(where).content.decode()
    wrong = counter.post(where, {**table, "field": ["shipped_on", "instruction", ""]})
    saved = counter.post(where, table, follow=True)

    assert 'value="送り状番号"' in shown
    assert "必須の項目に列がありません：送り状番号" in wrong.content.decode()
    assert 'value="問合番号"' in wrong.content.decode()
    assert told(saved) == ["第1版をいまから使います。"]
    kept = ColumnMap.objects.get()
    assert (kept.kind, kept.location_id, kept.encoding) == ("shipping_actual", shop.locations[0].pk, "utf-8")
    assert list(kept.columns.order_by("position").values_list("heading", "field", "date_pattern")) == [
        ("指示NO", "instruction", ""), ("出荷日付", "shipped_on", "%Y%m%d"), ("問合番号", "tracking_number", ""),
    ]  # fmt: skip
    assert counter.get(address("change", kept.pk, model="columnmap")).status_code == 200
    assert counter.get(address("changelist", model="columnmap")).status_code == 200


@pytest.mark.parametrize("query", ["", "kind=nope&company=1", "kind=shipping_actual&company=0", "kind=shipping_actual&company=１"])
def test_a_map_of_nothing_is_not_found(counter, shop, query):
    assert counter.get(f"{address('write', model='columnmap')}?{query}").status_code == 404


def test_maps_are_written_by_those_who_may(client, shop):
    client.force_login(in_role("accounting"))

    seen = client.get(address("in_force", model="columnmap"))
    asked = client.get(f"{address('write', model='columnmap')}?kind=shipping_actual&company={shop.company.pk}")

    assert (seen.status_code, asked.status_code) == (200, 403)


def test_a_folder_is_set_up_with_what_goes_out_by_itself(counter, shop):
    page = counter.get(address("add", model="exchangefolder"))
    counter.post(
        address("add", model="exchangefolder"), {"location": shop.locations[0].pk, "is_active": "on", "gives": ["shipping_instruction"]}
    )

    folder = ExchangeFolder.objects.get()
    listed = counter.get(address("changelist", model="exchangefolder")).content.decode()
    assert page.status_code == 200
    assert (folder.location_id, folder.gives, folder.is_active) == (shop.locations[0].pk, "shipping_instruction", True)
    assert f"{shop.company.code}/{shop.locations[0].code}/" in listed
    assert counter.get(address("change", folder.pk, model="exchangefolder")).status_code == 200


def test_what_differs_in_a_snapshot_is_told_with_its_value_and_leads_to_counting_it(counter, shop, order):
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    taken = take_file("stock_snapshot", "商品コード,在庫数\r\nTEA,7\r\n".encode("cp932"), name="z.csv", place=place, actor=STAFF, at=AT)

    page = counter.get(address("change", taken.file_id)).content.decode()
    link = re.search(r'href="([^"]*stocktake/open/[^"]*)"', page)
    form = counter.get(html.unescape(link[1])).content.decode()

    assert "TEA：倉庫 7、帳簿 10（差異 -3）" in page
    assert "差異のある品目を棚卸する" in page
    assert f'<option value="{shop.locations[0].pk}" selected>' in form
    assert re.search(r">\s*TEA\s*</textarea>", form)


SCOPE = "inventory:exchange"


@pytest.fixture
def caller(shop):
    return as_partner(a_token(a_partner(shop.company, scopes=SCOPE), scopes=SCOPE))


def post(client, path, body, caller, *, key):
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers={**caller, "Idempotency-Key": key})


def test_a_warehouse_fetches_and_hands_in_files_itself(client, shop, order, caller):
    out = post(client, "warehouse-files/outgoing", {"kind": "shipping_instruction", "location": shop.locations[0].code}, caller, key="a")
    content = client.get(f"/api/v1/warehouse-files/{out.json()['id']}/content", headers=caller)
    nothing = post(
        client, "warehouse-files/outgoing", {"kind": "shipping_instruction", "location": shop.locations[0].code}, caller, key="b"
    )
    number = ShipmentInstruction.objects.get().number
    today = f"{Shipment.objects.get().instructed_at.astimezone(TOKYO):%Y/%m/%d}"
    rows = "\r\n".join([HEAD, f"{number},{today},yamato,111,TEA,2", f"{number}x,{today},yamato,111,TEA,2"]).encode("cp932")
    body = {
        "kind": "shipping_actual", "location": shop.locations[0].code, "name": "a.csv", "content": base64.b64encode(rows).decode(),
    }  # fmt: skip
    back = post(client, "warehouse-files", body, caller, key="c")
    replayed = post(client, "warehouse-files", body, caller, key="c")
    listed = client.get("/api/v1/warehouse-files?way=in", headers=caller)

    assert (out.status_code, out.json()["rows"], nothing.json()["code"]) == (201, 1, "inventory.nothing_to_give")
    assert base64.b64decode(content.json()["content"]) == bytes(ExchangeFile.objects.get(way="out").content)
    assert PersonalDataRead.objects.get(screen="api /warehouse-files").subject == f"customer:{order.customer.public_id}"
    assert (back.status_code, back.json()["status"], back.json()["refused"]) == (201, "partly", 1)
    assert [(row["row"], row["column"], row["code"]) for row in back.json()["look_at"]] == [
        (3, "出荷指示番号", "order.no_such_instruction")
    ]
    assert replayed.content == back.content
    assert [row["id"] for row in listed.json()["data"]] == [back.json()["id"]]
    assert Shipment.objects.get().status == "shipped"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"content": "a"}, 400, "file.not_base64"),
        ({"content": "表"}, 400, "code.character"),
        ({"kind": "nope"}, 422, "inventory.no_such_file_kind"),
        ({"kind": "shipping_instruction"}, 422, "inventory.no_such_file_kind"),
        ({"location": "elsewhere"}, 422, "inventory.unknown_location"),
    ],
)
def test_what_is_no_file_of_theirs_is_refused_and_leaves_nothing(client, shop, caller, change, status, code):
    body = {"kind": "shipping_actual", "location": shop.locations[0].code, "name": "a.csv", "content": "", **change}

    answer = post(client, "warehouse-files", body, caller, key="k")

    found = {answer.json()["code"], *(error["code"] for error in answer.json().get("errors", ()))}
    assert (answer.status_code, code in found) == (status, True), answer.json()
    assert (ExchangeFile.objects.count(), ExchangeRow.objects.count()) == (0, 0)


def test_files_of_another_company_are_not_found(client, shop, order):
    given(shop)
    stranger = as_partner(a_token(a_partner(a_shop(locations=1).company, scopes=SCOPE), scopes=SCOPE))
    ref = f"xfl_{ExchangeFile.objects.get().public_id.hex}"

    asked = [client.get(f"/api/v1/warehouse-files/{ref}{rest}", headers=stranger) for rest in ("", "/content")]

    assert [answer.status_code for answer in asked] == [404, 404]
    assert client.get("/api/v1/warehouse-files", headers=stranger).json()["data"] == []
    assert not PersonalDataRead.objects.exists()
