"""Accounts and partner applications: who may use the house, and with which rights."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core import clock
from core.admin_site import HouseAdmin, PersonalData, Verb, VerbCall
from customers import operations
from customers.models import Account, AccountAct, PartnerApplication
from customers.queries import factors_of_account, ids_of_account, sessions_of_account
from customers.rules import AccountKind, device


class NewStaffForm(UserCreationForm):  # type: ignore[misc]
    """A staff account: people open their own."""

    class Meta:
        model = Account
        fields = ("handle", "display_name", "email", "company")

    def save(self, commit: bool = True) -> Account:
        account: Account = super().save(commit=False)
        account.kind, account.is_staff = AccountKind.STAFF, True
        if commit:
            account.save()
        return account


class AccountForm(UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = Account
        fields = "__all__"


def _reset_factors(call: VerbCall) -> Any:
    return operations.reset_factors(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _end_sessions(call: VerbCall) -> Any:
    return operations.end_sessions(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _when(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"


def _lines(told: Any) -> Any:
    lines = [(line,) for line in told]
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines)) if lines else "–"


@admin.register(Account)
class AccountAdmin(HouseAdmin, UserAdmin):  # type: ignore[misc]
    """Staff accounts are made and given roles here; people's accounts are only looked up."""

    form = AccountForm
    add_form = NewStaffForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("handle", "display_name", "email", "kind", "company", "is_active", "last_login")
    list_select_related = ("company",)
    list_filter = ("kind", "is_active", "groups", "company")
    search_fields = ("=handle", "=email", "display_name")
    search_help_text = _("Sign-in name, e-mail, display name")
    ordering = ("-id",)
    filter_horizontal = ("groups",)
    readonly_fields = ("kind", "last_login", "recorded_at", "ways", "factors", "sessions", "acts")
    show_facets = admin.ShowFacets.NEVER
    personal = PersonalData(
        fields=("email", "display_name", "ways"), subject=lambda row: f"account:{row.public_id}" if row.kind == "person" else ""
    )
    fieldsets = (
        (None, {"fields": (("handle", "password"), ("display_name", "email"), ("kind", "company", "language"))}),
        (_("Rights"), {"fields": (("is_active", "is_staff"), "groups")}),
        (_("Signing in"), {"fields": (("ways", "factors"), ("sessions", "acts"))}),
        (_("Times"), {"fields": (("last_login", "recorded_at"),)}),
    )
    verbs = (
        Verb(name="reset-factors", label=_("Reset the second factor"), permission="customers.reset_factors", run=_reset_factors,
             icon="phonelink_erase", variant="warning", on_list=False,
             explanation=_("Make sure first who is asking. Passkeys and the authenticator app are removed and the account is signed out everywhere.")),
        Verb(name="end-sessions", label=_("Sign out everywhere"), permission="customers.reset_factors", run=_end_sessions, icon="logout",
             explanation=_("On every device the password is asked for again.")),
    )  # fmt: skip
    add_fieldsets = ((None, {"fields": (("handle", "display_name"), ("email", "company"), ("password1", "password2"))}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A person's account belongs to the person."""
        return (obj is None or obj.kind == AccountKind.STAFF) and super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return Account.objects.select_related("company").order_by("-id")

    @display(description=_("ways to sign in"))
    def ways(self, row: Account) -> Any:
        return _lines(f"{w.label} ({_when(w.since)})" for w in ids_of_account(row.pk))

    @display(description=_("second factors"))
    def factors(self, row: Account) -> Any:
        words = {"totp": gettext("Authenticator app"), "webauthn": gettext("Passkey"), "recovery_codes": gettext("Recovery codes")}
        return _lines(f"{words.get(f.kind, f.kind)} {f.name} ({_when(f.since)} / {_when(f.used_at)})" for f in factors_of_account(row.pk))

    @display(description=_("signed in on"))
    def sessions(self, row: Account) -> Any:
        return _lines(f"{device(s.browser)} ({_when(s.since)})" for s in sessions_of_account(row.pk, at=clock.now()))

    @display(description=_("what was done"))
    def acts(self, row: Account) -> Any:
        done = AccountAct.objects.filter(account_id=row.pk).order_by("-id")[:20]
        return _lines(f"{_when(a.at)} {a.get_kind_display()} {a.detail} {a.actor_label} {a.reason}" for a in done)


class PartnerApplicationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = PartnerApplication
        fields = ("name", "company", "client_id", "client_secret", "allowed_scopes", "client_type", "authorization_grant_type")


admin.site.unregister(PartnerApplication)


@admin.register(PartnerApplication)
class PartnerApplicationAdmin(HouseAdmin):
    """Systems of partners, each for one company and with the scopes it may ask for."""

    form = PartnerApplicationForm
    list_display = ("name", "client_id", "company", "allowed_scopes", "created")
    list_select_related = ("company",)
    search_fields = ("name", "=client_id")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("Add an application for every system that calls the API.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("client_id",) if obj else ()

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The secret is shown once, when it is made; afterwards only its hash exists."""
        return ("client_secret",) if obj else ()
