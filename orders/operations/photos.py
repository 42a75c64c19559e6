"""Photos are made anew from their pixels, kept in the private storage, and deleted with their customer."""

import io
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop as _
from orders.rules import (
    LONGEST_SIDE,
    MOST_PHOTO_MB,
    MOST_PHOTOS,
    MOST_PIXELS,
    OPEN_CASES,
    OPEN_SERVICES,
    PHOTO_FORMATS,
    CleanPhoto,
    PhotoOf,
    PhotoTaken,
    no_photo,
    too_large,
    too_many,
)

QUALITY: Final = 85
PRIVATE: Final = "private"
STRAY_DAYS: Final = 7
UNREADABLE: Final = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, MemoryError, TypeError, LookupError,
    ArithmeticError, struct.error,
)  # fmt: skip
"""What decoders raise at bytes that somebody, or a broken camera, has put together wrongly."""
register_heif_opener()

_LOCK_CASE = "SELECT id, company_id, customer_id, status FROM orders_returncase WHERE id = %s FOR UPDATE"
_LOCK_SERVICE = "SELECT id, company_id, customer_id, status FROM orders_servicerequest WHERE id = %s FOR UPDATE"
_THERE = """
SELECT id, public_id, digest FROM orders_casephoto
WHERE ended_at IS NULL AND (case_id = %(case)s::bigint OR service_id = %(service)s::bigint) ORDER BY id
"""
_WRITE = """
INSERT INTO orders_casephoto (company_id, customer_id, case_id, service_id, file, digest, width, height, size, added_at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(company)s, %(customer)s, %(case)s::bigint, %(service)s::bigint, p.*, %(at)s, %(kind)s, %(id)s, %(label)s, %(for)s
FROM unnest(%(files)s::text[], %(digests)s::text[], %(widths)s::int[], %(heights)s::int[], %(sizes)s::int[]) AS p
RETURNING id, public_id, digest
"""
_END = "UPDATE orders_casephoto SET ended_at = %(at)s WHERE customer_id = ANY(%(ids)s::bigint[]) AND ended_at IS NULL"
_ENDED = "SELECT id, file FROM orders_casephoto WHERE ended_at IS NOT NULL ORDER BY id LIMIT %s"


def cleaned_photo(content: bytes) -> CleanPhoto | Refusal:
    """The picture behind an upload, made anew as JPEG: upright, at most so large, without EXIF, GPS, thumbnails or comments.

    Refuses "photo.too_large", "photo.unreadable". Whatever the file claims to be counts for nothing.
    """
    if len(content) > MOST_PHOTO_MB * 2**20:
        return too_large()
    try:
        with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return too_large()
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            flat = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            flat.paste(seen, mask=seen.getchannel("A"))
            made = io.BytesIO()
            flat.save(made, "JPEG", quality=QUALITY, optimize=True)
    except UNREADABLE:
        return no_photo()
    found = made.getvalue()
    return CleanPhoto(content=found, width=flat.width, height=flat.height, digest=sha256(found).hexdigest())


def add_photos(of: PhotoOf, contents: Sequence[bytes], *, actor: Actor, at: datetime) -> list[PhotoTaken | Refusal]:
    """Each upload lies with its case as a photo, the same picture once. One result per upload; those that can be read are kept.

    Refuses "photo.too_large", "photo.unreadable", "photo.too_many", "photo.case_over", "return.not_found". Files are written before the
    transaction, and deleted where it takes none of them (``drop_stray_photos`` where the process died). Whether the case is the asker's is
    the counter's to know.
    """
    cleaned = [cleaned_photo(content) for content in contents[: MOST_PHOTOS * 2]]
    cleaned += [too_many()] * (len(contents) - len(cleaned))
    store = storages[PRIVATE]
    files = {
        photo.digest: store.save(f"{_folder(at)}/{new_id().hex}.jpg", ContentFile(photo.content))
        for photo in {p.digest: p for p in cleaned if isinstance(p, CleanPhoto)}.values()
    }
    kept: set[str] = set()
    try:
        results, kept = _keep(of, cleaned, files, actor=actor, at=at)
    finally:
        for digest, name in files.items():
            if digest not in kept:
                store.delete(name)
    return results


def _folder(at: datetime) -> str:
    return f"photos/{at.astimezone(UTC):%Y/%m/%d}"


@operation
def _keep(
    of: PhotoOf, cleaned: Sequence[CleanPhoto | Refusal], files: dict[str, str], *, actor: Actor, at: datetime
) -> tuple[list[PhotoTaken | Refusal], set[str]]:
    found = rows(_LOCK_CASE, (of.case_id,)) if of.case_id is not None else rows(_LOCK_SERVICE, (of.service_id,))
    if not found:
        return [Refusal("return.not_found", _("There is no such return."))] * len(cleaned), set()
    if found[0].status not in {*map(str, OPEN_CASES), *map(str, OPEN_SERVICES)}:
        return [Refusal("photo.case_over", _("This case is over; photos are no longer added to it."))] * len(cleaned), set()
    there = {row.digest: row for row in rows(_THERE, {"case": of.case_id, "service": of.service_id})}
    new: dict[str, CleanPhoto] = {}
    full: set[str] = set()
    for photo in cleaned:
        if isinstance(photo, Refusal) or photo.digest in there or photo.digest in new:
            continue
        if len(there) + len(new) >= MOST_PHOTOS:
            full.add(photo.digest)
        else:
            new[photo.digest] = photo
    written = {row.digest: row for row in _write(found[0], of, list(new.values()), files, actor=actor, at=at)}
    results: list[PhotoTaken | Refusal] = []
    for photo in cleaned:
        if isinstance(photo, Refusal):
            results.append(photo)
        elif photo.digest in full:
            results.append(too_many())
        else:
            row = written.get(photo.digest) or there[photo.digest]
            results.append(PhotoTaken(photo_id=row.id, public_id=row.public_id, repeated=photo.digest in there))
    return results, set(written)


def _write(row: Any, of: PhotoOf, photos: Sequence[CleanPhoto], files: dict[str, str], *, actor: Actor, at: datetime) -> list[Any]:
    if not photos:
        return []
    return rows(
        _WRITE,
        {
            "company": row.company_id,
            "customer": row.customer_id,
            "case": of.case_id,
            "service": of.service_id,
            "files": [files[photo.digest] for photo in photos],
            "digests": [photo.digest for photo in photos],
            "widths": [photo.width for photo in photos],
            "heights": [photo.height for photo in photos],
            "sizes": [len(photo.content) for photo in photos],
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )


def end_photos(customer_ids: Sequence[int], *, at: datetime) -> None:
    """The photos of these customers are shown to nobody from now on; their files go with the clock. Joins the running transaction."""
    run(_END, {"ids": list(customer_ids), "at": at})


def drop_stray_photos(*, at: datetime) -> int:
    """Files that belong to nothing, because whoever wrote them died before its transaction ended, are deleted; answers how many.

    Those of the last days are looked at, but not of today's and yesterday's, which may be under way. Again changes nothing.
    """
    store, gone = storages[PRIVATE], 0
    for days in range(2, STRAY_DAYS):
        folder = _folder(at - timedelta(days=days))
        try:
            names = [f"{folder}/{name}" for name in store.listdir(folder)[1]]
        except FileNotFoundError:
            continue
        known = {row.file for row in rows("SELECT file FROM orders_casephoto WHERE file = ANY(%s::text[])", (names,))}
        for name in (name for name in names if name not in known):
            store.delete(name)
            gone += 1
    return gone


def drop_ended_photos(*, actor: Actor, at: datetime, limit: int = 200) -> int:
    """Files of photos that ended are deleted, then their rows; answers how many. Repeat until zero; a dead process is caught up with."""
    ended = rows(_ENDED, (limit,))
    store = storages[PRIVATE]
    for row in ended:
        store.delete(row.file)
    if ended:
        _forget([row.id for row in ended], actor=actor, at=at)
    return len(ended)


@operation
def _forget(photo_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    run("DELETE FROM orders_casephoto WHERE id = ANY(%s::bigint[]) AND ended_at IS NOT NULL", (list(photo_ids),))
