"""Flat drawings of the demo products, made by code: one light, one shadow, three colours and a character on the label."""

from collections.abc import Callable
from typing import Final

from config.demo.goods import Look

MOST_BYTES: Final = 4_096
_SERIF: Final = "'Noto Serif CJK JP','Noto Serif JP','Hiragino Mincho ProN','Yu Mincho',serif"


def drawing(look: Look) -> str:
    """The product as an SVG of 480 × 480, at most 4 KB, readable without colours thanks to its title."""
    light, dark = _mixed(look.body, "#ffffff", 0.28), _mixed(look.body, "#1c1a17", 0.22)
    inner = _SHAPES[look.shape](look.body, look.accent, light, dark, look.mark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 480" role="img"><title>{look.alt}</title>'
        f'<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="{_mixed(look.ground, "#ffffff", 0.6)}"/>'
        f'<stop offset="1" stop-color="{look.ground}"/></linearGradient></defs>'
        f'<rect width="480" height="480" fill="url(#sky)"/>'
        f'<rect y="366" width="480" height="114" fill="{_mixed(look.ground, look.body, 0.13)}"/>'
        f'<circle cx="240" cy="214" r="168" fill="#fff" opacity=".5"/>'
        f"{inner}</svg>"
    )


def _mixed(colour: str, other: str, share: float) -> str:
    """The colour with a share of another in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _shadow(width: int, *, y: int = 392) -> str:
    return f'<ellipse cx="240" cy="{y}" rx="{width}" ry="13" fill="#1c1a17" opacity=".13"/>'


def _box(x: int, y: int, width: int, height: int, fill: str, *, radius: int = 0, more: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}"{more}/>'


def _path(d: str, fill: str, more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}"{more}/>'


def _word(mark: str, x: int, y: int, size: int, fill: str) -> str:
    return f'<text x="{x}" y="{y}" font-family="{_SERIF}" font-size="{size}" text-anchor="middle" fill="{fill}">{mark}</text>'


def _leaf(x: int, y: int, fill: str, *, turn: int = 0, size: float = 1.0) -> str:
    d = "M0 0C10 -22 34 -26 50 -22C48 -4 30 12 0 0Z"
    return f'<g transform="translate({x} {y}) rotate({turn}) scale({size})">{_path(d, fill)}<path d="M2 -1C16 -8 30 -14 44 -19" fill="none" stroke="#fff" stroke-width="1.6" opacity=".6"/></g>'


def _label(x: int, y: int, width: int, height: int, accent: str, ink: str, mark: str) -> str:
    middle = x + width // 2
    size = min(width, height) * 17 // 32
    line = f' stroke="{ink}" stroke-width="1.5" opacity=".35"'
    return (
        _box(x, y, width, height, accent, radius=3)
        + f'<rect x="{x + 6}" y="{y + 6}" width="{width - 12}" height="{height - 12}" rx="2" fill="none"{line}/>'
        + _word(mark, middle, y + height // 2 + size * 3 // 8 - 12, size, ink)
        + f'<path d="M{middle - 22} {y + height - 34}h44" stroke="{ink}" opacity=".4"/>'
        + f'<text x="{middle}" y="{y + height - 17}" font-family="{_SERIF}" font-size="12" letter-spacing="2" text-anchor="middle" fill="{ink}">こよみ堂</text>'
    )


def _tin(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(98)
        + _path("M150 140V372Q150 392 240 392Q330 392 330 372V140Z", body)
        + _path("M150 140V372Q150 384 178 389V140Z", light, ' opacity=".55"')
        + _path("M306 140V388Q330 382 330 372V140Z", dark, ' opacity=".45"')
        + _path("M144 96V146Q144 164 240 164Q336 164 336 146V96Z", dark)
        + f'<ellipse cx="240" cy="96" rx="96" ry="18" fill="{light}"/><ellipse cx="240" cy="94" rx="74" ry="12" fill="{body}" opacity=".55"/>'
        + _label(186, 206, 108, 138, accent, dark, mark)
    )


def _smalltin(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(92)
        + _path("M156 236V372Q156 392 240 392Q324 392 324 372V236Z", body)
        + _path("M156 236V372Q156 384 180 388V236Z", light, ' opacity=".55"')
        + _path("M150 190V238Q150 256 240 256Q330 256 330 238V190Z", dark)
        + f'<ellipse cx="240" cy="190" rx="90" ry="18" fill="{light}"/>'
        + _label(192, 270, 96, 96, accent, dark, mark)
        + f'<path d="M352 150l22 92" stroke="{dark}" stroke-width="7" stroke-linecap="round"/>'
        + _path("M370 240c-14 6-20 34-14 60c10 8 26 6 34-2c6-26-4-52-20-58Z", "#d8c29a")
    )


def _pouch(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(106)
        + _path("M148 116L152 372Q154 392 176 392H304Q326 392 328 372L332 116Z", body)
        + _path("M148 116L152 372Q154 384 166 390L176 116Z", light, ' opacity=".5"')
        + _path("M146 82H334L332 118H148Z", light)
        + f'<path d="M150 112H330" stroke="{dark}" stroke-width="2" stroke-dasharray="6 5" opacity=".6"/>'
        + _path("M312 118L308 391Q326 390 328 372L332 118Z", dark, ' opacity=".25"')
        + _label(184, 168, 112, 150, accent, dark, mark)
        + f'<circle cx="240" cy="354" r="9" fill="{accent}" opacity=".85"/>'
    )


def _teabag(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(136)
        + _path("M118 186L240 152L362 186L240 220Z", light)
        + _path("M118 186L240 220V392L118 352Z", body)
        + _path("M362 186L240 220V392L362 352Z", dark)
        + f'<g transform="skewY(16)">{_box(138, 182, 84, 106, accent, radius=2)}{_word(mark, 180, 256, 56, dark)}</g>'
        + f'<path d="M300 214C316 150 344 140 350 108" fill="none" stroke="{dark}" stroke-width="2"/>'
        + _path("M338 78H366V110H338Z", accent)
        + _leaf(342, 102, dark, size=0.4)
    )


def _stick(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    sticks = "".join(
        f'<g transform="rotate({turn} 240 380)">{_box(226, 92, 32, 214, fill, radius=4)}{_box(226, 92, 32, 20, dark, radius=4)}'
        f"{_leaf(230, 214, accent, turn=-30, size=0.5)}</g>"
        for turn, fill in ((-15, light), (0, body), (15, light))
    )
    return (
        _shadow(126)
        + sticks
        + _box(124, 232, 232, 160, body, radius=6)
        + _box(124, 232, 232, 22, dark, radius=6)
        + _label(186, 268, 108, 108, accent, dark, mark)
    )


def _bottle(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(82)
        + _box(212, 72, 56, 46, dark, radius=7)
        + _box(218, 116, 44, 30, light)
        + _path("M218 144C196 158 164 170 164 208V372Q164 392 186 392H294Q316 392 316 372V208C316 170 284 158 262 144Z", body)
        + _path("M176 214C176 184 196 172 212 162V392H186Q176 392 176 372Z", light, ' opacity=".5"')
        + _label(186, 224, 108, 132, accent, dark, mark)
    )


def _pump(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(84)
        + _path("M176 62H258Q270 62 270 76V88H226V76H188Q176 76 176 62Z", dark)
        + _box(232, 84, 16, 44, dark)
        + _box(206, 122, 68, 28, light, radius=5)
        + _box(166, 146, 148, 246, body, radius=24)
        + _box(178, 160, 30, 218, light, radius=15, more=' opacity=".5"')
        + _label(188, 208, 104, 136, accent, dark, mark)
    )


def _dropper(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(78)
        + _path("M222 66Q222 52 240 52Q258 52 258 66V104H222Z", dark)
        + _box(206, 102, 68, 50, light, radius=5)
        + _path("M206 150H274V176Q312 188 312 226V370Q312 392 290 392H190Q168 392 168 370V226Q168 188 206 176Z", body)
        + _path("M182 230Q182 202 208 192V392H190Q182 392 182 370Z", light, ' opacity=".5"')
        + _label(190, 236, 100, 118, accent, dark, mark)
        + _path("M366 214C382 238 390 250 390 266A24 24 0 0 1 342 266C342 250 350 238 366 214Z", body, ' opacity=".55"')
    )


def _jar(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(110)
        + _path("M136 224Q136 206 154 206H326Q344 206 344 224V362Q344 392 314 392H166Q136 392 136 362Z", body)
        + _path("M148 226Q148 214 164 214H180V392H166Q148 388 148 362Z", light, ' opacity=".5"')
        + _box(128, 142, 224, 68, dark, radius=12)
        + _box(128, 142, 224, 20, light, radius=10, more=' opacity=".5"')
        + _label(186, 236, 108, 124, accent, dark, mark)
    )


def _tube(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(70)
        + _box(168, 68, 144, 18, light, radius=2)
        + _path("M170 84H310L292 344H188Z", body)
        + _path("M170 84H200L208 344H188Z", light, ' opacity=".5"')
        + _box(196, 342, 88, 50, dark, radius=8)
        + _label(194, 134, 92, 130, accent, dark, mark)
    )


def _soap(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    bubbles = "".join(
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" opacity=".75"/><circle cx="{x - r // 3}" cy="{y - r // 3}" r="{max(2, r // 4)}" fill="#fff"/>'
        for x, y, r in ((132, 168, 20), (168, 128, 11), (352, 150, 26), (322, 112, 9), (386, 196, 10))
    )
    return (
        _shadow(136)
        + bubbles
        + _box(104, 236, 272, 154, dark, radius=46)
        + _box(104, 218, 272, 154, body, radius=46)
        + _box(126, 236, 228, 118, light, radius=32, more=' opacity=".55"')
        + _word(mark, 240, 318, 66, dark)
        + _leaf(196, 214, accent, size=0.9)
    )


def _carton(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(152)
        + _path("M96 232L172 178H384L308 232Z", light)
        + _box(96, 230, 212, 160, body, radius=3)
        + _path("M308 232L384 178V332L308 390Z", dark)
        + _label(146, 252, 112, 116, accent, dark, mark)
    )


def _dentedbox(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(140)
        + _path("M120 150L190 108H330L262 150Z", light)
        + _path("M120 148H262V390H132L120 352L136 330L120 306Z", body)
        + _path("M262 150L330 108V352L262 390Z", dark)
        + f'<path d="M122 308L138 330L122 352M262 226L276 238L268 258" fill="none" stroke="{dark}" stroke-width="3"/>'
        + _label(144, 186, 96, 128, accent, dark, mark)
        + f'<circle cx="352" cy="332" r="42" fill="#b04a4f"/>{_word("訳", 352, 349, 46, "#fff")}'
    )


def _giftset(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    return (
        _shadow(150)
        + _box(98, 214, 284, 176, body, radius=5)
        + _box(86, 168, 308, 62, light, radius=5)
        + _box(222, 168, 36, 222, accent)
        + _path("M240 168C206 164 168 140 180 116C194 94 228 124 240 168Z", accent, f' stroke="{dark}" stroke-width="3"')
        + _path("M240 168C274 164 312 140 300 116C286 94 252 124 240 168Z", accent, f' stroke="{dark}" stroke-width="3"')
        + f'<path d="M240 168C226 148 206 132 192 126M240 168C254 148 274 132 288 126" fill="none" stroke="{dark}" stroke-width="2" opacity=".5"/>'
        + _box(224, 154, 32, 26, dark, radius=6)
        + _box(282, 258, 72, 92, "#ffffff", radius=3, more=' opacity=".92"')
        + _word(mark, 318, 322, 48, dark)
    )


def _kyusu(body: str, accent: str, light: str, dark: str, mark: str) -> str:
    steam = "".join(
        f'<path d="M{x} 132c-12-20 12-28 0-48" fill="none" stroke="{dark}" stroke-width="4" stroke-linecap="round" opacity=".35"/>'
        for x in (196, 222)
    )
    return (
        _shadow(150)
        + steam
        + _path("M296 262L392 232Q404 230 406 242Q406 250 396 254L304 296Z", dark)
        + _path("M126 236L82 206L98 196L148 222Z", dark)
        + _path("M112 262Q112 196 206 196Q300 196 300 262Q300 392 206 392Q112 392 112 262Z", body)
        + _path("M130 262Q130 220 176 206Q152 280 176 380Q130 350 130 262Z", light, ' opacity=".5"')
        + f'<ellipse cx="206" cy="202" rx="66" ry="15" fill="{dark}"/><ellipse cx="206" cy="196" rx="60" ry="13" fill="{light}"/><circle cx="206" cy="180" r="12" fill="{dark}"/>'
        + _word(mark, 214, 322, 64, accent)
        + _path("M330 324H420V362Q420 392 392 392H358Q330 392 330 362Z", accent)
        + '<ellipse cx="375" cy="324" rx="45" ry="10" fill="#9bb36a"/>'
    )


_SHAPES: Final[dict[str, Callable[[str, str, str, str, str], str]]] = {
    "tin": _tin, "smalltin": _smalltin, "pouch": _pouch, "teabag": _teabag, "stick": _stick, "bottle": _bottle, "pump": _pump,
    "dropper": _dropper, "jar": _jar, "tube": _tube, "soap": _soap, "box": _carton, "dentedbox": _dentedbox, "giftset": _giftset, "kyusu": _kyusu,
}  # fmt: skip
