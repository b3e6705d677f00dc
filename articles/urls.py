"""The readers' addresses."""

from django.urls import path, register_converter

from articles import search_views, views
from articles.addresses import DigitsConverter, KindConverter, TextConverter
from articles.media import MediaNameConverter, media_file

app_name = "articles"

register_converter(TextConverter, "text")
register_converter(KindConverter, "kind")
register_converter(DigitsConverter, "digits")
register_converter(MediaNameConverter, "media")

urlpatterns = [
    path("", views.home, name="home"),
    path("articles/", views.articles_root, name="articles"),
    path("articles/<int:pk>/", views.article, name="detail_by_id"),
    path("articles/<int:pk>/<text:slug>/", views.article, name="detail"),
    path("archive/", views.archive, name="archive"),
    path("archive/<digits:year>/", views.archive_year, name="archive_year"),
    path("archive/<digits:year>/<digits:month>/", views.archive_month, name="archive_month"),
    path("by/", views.kinds, name="kinds"),
    path("by/<kind:kind>/", views.terms, name="terms"),
    path("by/<kind:kind>/<text:slug>/", views.term, name="term"),
    path("search/", search_views.search, name="search"),
    path("media/<media:name>", media_file, name="media"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
