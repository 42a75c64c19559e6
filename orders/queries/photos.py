"""Photos of cases as those read them who may see the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.storage import storages

from core.db import rows
from orders.queries.lists import Sight


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo; ``file`` is its name in the private storage."""

    key: int
    id: UUID
    case_key: int | None
    service_key: int | None
    customer_ref: UUID
    by: str
    width: int
    height: int
    added_at: datetime
    file: str


_PHOTOS = """
SELECT p.id, p.public_id, p.case_id, p.service_id, c.public_id, p.actor_kind, p.width, p.height, p.added_at, p.file
FROM orders_casephoto p JOIN customers_customer c ON c.id = p.customer_id WHERE p.ended_at IS NULL
"""


def photos_of(*, case_ids: Sequence[int] = (), service_ids: Sequence[int] = ()) -> dict[tuple[str, int], list[PhotoView]]:
    """The photos of cases and of requests, by ("case" or "service", key), in the order they were added. One statement."""
    found: dict[tuple[str, int], list[PhotoView]] = {}
    if not case_ids and not service_ids:
        return found
    for row in rows(
        _PHOTOS + " AND (p.case_id = ANY(%s::bigint[]) OR p.service_id = ANY(%s::bigint[])) ORDER BY p.id",
        (list(case_ids), list(service_ids)),
    ):
        photo = PhotoView(*row)
        key = ("case", photo.case_key) if photo.case_key is not None else ("service", photo.service_key or 0)
        found.setdefault(key, []).append(photo)
    return found


def visible_photo(ref: UUID, *, sight: Sight) -> PhotoView | None:
    """A photo by its public id, if the asker may see whose it is: the only gate to the files."""
    where, given = sight.where("p")
    found = rows(f"{_PHOTOS} AND p.public_id = %(ref)s AND {where}", {**given, "ref": ref}, prepare=False)
    return PhotoView(*found[0]) if found else None


def photo_content(photo: PhotoView) -> bytes | None:
    """The JPEG of a photo; None where its file is gone. Whoever shows it to staff writes the reading down."""
    store = storages["private"]
    if not store.exists(photo.file):
        return None
    with store.open(photo.file) as kept:
        return bytes(kept.read())
