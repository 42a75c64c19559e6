"""Files exchanged with warehouses: directions, fates, and the words for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Refusal
from core.words import gettext_noop as _


class FileWay(StrEnum):
    """Whether a file came or went."""

    IN = "in"
    OUT = "out"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.IN: _("Came in"), cls.OUT: _("Went out")}


class FileStatus(StrEnum):
    """Whether anything of a file counts."""

    DONE = "done"
    PARTLY = "partly"
    """Some rows counted and others wait for a person: the same file may come again, and what counted is known."""
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.DONE: _("Done"), cls.PARTLY: _("Partly taken in"), cls.FAILED: _("Nothing taken in")}


class RowFate(StrEnum):
    """What became of a row."""

    DONE = "done"
    REPEATED = "repeated"
    REFUSED = "refused"
    REPLACED = "replaced"
    DIFFERS = "differs"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.DONE: _("Taken in"),
            cls.REPEATED: _("Known already"),
            cls.REFUSED: _("Refused"),
            cls.REPLACED: _("Signs replaced"),
            cls.DIFFERS: _("Differs from our books"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNote:
    """What became of a row; without a refusal there is nothing more to say."""

    number: int
    key: str
    fate: RowFate
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A row that came in, its values by our fields."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Whose file it is, of which location, and under which id it will be kept."""

    company_id: int
    location_id: int
    file_id: int = 0
