"""Pages of ours that stand where the sign-in library has its own."""

from django.urls import path

from storefront.web import entrance

urlpatterns = [
    path("2fa/", entrance.Factors.as_view(), name="mfa_index"),
    path("2fa/webauthn/", entrance.Passkeys.as_view(), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", entrance.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("3rdparty/", entrance.to_ids, name="socialaccount_connections"),
]
