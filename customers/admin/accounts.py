"""Accounts and partner applications: who may use the house, and with which rights."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin_site import HouseAdmin, PersonalData
from customers.models import Account, PartnerApplication
from customers.rules import AccountKind


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
    readonly_fields = ("kind", "last_login", "recorded_at")
    show_facets = admin.ShowFacets.NEVER
    personal = PersonalData(
        fields=("email", "display_name"), subject=lambda row: f"account:{row.public_id}" if row.kind == "person" else ""
    )
    fieldsets = (
        (None, {"fields": (("handle", "password"), ("display_name", "email"), ("kind", "company", "language"))}),
        (_("Rights"), {"fields": (("is_active", "is_staff"), "groups")}),
        (_("Times"), {"fields": (("last_login", "recorded_at"),)}),
    )
    add_fieldsets = ((None, {"fields": (("handle", "display_name"), ("email", "company"), ("password1", "password2"))}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A person's account belongs to the person."""
        return (obj is None or obj.kind == AccountKind.STAFF) and super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return Account.objects.select_related("company").order_by("-id")


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
