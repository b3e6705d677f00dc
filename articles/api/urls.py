"""Addresses of the API, below its version."""

from django.urls import path, re_path

from articles.api.views import ArticleDetail, ArticleList, NoSuchResource

app_name = "api"

urlpatterns = [
    path("articles/", ArticleList.as_view(), name="articles"),
    path("articles/<int:pk>/", ArticleDetail.as_view(), name="article"),
    # Only with a slash at its end: what lacks one is first redirected to the address that has it.
    re_path(r"^(?:.*/)?$", NoSuchResource.as_view()),
]
