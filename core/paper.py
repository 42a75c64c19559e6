"""Papers as PDF, set by typst in Japanese type; what people typed is handed over as data and never read as markup."""

import io
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import typst
from PIL import Image, ImageSequence

from core.errors import HouseError
from core.words import gettext_noop

FAMILIES = ("Noto Sans JP", "Noto Sans CJK JP")
_PACKAGE = "pylopdf_fonts_jp"  # carries Noto Sans JP under the SIL Open Font License
_DEBIAN = Path("/usr/share/fonts/opentype/noto")  # the package fonts-noto-cjk


class NoJapaneseFont(HouseError):
    """No font with Japanese letters is installed, so no paper is set: boxes in place of names help nobody."""

    status = 503
    code = "paper.no_font"
    message = gettext_noop("No Japanese font is installed. Install the Python package pylopdf-fonts-jp or Debian's fonts-noto-cjk.")


@lru_cache(maxsize=1)
def font_folders() -> tuple[Path, ...]:
    """Where the fonts of papers lie: the package's, then Debian's. The system's other fonts are never asked.

    Raises "paper.no_font".
    """
    spec = find_spec(_PACKAGE)
    packaged = [Path(folder) for folder in (spec.submodule_search_locations or ()) if spec] if spec else []
    found = tuple(folder for folder in (*packaged, _DEBIAN) if any(folder.glob("NotoSans*")))
    if not found:
        raise NoJapaneseFont
    return found


def typeset(template: Path, content: Mapping[str, Any], *, title: str) -> bytes:
    """A template filled with data, as PDF whose text can be copied.

    The template reads ``json(bytes(sys.inputs.content))`` and sees files of its own folder only. Raises "paper.no_font".
    """
    pdf = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(folder) for folder in font_folders()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": orjson.dumps({**content, "title": title, "families": FAMILIES}).decode()},
    )
    assert isinstance(pdf, bytes)
    return pdf


class UnreadablePaper(HouseError):
    """A file that says it is a PDF or TIFF and cannot be read."""

    status = 422
    code = "paper.unreadable"
    message = gettext_noop("The file cannot be read. Is it damaged or locked with a password? Scan it anew.")


_ONE_PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("scan.pdf", page: int(sys.inputs.page))'
_AS_PICTURE = '#set page(width: 210mm, height: auto, margin: 0pt)\n#image("scan.pdf", width: 100%)'
PICTURE_DPI = 144


def pages_of_pdf(raw: bytes, *, most: int) -> list[bytes]:
    """Every page of a PDF as a PDF of its own, as it looks; of more than ``most`` pages one more than that. Raises "paper.unreadable"."""
    pages: list[bytes] = []
    with TemporaryDirectory(prefix="daifuku-scan-") as folder:
        (Path(folder) / "scan.pdf").write_bytes(raw)
        (Path(folder) / "page.typ").write_text(_ONE_PAGE)
        while len(pages) <= most:
            try:
                pages.append(_compiled(folder, page=len(pages) + 1, format="pdf"))
            except typst.TypstError as error:
                if "does not exist" in str(error) and pages:
                    break
                raise UnreadablePaper from error
    return pages


def picture_of_pdf(raw: bytes) -> bytes:
    """The first page of a PDF as PNG, A4 wide. Raises "paper.unreadable"."""
    with TemporaryDirectory(prefix="daifuku-scan-") as folder:
        (Path(folder) / "scan.pdf").write_bytes(raw)
        (Path(folder) / "page.typ").write_text(_AS_PICTURE)
        try:
            return _compiled(folder, page=1, format="png", ppi=PICTURE_DPI)
        except typst.TypstError as error:
            raise UnreadablePaper from error


MOST_PIXELS = 60_000_000
"""A page of more is refused unread: a small file can unfold into a picture that fills the memory."""


def pages_of_tiff(raw: bytes, *, most: int) -> list[bytes]:
    """Every page of a TIFF as PNG; of more than ``most`` pages one more than that. Raises "paper.unreadable".

    Faxes have more dots across than down (204 × 98 or 196 to the inch); their pages are drawn out so that they look like the paper.
    """
    pages: list[bytes] = []
    try:
        with Image.open(io.BytesIO(raw), formats=("TIFF",)) as scan:
            for frame in ImageSequence.Iterator(scan):
                if frame.width * frame.height > MOST_PIXELS:
                    raise UnreadablePaper
                made = io.BytesIO()
                _as_on_paper(frame).save(made, "PNG", optimize=True)
                pages.append(made.getvalue())
                if len(pages) > most:
                    break
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, MemoryError, ZeroDivisionError) as error:
        raise UnreadablePaper from error
    return pages


def _as_on_paper(frame: Image.Image) -> Image.Image:
    across, down = (float(dots) for dots in frame.info.get("dpi", (1, 1)))
    picture = frame if frame.mode in ("1", "L", "RGB") else frame.convert("RGB")
    if across <= 0 or down <= 0 or not 1.1 < across / down < 4:
        return picture
    return picture.resize((picture.width, round(picture.height * across / down)))


def _compiled(folder: str, *, page: int, **how: Any) -> bytes:
    made = typst.compile(str(Path(folder) / "page.typ"), root=folder, ignore_system_fonts=True, sys_inputs={"page": str(page)}, **how)
    assert isinstance(made, bytes)
    return made
