"""The Japanese message files: collected from the sources, written, compiled and checked. English is the source.

Built on Babel, so that no system gettext is needed. Each app has its own `locale/ja/LC_MESSAGES/django.po`, committed with
its compiled .mo; a word of somebody else's package that lacks Japanese stands in `config/words_of_others.py`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LOCALE = "ja"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
SILENT_FOLDERS = {"migrations", "tests", "dev", "settings", "static", "locale", "__pycache__"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".subject"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")
ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # files carry no dates: the same texts give the same bytes
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

Words = str | tuple[str, str]


@dataclass(frozen=True)
class Found:
    """One translatable text in one source file."""

    words: Words
    setting: str | None
    place: str


@dataclass
class Shelf:
    """One app's message file."""

    app: str
    folder: Path
    problems: list[str] = field(default_factory=list)

    @property
    def po(self) -> Path:
        return self.folder / "locale" / LOCALE / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def read(self) -> Catalog:
        """What is translated so far; empty when there is no file yet."""
        if not self.po.exists():
            return _blank()
        with self.po.open("rb") as handle:
            return read_po(handle, locale=LOCALE, domain="django")

    def updated(self) -> Catalog:
        """The file as the sources want it: new texts added, vanished ones gone, translations kept."""
        have, wanted = self.read(), _blank()
        for found in texts_of(self.folder):
            wanted.add(found.words, locations=[(found.place, 0)], context=found.setting, flags=_flags(found.words))
        for message in wanted:
            if message.id and (known := have.get(message.id, message.context)) is not None:
                message.string = known.string
                message.flags |= known.flags & {"fuzzy"}
                message.user_comments = known.user_comments
        return wanted

    def update(self) -> Catalog:
        """The .po and the .mo on disk are what the sources want. Returns the catalogue."""
        catalogue = self.updated()
        self.po.parent.mkdir(parents=True, exist_ok=True)
        _write_if_changed(self.po, _po_bytes(catalogue))
        _write_if_changed(self.mo, _mo_bytes(catalogue))
        return catalogue

    def check(self) -> list[str]:
        """Every reason why this app's Japanese is not complete and current, in words."""
        wanted = self.updated()
        said = [f"{self.app}: {problem}" for message in wanted for problem in problems_of(message)]
        if _po_bytes(wanted) != (self.po.read_bytes() if self.po.exists() else b""):
            said.append(f"{self.app}: {self.po.name} is not what the sources say")
        if _mo_bytes(wanted) != (self.mo.read_bytes() if self.mo.exists() else b""):
            said.append(f"{self.app}: {self.mo.name} is not compiled from {self.po.name}")
        return said


def problems_of(message: Message) -> Iterator[str]:
    """What is wrong with one message: untranslated, fuzzy, placeholders that differ, a source that is not English."""
    if not message.id:
        return
    source, string = _last(message.id), _last(message.string)
    shown = source if len(source) <= 70 else f"{source[:67]}…"
    if JAPANESE.search(source):
        yield f"the source text must be English: {shown!r} ({_places(message)})"
    elif not string:
        yield f"not translated: {shown!r} ({_places(message)})"
    elif message.fuzzy:
        yield f"marked fuzzy: {shown!r}"
    elif sorted(set(PLACEHOLDER.findall(source))) != sorted(set(PLACEHOLDER.findall(string))):
        yield f"placeholders differ: {shown!r} → {string!r}"


def _last(texts: Any) -> str:
    """The text, or the plural's: Japanese has one form for both."""
    return str(texts if isinstance(texts, str) else texts[-1] if texts else "")


def disagreements(shelves: Iterable[Shelf]) -> list[str]:
    """One English text, one Japanese: at run time the files become one catalogue and only one of two would be seen."""
    said: dict[tuple[Any, str | None], dict[str, list[str]]] = {}
    for shelf in shelves:
        for message in shelf.read():
            if message.id and (string := _last(message.string)):
                said.setdefault((message.id, message.context), {}).setdefault(string, []).append(shelf.app)
    return [
        f"two translations of {words!r}: " + "; ".join(f"{string!r} in {', '.join(apps)}" for string, apps in variants.items())
        for (words, _setting), variants in said.items()
        if len(variants) > 1
    ]


def texts_of(folder: Path) -> Iterator[Found]:
    """Every translatable text below an app's folder, sorted by file."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if SILENT_FOLDERS & set(inside.parts[:-1]) or not path.is_file():
            continue
        if path.suffix == ".py":
            yield from _texts(path.read_bytes(), place=f"{folder.name}/{inside}")
        elif path.suffix in TEMPLATE_SUFFIXES and "templates" in inside.parts:
            calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            flat = "\n".join(line.lstrip() for line in calls.splitlines())  # the text around carries the page's indentation
            yield from _texts(flat.encode(), place=f"{folder.name}/{inside}")


def _texts(source: bytes, *, place: str) -> Iterator[Found]:
    for _line, words, _comments, setting in extract("python", BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}):
        if isinstance(words, tuple):
            yield Found((str(words[0]), str(words[1])), setting, place)
        elif words:
            yield Found(str(words), setting, place)


def _blank() -> Catalog:
    return Catalog(locale=LOCALE, domain="django", charset="utf-8", fuzzy=False, creation_date=ANY_DAY, revision_date=ANY_DAY)


def _flags(words: Words) -> set[str]:
    source = words[-1] if isinstance(words, tuple) else words
    return {"python-format"} if re.search(r"%\(\w+\)[sdf]|%[sd]", source) else set()


def _places(message: Message) -> str:
    return ", ".join(sorted({place for place, _line in message.locations})[:2])


HEADER = (
    '# Japanese texts of Daifuku. `manage.py messages` collects, this file translates.\nmsgid ""\nmsgstr ""\n'
    '"Language: ja\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
)


def _po_bytes(catalogue: Catalog) -> bytes:
    """Stable from run to run: sorted, no dates, no line numbers."""
    out = BytesIO()
    write_po(out, catalogue, width=118, sort_output=True, include_lineno=False, omit_header=True)
    return HEADER.encode() + out.getvalue().rstrip() + b"\n"


def _mo_bytes(catalogue: Catalog) -> bytes:
    out = BytesIO()
    again = read_po(BytesIO(_po_bytes(catalogue)), locale=LOCALE, domain="django")
    again.creation_date = again.revision_date = ANY_DAY
    write_mo(out, again)
    return out.getvalue()


def _write_if_changed(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
