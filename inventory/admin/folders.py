"""Folders that files come and go through, at the staff counter."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import HouseAdmin
from inventory.admin.exchange import own_places
from inventory.admin.staff_places import of_own
from inventory.models import ExchangeFolder
from inventory.queries import file_kinds


class FolderForm(forms.ModelForm):  # type: ignore[type-arg]
    """Kinds that go out by themselves are ticked, and kept as codes."""

    gives = forms.MultipleChoiceField(
        label=_("kinds that go out by themselves"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Made every five minutes where there is something to tell. The others are made by hand."),
    )  # fmt: skip

    class Meta:
        model = ExchangeFolder
        fields = ("location", "is_active", "gives")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "gives" in self.fields:
            chosen: Any = self.fields["gives"]
            chosen.choices = [(kind.code, gettext(kind.label)) for kind in file_kinds() if kind.goes]
            self.initial["gives"] = [code for code in (self.instance.gives if self.instance.pk else "").split(",") if code]

    def clean_gives(self) -> str:
        return ",".join(self.cleaned_data["gives"])


@admin.register(ExchangeFolder)
class ExchangeFolderAdmin(HouseAdmin):
    """Which locations exchange files through a folder."""

    list_display = ("location", "shown_path", "shown_gives", "is_active")
    list_select_related = ("location__company",)
    list_filter = ("is_active",)
    ordering = ("location",)
    form = FolderForm
    fields = ("location", "is_active", "gives", "shown_path")
    readonly_fields = ("shown_path",)
    empty_words = _("No location exchanges files through a folder. Files can still be handed in and out by hand.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_own(super().get_queryset(request), request, "location", company="location__company")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "location":
            kwargs["queryset"] = own_places(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A folder stays with its location."""
        given = [*super().get_readonly_fields(request, obj)]
        return [*given, "location"] if obj is not None else given

    @display(description=_("folder"))
    def shown_path(self, row: ExchangeFolder) -> str:
        if row.location_id is None:
            return "–"
        return f"{settings.EXCHANGE_ROOT}/{row.location.company.code}/{row.location.code}/(in, out, done, failed)"

    @display(description=_("kinds that go out by themselves"))
    def shown_gives(self, row: ExchangeFolder) -> str:
        known = {kind.code: gettext(kind.label) for kind in file_kinds()}
        return "、".join(known.get(code, code) for code in row.gives.split(",") if code) or "–"
