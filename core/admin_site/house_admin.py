"""The base of every list and page of the back office."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold import paginator
from unfold.admin import ModelAdmin, TabularInline

from core.admin_site.exports import Exported
from core.admin_site.history import Remembered
from core.admin_site.people import PersonalData, actor_of, company_of
from core.admin_site.verbs import Verb
from core.admin_site.views import NamedLists
from core.db import acting
from core.fields import EnumField, MoneyField
from core.models import Company

STATUSES = ("status", "state")
MOST_PAGES = 200


class InfinitePaginator(paginator.InfinitePaginator):
    """Counts nothing and ends after 200 pages: whoever looks further back searches or filters, as offsets get slow.

    Its name is the theme's: by it the theme knows not to show a count.
    """

    @property
    def count(self) -> int:
        return MOST_PAGES * int(self.per_page)


class VerbButton:
    """A verb as the theme wants its buttons: a view with a label, an icon and a permission."""

    def __init__(self, verb: Verb, counter: "HouseAdmin") -> None:
        self.verb, self.counter = verb, counter
        self.short_description, self.icon, self.variant = verb.label, verb.icon, verb.tone
        self.url_path = f"verb-{verb.name}"
        self.attrs: dict[str, str] = {}
        self.dialog = None

    def __call__(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.counter.verb_page(request, self.verb, ids=[object_id])


def _came_from(request: HttpRequest) -> str:
    """The page of the back office that a verb was called from ("?next=…"), where it wasn't the row's own; else ""."""
    wanted = request.GET.get("next", "")
    start = reverse("admin:index")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith(start) and "\\" not in wanted
    return iri_to_uri(wanted) if safe else ""


class HouseAdmin(NamedLists, Exported, Remembered, ModelAdmin):
    """A list and page of the back office: fast at a million rows, changed by verbs, deleting nothing.

    Every subclass says ``list_select_related`` (``()`` for none). Statuses and amounts of existing rows are read-only, unless
    named in ``editable_fields``. ``personal`` makes each showing of personal data leave a trace. Changes made in the form
    carry the member of staff as their actor.
    """

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    list_disable_select_all = True
    list_filter_sheet = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    actions_selection_counter = True
    actions_detail: Sequence[Any] = ()
    verbs: Sequence[Verb] = ()
    editable_fields: Sequence[str] = ()
    personal: PersonalData | None = None
    may_delete = False
    list_before_template = "admin/house_list.html"
    empty_words: Any = ""
    """What an empty list says, in a sentence; the theme's own words where empty."""
    after_saving: Callable[[], None] | None = None
    company_path = ""
    """The way from a row to its company ("order__company"): whoever works for one company sees its rows and may choose among them only."""

    def __init__(self, model: type[models.Model], admin_site: AdminSite) -> None:
        if not any(
            "list_select_related" in base.__dict__
            for base in type(self).__mro__
            if issubclass(base, HouseAdmin) and base not in (HouseAdmin, LedgerAdmin)
        ):
            raise ImproperlyConfigured(
                f"{type(self).__name__} says which relations its list shows: list_select_related = (…), () for none."
            )
        buttons = []
        for verb in self.verbs:
            if verb.on_page:
                setattr(self, f"verb_{verb.name}", VerbButton(verb, self))
                buttons.append(f"verb_{verb.name}")
        self.actions_detail = (*self.actions_detail, *buttons)
        super().__init__(model, admin_site)

    # Whose rows

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = super().get_queryset(request)
        company_id = company_of(request)
        return found.filter(**{self.company_path: company_id}) if company_id and self.company_path else found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field, company_id = super().formfield_for_foreignkey(db_field, request, **kwargs), company_of(request)
        if field is None or not company_id or not self.company_path:
            return field
        target = db_field.remote_field.model
        if target is Company:
            field.queryset = field.queryset.filter(pk=company_id)
        elif any(column.name == "company" for column in target._meta.concrete_fields):
            field.queryset = field.queryset.filter(company_id=company_id)
        return field

    # What may be done

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_delete and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence[Any]:
        given = list(super().get_readonly_fields(request, obj))
        kept = [
            f.name
            for f in self.opts.fields
            if self._changed_by_verbs(f, exists=obj is not None) and f.name not in (*given, *self.editable_fields)
        ]
        return [*given, *kept]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence[Any]:
        """In the order of the model where nothing else was said: what is only shown stands where it belongs."""
        names = super().get_fields(request, obj)
        if self.fields:
            return names
        order = {column.name: place for place, column in enumerate(self.opts.fields)}
        return sorted(names, key=lambda name: order.get(str(name), len(order)))

    @staticmethod
    def _changed_by_verbs(column: "models.Field[Any, Any]", *, exists: bool) -> bool:
        if column.name == "public_id":
            return False
        return exists and (isinstance(column, MoneyField) or (isinstance(column, EnumField) and column.name.endswith(STATUSES)))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        for verb in self.verbs:
            if verb.on_list and self._may(verb, request):
                actions[f"verb_{verb.name}"] = (self._bulk(verb), f"verb_{verb.name}", verb.label)
        return actions

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons this member of staff may press on this row."""
        shown = list(super().get_actions_detail(request, object_id))
        verbs = [action.method.verb for action in shown if isinstance(action.method, VerbButton)]
        row = self.get_object(request, str(object_id)) if any(verb.offered for verb in verbs) else None
        pressable = {
            verb.name for verb in verbs if self._may(verb, request) and (verb.offered is None or (row is not None and verb.offered(row)))
        }
        return [action for action in shown if not isinstance(action.method, VerbButton) or action.method.verb.name in pressable]

    @staticmethod
    def _may(verb: Verb, request: HttpRequest) -> bool:
        account: Any = request.user
        return bool(account.has_perm(verb.permission))

    # Verbs

    def _bulk(self, verb: Verb) -> Callable[["HouseAdmin", HttpRequest, models.QuerySet[Any]], HttpResponse | None]:
        def action(_counter: "HouseAdmin", request: HttpRequest, chosen: models.QuerySet[Any]) -> HttpResponse | None:
            ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: verb.most_rows + 1])
            if len(ids) > verb.most_rows:
                messages.error(request, _("At most %(count)d records at a time.") % {"count": verb.most_rows})
                return None
            return self.verb_page(request, verb, ids=ids, in_bulk=True)

        return action

    def verb_page(self, request: HttpRequest, verb: Verb, *, ids: Sequence[Any], in_bulk: bool = False) -> HttpResponse:
        """Ask for the reason and what else the verb wants, then run its operation and say what came of each row."""
        if not (self._may(verb, request) and self.has_view_permission(request)):
            raise PermissionDenied
        try:
            found = self.get_queryset(request).filter(pk__in=[self.opts.pk.to_python(i) for i in ids])
            rows = sorted(found, key=lambda row: row.pk)
        except (ValueError, TypeError, ValidationError):
            rows = []
        row = rows[0] if rows and not in_bulk else None
        if not rows:
            messages.error(request, _("There is no such record."))
            return HttpResponseRedirect(self._list_url())
        form, back = verb.asked_form(request, row=row), _came_from(request)
        if "verb_confirmed" in request.POST and (form is None or form.is_valid()):
            verb.carry_out(rows, request=request, form=form)
            return HttpResponseRedirect(back or (request.get_full_path() if in_bulk else self._page_url(rows[0])))
        words = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": verb.label,
            "verb": verb,
            "form": form,
            "rows": rows,
            "in_bulk": in_bulk,
            "action_name": f"verb_{verb.name}",
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "back": back or (request.get_full_path() if in_bulk else self._page_url(rows[0])),
        }
        return TemplateResponse(request, "admin/verb.html", words)

    def _list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _page_url(self, row: models.Model) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    # Showing and saving

    def get_urls(self) -> list[URLPattern]:
        return [*self.named_list_urls(), *self.export_urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {**self.named_list(request), "may_export": self.may_export(request)}
        response = super().changelist_view(request, {**words, **(extra_context or {})})
        shown = getattr(response, "context_data", None) or {}
        if self.personal and "cl" in shown:
            self._record_reading(shown["cl"].result_list, request=request)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        if self.personal and (row := kwargs.get("obj")) is not None:
            self._record_reading([row], request=request)
        return super().render_change_form(request, context, *args, **kwargs)

    def _record_reading(self, shown: Iterable[models.Model], *, request: HttpRequest) -> None:
        assert self.personal is not None
        self.personal.record(shown, request=request, screen=f"admin {request.path}"[:200])

    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super()._changeform_view(request, *args, **kwargs)
        with acting(actor_of(request)):
            response = super()._changeform_view(request, *args, **kwargs)
        if self.after_saving is not None:
            type(self).after_saving()  # type: ignore[misc]
        return response

    def _delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with acting(actor_of(request)):
            return super()._delete_view(request, *args, **kwargs)


class LedgerAdmin(HouseAdmin):
    """A list that only grows by operations: nothing is added, changed or deleted by hand."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class HouseInline(TabularInline):
    """Rows of a page that belong to it; deleting nothing."""

    extra = 0
    tab = False
    show_change_link = True
    hide_title = True
    few_choices: Sequence[str] = ()
    """Keys to small masters: their choices are read once for all rows of the page, not once for each."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name in self.few_choices:
            field.choices = list(field.choices)
        return field

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LedgerInline(HouseInline):
    """Rows of a page that are only shown."""

    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
