"""The composition root: where the apps meet. Nothing imports it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    path("api/v1/", include("articles.api.urls")),
    path("", include("articles.urls")),
]

handler404 = "articles.errors.not_found"
handler500 = "articles.errors.server_error"
