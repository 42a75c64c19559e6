"""Fields of the sign-in pages, the same in shop and back office: label, hint, fault, all tied to the field for who can't see it."""

from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.rules import device

register = template.Library()
register.filter("device", device)


@register.simple_tag
def field(bound: BoundField, label: Any = "", hint: Any = "", **attrs: str) -> SafeString:
    """One field; a hint below the label, its faults below the field."""
    told = [f"{bound.auto_id}-hint"] if hint else []
    if bound.errors:
        told.append(f"{bound.auto_id}-error")
    wanted: dict[str, Any] = {"placeholder": None, **attrs}
    if told:
        wanted["aria-describedby"] = " ".join(told)
    if bound.errors:
        wanted["aria-invalid"] = "true"
    bound.field.widget.attrs.pop("placeholder", None)
    bound.help_text = ""  # the library's own hints are links; ours stand beside the button
    shown = bound.as_widget(attrs={name: value for name, value in wanted.items() if value is not None})
    help_text = format_html('<p class="fine" id="{}-hint">{}</p>', bound.auto_id, hint) if hint else ""
    faults = (
        format_html('<p class="fault" id="{}-error">{}</p>', bound.auto_id, " ".join(str(text) for text in bound.errors))
        if bound.errors
        else ""
    )
    return format_html(
        '<div class="field{}"><label for="{}">{}</label>{}{}{}</div>',
        " wrong" if bound.errors else "",
        bound.id_for_label,
        label or bound.label,
        help_text,
        shown,
        faults,
    )


@register.simple_tag
def faults(form: Any) -> SafeString:
    """What is wrong with a form as a whole, or that something is wrong with its fields, read out at once."""
    general = form.non_field_errors()
    if not general:
        return SafeString("")
    return format_html(
        '<div class="note error" role="alert" tabindex="-1" data-focus>{}</div>', format_html_join(" ", "{}", ((text,) for text in general))
    )
