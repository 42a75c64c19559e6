"""Photos with returns and repairs: made anew, counted, seen by those who may, and gone with their customer."""

import io
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core.actor import SYSTEM
from core.errors import Refusal
from core.models import PersonalDataRead
from customers.models import Customer
from customers.operations import erase_customers
from orders.models import CasePhoto, ReturnCase
from orders.operations import add_photos, cleaned_photo, drop_ended_photos, drop_stray_photos, withdraw_returns
from orders.queries import order_path, order_view
from orders.rules import LONGEST_SIDE, MOST_PHOTOS, CleanPhoto, PhotoOf, PhotoTaken, ServiceDeed, ServiceStep
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.orders import STAFF, Shop
from tests.factories.returns import NOW, a_case, a_delivered_order, asked
from tests.factories.services import a_service, stepped
from tests.factories.storefront import a_web_shop, signed_in

pytestmark = pytest.mark.django_db
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def me(shop: Shop) -> tuple[Client, Customer]:
    customer = a_customer(shop.company, phone="090-1234-5678", email="hanako@example.jp")
    account = an_account()
    a_link(customer, account)
    return signed_in(account), customer


def a_picture(kind: str = "JPEG", *, colour: str = "red", size: tuple[int, int] = (40, 20), **exif: Any) -> bytes:
    """A picture as a telephone makes it, with where it was taken."""
    made, told = io.BytesIO(), Image.Exif()
    told[MAKE] = "Telephone Co"
    told.get_ifd(GPS)[2] = (35.0, 41.0, 0.0)
    if exif.get("turned"):
        told[ORIENTATION] = 6
    Image.new("RGB", size, colour).save(made, kind, **({"exif": told} if kind in ("JPEG", "WEBP", "PNG") else {}))
    return made.getvalue()


def files() -> list[str]:
    found, store = [], storages["private"]
    waiting = [""]
    while waiting:
        here = waiting.pop()
        try:
            folders, names = store.listdir(here)
        except FileNotFoundError:
            continue
        waiting += [f"{here}/{name}".strip("/") for name in folders]
        found += [f"{here}/{name}" for name in names]
    return found


@pytest.fixture(autouse=True)
def _an_empty_storage() -> None:
    for name in files():
        storages["private"].delete(name)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_made_anew_without_where_it_was_taken(kind: str) -> None:
    clean = cleaned_photo(a_picture(kind))

    assert isinstance(clean, CleanPhoto)
    with Image.open(io.BytesIO(clean.content)) as seen:
        assert (seen.format, seen.size, dict(seen.getexif())) == ("JPEG", (40, 20), {})
    assert b"Telephone" not in clean.content


def test_a_turned_photo_stands_upright_and_a_large_one_is_made_smaller() -> None:
    turned, large = cleaned_photo(a_picture(turned=True)), cleaned_photo(a_picture(size=(4_000, 1_000)))

    assert isinstance(turned, CleanPhoto)
    assert isinstance(large, CleanPhoto)
    assert (turned.width, turned.height) == (20, 40)
    assert (large.width, large.height) == (LONGEST_SIDE, 600)


# A red square as an iPhone would send it, made with libheif's own encoder.
HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAA"
    "Imlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAGgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmND"
    "AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgA"
    "AAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAibWRhdAAA"
    "ABYoAa8ZgPd8hTf/+KGH/mta/6/BXi0c"
)


def test_what_an_iphone_sends_is_read() -> None:
    clean = cleaned_photo(b64decode(HEIC))

    assert isinstance(clean, CleanPhoto)
    assert (clean.width, clean.height) == (64, 64)
    with Image.open(io.BytesIO(clean.content)) as seen:
        red, green, blue = seen.convert("RGB").getpixel((32, 32))
    assert red > 200 > 60 > max(green, blue)


BAD = {
    "a text that says it is a picture": b"GIF89a but no", "nothing": b"", "a cut picture": a_picture()[:200],
    "a picture of another kind": a_picture("BMP"), "markup": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
}  # fmt: skip


@pytest.mark.parametrize("_case", BAD)
def test_what_is_no_photo_is_refused_in_words(_case: str) -> None:
    refused = cleaned_photo(BAD[_case])

    assert isinstance(refused, Refusal)
    assert refused.code == "photo.unreadable"


def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused_unread() -> None:
    made = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")

    refused = cleaned_photo(made.getvalue())

    assert isinstance(refused, Refusal)
    assert refused.code in ("photo.too_large", "photo.unreadable")


def test_the_same_picture_is_kept_once_and_no_more_than_so_many(shop: Shop, me: tuple[Client, Customer]) -> None:
    _client, customer = me
    of = PhotoOf(service_id=a_service(customer).pk)
    colours = ("red", "blue", "green", "white", "black", "pink", "gray")

    first, again = add_photos(of, [a_picture(), a_picture()], actor=STAFF, at=NOW)
    others = add_photos(of, [a_picture(colour=colour) for colour in colours], actor=STAFF, at=NOW)

    assert isinstance(first, PhotoTaken)
    assert isinstance(again, PhotoTaken)
    assert first.photo_id == again.photo_id
    assert [type(one).__name__ for one in others] == ["PhotoTaken"] * 6 + ["Refusal"]
    assert CasePhoto.objects.count() == MOST_PHOTOS == len(files())


def test_a_case_that_is_over_takes_none_and_no_file_is_left(shop: Shop, me: tuple[Client, Customer]) -> None:
    _client, customer = me
    case = a_case(asked(a_delivered_order(shop, (shop.variant(1_000, stock=[5]), 1), customer_id=customer.pk), 1))
    withdraw_returns([case.pk], reason="不要", actor=STAFF, at=NOW)
    before = files()

    (refused,) = add_photos(PhotoOf(case_id=case.pk), [a_picture()], actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, CasePhoto.objects.count(), files()) == ("photo.case_over", 0, before)


def test_a_shopper_adds_a_photo_sees_it_and_nobody_else_does(shop: Shop, me: tuple[Client, Customer]) -> None:
    client, customer = me
    service = a_service(customer)
    stranger = an_account()
    a_link(a_customer(shop.company), stranger)

    added = client.post(f"/mypage/services/{service.number}/photos/", {"photos": SimpleUploadedFile("a.jpg", a_picture())})
    photo = CasePhoto.objects.get()
    page = client.get(f"/mypage/services/{service.number}/").content.decode()
    seen = client.get(f"/mypage/photos/{photo.public_id}/")
    others = signed_in(stranger).get(f"/mypage/photos/{photo.public_id}/")

    assert (added.status_code, seen.status_code, seen["Content-Type"], others.status_code) == (302, 200, "image/jpeg", 404)
    assert "no-store" in seen["Cache-Control"]
    assert f"/mypage/photos/{photo.public_id}/" in page
    assert Client().get(f"/mypage/photos/{photo.public_id}/").status_code == 302


def test_a_guest_adds_a_photo_to_her_return_and_the_link_of_another_order_does_not_show_it(shop: Shop, client: Client) -> None:
    links = []
    for _n in range(2):
        order = a_delivered_order(shop, (shop.variant(1_000, stock=[5]), 1))
        case = a_case(asked(order, 1))
        view = order_view(order.pk)
        assert view is not None
        links.append((order_path(view), case.number))
    (link, number), (other, _other_number) = links

    client.post(f"{link}returns/{number}/photos/", {"photos": SimpleUploadedFile("a.jpg", a_picture())})
    foreign = client.post(f"{other}returns/{number}/photos/", {"photos": SimpleUploadedFile("a.jpg", a_picture())})
    photo = CasePhoto.objects.get()

    assert client.get(f"{link}photos/{photo.public_id}/").status_code == 200
    assert (client.get(f"{other}photos/{photo.public_id}/").status_code, foreign.status_code) == (404, 404)
    assert f"{link}photos/{photo.public_id}/" in client.get(link).content.decode()


def test_staff_add_and_see_photos_and_each_look_is_written_down(shop: Shop, me: tuple[Client, Customer]) -> None:
    _client, customer = me
    case = a_case(asked(a_delivered_order(shop, (shop.variant(1_000, stock=[5]), 1), customer_id=customer.pk), 1))
    staff = Client()
    account = get_user_model().objects.create(handle="administrator", kind="staff", is_staff=True, is_superuser=True)
    staff.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    staff.post(f"/admin/orders/returncase/{case.pk}/photos/", {"photos": SimpleUploadedFile("a.png", a_picture("PNG"))})
    photo = CasePhoto.objects.get()
    page = staff.get(f"/admin/orders/returncase/{case.pk}/change/").content.decode()
    before = PersonalDataRead.objects.filter(fields_read__contains=["photo"]).count()
    seen = staff.get(f"/admin/orders/returncase/photos/{photo.public_id}/")

    assert str(photo.public_id) in page
    assert (before, seen.status_code) == (0, 200)
    assert PersonalDataRead.objects.get(fields_read__contains=["photo"]).subject == f"customer:{customer.public_id}"


def test_photos_of_a_forgotten_customer_are_shown_to_nobody_at_once_and_their_files_go(me: tuple[Client, Customer]) -> None:
    client, customer = me
    service = a_service(customer)
    add_photos(PhotoOf(service_id=service.pk), [a_picture()], actor=STAFF, at=NOW)
    photo = CasePhoto.objects.get()
    here = [name for name in files() if name.endswith(photo.file.rsplit("/", 1)[1])]
    stepped(service, ServiceStep(request_id=service.pk, deed=ServiceDeed.DECLINE, reason="対応外"))

    erase_customers([customer.pk], actor=SYSTEM, at=NOW, reason="本人の申し出")
    hidden = client.get(f"/mypage/photos/{photo.public_id}/").status_code
    dropped = [drop_ended_photos(actor=SYSTEM, at=NOW) for _n in range(2)]

    assert (len(here), hidden, dropped) == (1, 404, [1, 0])
    assert CasePhoto.objects.count() == 0
    assert not [name for name in files() if name in here]


def test_a_file_whose_writer_died_is_deleted_and_one_under_way_is_not(me: tuple[Client, Customer]) -> None:
    _client, customer = me
    then = NOW - timedelta(days=2)
    add_photos(PhotoOf(service_id=a_service(customer).pk), [a_picture()], actor=STAFF, at=then)
    kept = CasePhoto.objects.get().file
    lost, under_way = (f"photos/{day:%Y/%m/%d}/lost.jpg" for day in (then, NOW))
    for name in (lost, under_way):
        storages["private"].save(name, ContentFile(a_picture()))

    dropped = [drop_stray_photos(at=NOW) for _n in range(2)]

    assert dropped == [1, 0]
    assert {kept, under_way} == set(files())


def test_a_return_that_nobody_knows_takes_no_photo(shop: Shop) -> None:
    (refused,) = add_photos(PhotoOf(case_id=987_654), [a_picture()], actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, ReturnCase.objects.count()) == ("return.not_found", 0)


@pytest.mark.parametrize(
    ("_case", "patch"),
    [("a text for a number", {11: 27, 19: 90}), ("no whole number", {11: 37, 46: 197}), ("no number", {11: 85, 20: 9, 33: 188})],
)
def test_a_picture_whose_exif_is_broken_is_refused_not_stumbled_over(_case: str, patch: dict[int, int]) -> None:
    made, exif = io.BytesIO(), Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Tel", 6
    Image.new("RGB", (8, 4), "red").save(made, "JPEG", exif=exif)
    raw = bytearray(made.getvalue())
    start = raw.index(b"MM\x00*")
    for at, byte in patch.items():
        raw[start + at] = byte

    assert isinstance(cleaned_photo(bytes(raw)), Refusal)
