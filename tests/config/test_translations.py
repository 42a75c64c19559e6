"""What the collector of messages finds and refuses."""

from pathlib import Path

import pytest

from config.translations import Shelf, disagreements

SOURCE = """
from django.utils.translation import gettext_lazy as _, gettext_noop, ngettext, pgettext
TEXTS = (_("Order %(n)s"), gettext_noop("Customer"), pgettext("verb", "ship"), ngettext("%(n)s day", "%(n)s days", 2))
"""
PAGE = """<p>\n     {% load i18n %}{% translate "Your cart" %}\n  {% blocktranslate trimmed %}\n   Dear {{ name }},\n  welcome\n  {% endblocktranslate %}</p>"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    app = tmp_path / "shopping"
    (app / "templates").mkdir(parents=True)
    (app / "rules.py").write_text(SOURCE, encoding="utf-8")
    (app / "templates" / "cart.html").write_text(PAGE, encoding="utf-8")
    return Shelf("shopping", app)


def test_texts_of_python_and_templates_are_collected(shelf: Shelf) -> None:
    found = {(message.id, message.context) for message in shelf.update() if message.id}

    assert found == {
        ("Order %(n)s", None),
        ("Customer", None),
        ("ship", "verb"),
        (("%(n)s day", "%(n)s days"), None),
        ("Your cart", None),
        ("Dear %(name)s, welcome", None),
    }


def test_collecting_again_keeps_translations_and_changes_no_byte(shelf: Shelf) -> None:
    shelf.update()
    shelf.po.write_text(shelf.po.read_text().replace('msgid "Customer"\nmsgstr ""', 'msgid "Customer"\nmsgstr "顧客"'))
    shelf.update()
    first = shelf.po.read_bytes(), shelf.mo.read_bytes()

    shelf.update()

    assert (shelf.po.read_bytes(), shelf.mo.read_bytes()) == first
    assert shelf.read().get("Customer").string == "顧客"


def test_a_missing_translation_and_a_lost_placeholder_are_complaints(shelf: Shelf) -> None:
    shelf.update()
    shelf.po.write_text(shelf.po.read_text().replace('msgid "Order %(n)s"\nmsgstr ""', 'msgid "Order %(n)s"\nmsgstr "受注"'))
    shelf.update()

    complaints = shelf.check()

    assert "shopping: placeholders differ: 'Order %(n)s' → '受注'" in complaints
    assert "shopping: not translated: 'Customer' (shopping/rules.py)" in complaints


def test_one_text_has_one_translation(tmp_path: Path) -> None:
    shelves = []
    for app, word in (("one", "受注"), ("two", "注文")):
        (tmp_path / app).mkdir()
        (tmp_path / app / "rules.py").write_text('_("Order")')
        shelf = Shelf(app, tmp_path / app)
        shelf.update()
        shelf.po.write_text(shelf.po.read_text().replace('msgid "Order"\nmsgstr ""', f'msgid "Order"\nmsgstr "{word}"'))
        shelves.append(shelf)

    assert disagreements(shelves) == ["two translations of 'Order': '受注' in one; '注文' in two"]
