from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from oauth2_provider.views import RevokeTokenView, TokenView

from customers.adapters.door import StaffDoor, StaffPasskeyDoor

urlpatterns = [
    *([path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT})] if settings.SERVE_MEDIA else []),
    path("", include("core.api.urls")),  # /livez and /readyz
    path("admin/contact/desk/", RedirectView.as_view(pattern_name="admin:contact_case_desk", query_string=True)),  # for telephone systems
    path("admin/login/", StaffDoor.as_view(), name="staff-door"),
    path("admin/login/passkey/", StaffPasskeyDoor.as_view(), name="staff-passkey"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("core.api.webhook_urls")),
    path("api/v1/", include("customers.api.urls")),
    path("api/v1/", include("billing.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("inventory.api.urls")),
    path("api/v1/", include("orders.api.urls")),
    path("api/v1/", include("contact.api.urls")),
    path("api/v1/", include("subscriptions.api.urls")),
    path("gateway/", include("billing.api.webhook")),  # card gateways tell us here what has changed
    path("outside/", include("orders.api.webhook")),  # outside counters tell us here of their orders
    path("o/token/", TokenView.as_view(), name="token"),  # partners get their access tokens here, and give them back below
    path("o/revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
    path("api/openapi.yaml", SpectacularAPIView.as_view(), name="openapi"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="openapi"), name="api-docs"),
    path("account/", include("storefront.web.entrance_urls")),  # ours before the library's of the same name
    path("account/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),  # the language switch of shop and back office
    path("", include("storefront.web.urls")),
]
