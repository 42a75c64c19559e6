"""Files exchanged with warehouses: directions, fates, and the words for them."""

from enum import StrEnum

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
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.DONE: _("Done"), cls.FAILED: _("Nothing taken in")}


class RowFate(StrEnum):
    """What became of a row."""

    DONE = "done"
    REPEATED = "repeated"
    REFUSED = "refused"
    REPLACED = "replaced"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.DONE: _("Taken in"),
            cls.REPEATED: _("Known already"),
            cls.REFUSED: _("Refused"),
            cls.REPLACED: _("Signs replaced"),
        }
