"""Rows that people edit: what one saw is not overwritten by another who looked at the same time."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row as it was shown, by its ``version``, which every change raises; its counter names ``seen`` among the fields."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        seen = said.get("seen")
        if self.instance.pk and seen is not None and seen != self.instance.version:
            self.add_error(None, _("Somebody changed this meanwhile. Open it again and look."))
        return said
