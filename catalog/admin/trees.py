"""The trees of shelves."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from treebeard.forms import MoveNodeForm
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog import operations
from catalog.models import Category, CategoryTree
from core.admin_site import HouseAdmin, actor_of

PLACES = [("first-child", _("first below")), ("left", _("before")), ("right", _("after"))]


@admin.register(CategoryTree)
class CategoryTreeAdmin(HouseAdmin):
    """The tree of each season."""

    list_display = ("name", "code", "company", "valid_from_on", "valid_until_on")
    list_select_related = ("company",)
    list_filter = ("company",)
    ordering = ("company", "-valid_from_on")
    search_fields = ("code", "name")


class CategoryForm(MoveNodeForm):
    """A shelf and its place: beside or under another of the same tree."""

    class Meta:
        model = Category
        fields = ("tree", "code", "name", "name_en")
        widgets = {
            "tree": UnfoldAdminSelectWidget,
            "code": UnfoldAdminTextInputWidget,
            "name": UnfoldAdminTextInputWidget,
            "name_en": UnfoldAdminTextInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["treebeard_position"].choices = PLACES  # type: ignore[attr-defined]
        self.fields["treebeard_ref_node"].empty_label = _("(the top of the tree)")  # type: ignore[attr-defined]
        for name, label in (("treebeard_position", _("place")), ("treebeard_ref_node", _("relative to"))):
            if name in self.fields:
                self.fields[name].label = label
                choices = getattr(self.fields[name], "choices", None)
                self.fields[name].widget = UnfoldAdminSelectWidget()
                if choices is not None:
                    self.fields[name].widget.choices = choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        other = given.get("treebeard_ref_node")
        under = given.get("treebeard_position") == "first-child" or (other is not None and not other.is_root())
        if other and under and given.get("tree") and other.tree_id != given["tree"].pk:
            raise ValidationError({"tree": _("A shelf lies in the tree of the one above it.")})
        return given


@admin.register(Category)
class CategoryAdmin(HouseAdmin):
    """The shelves, tree by tree, each under the one it belongs to."""

    form = CategoryForm
    list_display = ("shown_name", "code", "name_en", "tree")
    list_select_related = ("tree",)
    list_filter = ("tree",)
    ordering = ("path",)
    search_fields = ("name", "code", "full_name")
    empty_words = _("There are no shelves yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).order_by("path")

    @display(description=_("name"))
    def shown_name(self, row: Category) -> Any:
        return format_html('<span style="padding-left:{}rem">{}</span>', (row.depth - 1) * 1.5, row.name)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        operations.write_category_paths([form.instance.tree_id], actor=actor_of(request))
