from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("core.api.urls")),  # /livez and /readyz
    path("admin/", admin.site.urls),
    path("api/v1/", include("customers.api.urls")),
    path("api/v1/", include("orders.api.urls")),
    path("account/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),  # the language switch of shop and back office
    path("", include("storefront.web.urls")),
]
