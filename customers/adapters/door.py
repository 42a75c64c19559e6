"""The back office's own door: password, then a second factor, or a passkey. It works without scripts, and shoppers' IDs don't open it."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django import forms
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from customers.adapters.accounts import STAFF_DOOR


class StaffForm(forms.Form):
    """A sign-in name or e-mail address, and the password."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name or e-mail"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username webauthn", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.account: Any = None

    def clean(self) -> dict[str, Any]:
        """Staff only; a shopper's right password reads like a wrong one."""
        given = super().clean() or {}
        if self.errors:
            return given
        account = get_adapter().authenticate(self.request, username=given["username"].strip(), password=given["password"])
        if account is None or not account.is_staff:
            raise forms.ValidationError(_("The sign-in name or the password is not right."), code="wrong")
        self.account = account
        return given


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class StaffDoor(FormView):  # type: ignore[type-arg]
    """Staff sign in; whoever has a second factor is asked for it next."""

    form_class = StaffForm
    template_name = "customers/staff_door.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        setattr(request, STAFF_DOOR, True)
        if request.user.is_authenticated and request.user.is_staff:
            return HttpResponseRedirect(self._next())
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        login = Login(user=form.account, redirect_url=self._next())
        try:
            return perform_password_login(self.request, {"username": form.cleaned_data["username"]}, login)  # type: ignore[no-any-return]
        except ImmediateHttpResponse as answer:
            return answer.response  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, next=self._next(), here=REDIRECT_FIELD_NAME)

    def _next(self) -> str:
        """Where somebody wanted to go in the back office; its first page for anything else."""
        asked = str(self.request.POST.get(REDIRECT_FIELD_NAME) or self.request.GET.get(REDIRECT_FIELD_NAME) or "")
        safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/admin/")
        return asked if safe else reverse("admin:index")


class StaffPasskeyDoor(LoginWebAuthnView):  # type: ignore[misc]
    """Staff sign in with a passkey, which is both factors at once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        setattr(request, STAFF_DOOR, True)
        return super().dispatch(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        super().form_invalid(form)
        return HttpResponseRedirect(reverse("admin:login"))
