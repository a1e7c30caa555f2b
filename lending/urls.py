"""The three doors: customers at the root, officers under /admin/, machines under /api/."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("lending.api.urls")),
    path("", include("lending.portal.urls")),
]
