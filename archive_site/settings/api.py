"""The REST API: read-only and public until a permission says otherwise."""

from archive_site.settings.environment import environment

REST_FRAMEWORK = {
    # Programs send no cookies: without session authentication the API never varies by user.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "articles.api.pagination.ArticleCursorPagination",
    "PAGE_SIZE": environment.page_size,
    "EXCEPTION_HANDLER": "rest_framework.views.exception_handler",
}
