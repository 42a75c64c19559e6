"""Staff without a second factor are led to set one up before they see anything of the back office."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.queries import has_second_factor

OPEN = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/")


class SecondFactorFirst:
    """Where the installation requires it (REQUIRE_STAFF_MFA), a password alone opens no page of the back office."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_STAFF_MFA and request.path.startswith("/admin/") and not request.path.startswith(OPEN):
            account = request.user
            if account.is_authenticated and account.is_staff and not has_second_factor(account.pk):
                messages.info(request, _("Before you go on, please set up a second factor. It takes a minute."))
                return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)
