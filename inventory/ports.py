"""What inventory asks of the apps above it: the files they exchange with warehouses."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.actor import Actor
from core.hooks import Hook
from inventory.rules import FileKind, FilePlace, FileRow, RowNote


class FileDesk(Protocol):
    """Whoever knows what the rows of some kinds of file mean."""

    def file_kinds(self) -> Sequence[FileKind]:
        """The kinds it answers for."""

    def take_rows(self, kind: str, rows: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[RowNote]:
        """Rows that came in take effect, each once; what became of each, and of what is missing from the file."""

    def give_rows(self, kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[Mapping[str, object]]:
        """The rows that go out now, their values by our fields; what was given once is not given again."""


FILE_DESK: Hook[FileDesk] = Hook("inventory.FileDesk", FileDesk)
