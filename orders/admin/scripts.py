"""Talk scripts at the staff counter: what is read aloud at the order desk, when, and what must be said."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.rules import PurchaseType
from core.admin_site import HouseAdmin
from core.queries import forget_kept
from core.text import plain
from orders.models import TalkScript
from orders.rules import PLACEHOLDERS

WORDS = ("media", "ad_codes", "skus", "categories")
SHOWN = 4


class ScriptForm(forms.ModelForm):  # type: ignore[type-arg]
    """A script, whose words are tidy."""

    class Meta:
        model = TalkScript
        fields = (
            "company", "step", "position", "name", "text", "must_say", "channel", "media", "ad_codes", "skus", "categories", "form",
            "first_order", "f_from", "f_until", "attention_only", "from_on", "until_on", "ended_at",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name in WORDS:
            said[name] = list(dict.fromkeys(plain(word).strip() for word in said.get(name) or [] if word.strip()))
        return said


@admin.register(TalkScript)
class TalkScriptAdmin(HouseAdmin):
    """What operators read aloud at the order desk. A script is shown while an order is typed that meets all of its conditions."""

    company_path = "company"
    form = ScriptForm
    list_display = ("position", "name", "step", "must_say", "conditions", "company", "ended_at")
    list_display_links = ("name",)
    list_select_related = ("company", "channel")
    list_filter = ("step", "must_say", "company")
    search_fields = ("name", "text")
    search_help_text = _("Name or words of the text")
    editable_fields = ("form", "step")
    ordering = ("company", "position", "pk")
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    readonly_fields = ("placeholders",)
    empty_words = _("No script yet. What is written here is shown at the order desk, to be read aloud.")
    after_saving = staticmethod(forget_kept)
    fieldsets = (
        (None, {"fields": (("company", "step"), ("name", "position"), "text", "placeholders", "must_say", "ended_at")}),
        (
            _("Conditions, all of which an order must meet"),
            {
                "fields": (
                    ("channel", "form"), ("media", "ad_codes"), ("skus", "categories"), ("first_order", "attention_only"),
                    ("f_from", "f_until"), ("from_on", "until_on"),
                )
            },
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    @display(description=_("what may stand in braces"))
    def placeholders(self, _row: TalkScript) -> Any:
        return format_html_join("", "<code>{{{}}}</code> {}<br>", ((name, gettext(what)) for name, what in PLACEHOLDERS.items()))

    @display(description=_("conditions"))
    def conditions(self, row: TalkScript) -> str:
        """What the script asks for, in words."""
        names = {column.name: str(column.verbose_name) for column in row._meta.fields}
        told = [f"{names['channel']}: {row.channel.name}"] if row.channel else []
        if row.form:
            told.append(f"{names['form']}: {gettext(PurchaseType.labels()[PurchaseType(row.form)])}")
        for name in WORDS:
            if own := getattr(row, name):
                told.append(f"{names[name]}: {gettext(', ').join([*own[:SHOWN], *(['…'] if len(own) > SHOWN else [])])}")
        told += [names[name] for name in ("first_order", "attention_only") if getattr(row, name)]
        for name, low, high in (("f_from", row.f_from, row.f_until), ("from_on", row.from_on, row.until_on)):
            if low is not None or high is not None:
                told.append(f"{names[name]}: {low or ''} – {high or ''}")
        return " ＋ ".join(told) or gettext("always")
