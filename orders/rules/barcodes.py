"""Barcodes as papers print them: Code 128, as widths of bars and gaps."""

# ISO/IEC 15417, table 1: the widths of three bars and three gaps of each value, in modules.
_WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
_STOP = "2331112"
_TO_C, _TO_B, _START_B, _START_C = 99, 100, 104, 105
_FEWEST_DIGITS = 4
"""So many digits in a row are worth two to a sign."""


def code128(text: str) -> tuple[int, ...]:
    """The widths of bars and gaps, in modules, a bar first; an empty text, or one with a sign that has no code, has none.

    >>> sum(code128("A")), sum(code128("1234"))
    (46, 57)
    """
    if not text or any(not " " <= sign <= "~" for sign in text):
        return ()
    values: list[int] = []
    place, in_pairs = 0, False
    while place < len(text):
        digits = _digits(text, place)
        pairs = digits >= _FEWEST_DIGITS or (in_pairs and digits >= 2)
        if pairs and not in_pairs and values and digits % 2:
            pairs = False  # the odd one goes before the pairs
        if pairs != in_pairs or not values:
            values.append((_TO_C if pairs else _TO_B) if values else (_START_C if pairs else _START_B))
            in_pairs = pairs
        values.append(int(text[place : place + 2]) if pairs else ord(text[place]) - 32)
        place += 2 if pairs else 1
    check = (values[0] + sum(n * value for n, value in enumerate(values[1:], start=1))) % 103
    return tuple(int(width) for value in (*values, check) for width in _WIDTHS[value]) + tuple(int(width) for width in _STOP)


def _digits(text: str, place: int) -> int:
    end = place
    while end < len(text) and text[end].isdigit():
        end += 1
    return end - place


def barcode_svg(text: str) -> str:
    """The barcode as a picture of one unit's height, with the quiet zones that scanners want; empty where it has none."""
    widths = code128(text)
    if not widths:
        return ""
    place, bars = 10, []
    for n, width in enumerate(widths):
        if n % 2 == 0:
            bars.append(f"M{place} 0h{width}v1h-{width}z")
        place += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {place + 10} 1" preserveAspectRatio="none"'
        f' width="{place + 10}" height="1"><path d="{"".join(bars)}"/></svg>'
    )
