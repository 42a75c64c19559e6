"""Papers as PDF, set by typst in Japanese type; what people typed is handed over as data and never read as markup."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import typst

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
