"""Photos that go with a return or a repair: which, how large, how many."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _

MOST_PHOTOS: Final = 6
"""So many lie with one case or request."""
MOST_PHOTO_MB: Final = 10
MOST_PIXELS: Final = 60_000_000
"""More are refused unread: a small file can unfold into a picture that fills the memory."""
LONGEST_SIDE: Final = 2_400
PHOTO_FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoOf:
    """What photos go with: a return, exchange or claim, or a repair, collection or purchase; one of the two."""

    case_id: int | None = None
    service_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanPhoto:
    """A picture made anew from its pixels: JPEG, upright, without anything its camera wrote into it."""

    content: bytes
    width: int
    height: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTaken:
    """A photo that lies with its case; ``repeated`` when it did already."""

    photo_id: int
    public_id: UUID
    repeated: bool = False


def too_large() -> Refusal:
    """The answer for a file that is not even looked at."""
    return Refusal("photo.too_large", _("A photo is at most %(most)s MB. Please take a smaller one."), {"most": MOST_PHOTO_MB}, "/photos")


def no_photo() -> Refusal:
    """The answer for what is no picture that can be read."""
    return Refusal("photo.unreadable", _("This is no photo we can read. Please send JPEG, PNG, WebP or HEIC."), {}, "/photos")


def too_many() -> Refusal:
    """The answer where there are enough."""
    return Refusal("photo.too_many", _("At most %(most)s photos go with a case."), {"most": MOST_PHOTOS}, "/photos")
