"""What the site is made of: applications, middleware, templates, static files, language."""

from archive_site.settings.environment import BASE_DIR, VAR_DIR, environment
from archive_site.settings.media import MEDIA_STORAGE

ENVIRONMENT = environment.environment
DEBUG = environment.debug
RELEASE = environment.release or "unreleased"
SITE_NAME = environment.site_name
SITE_URL = environment.site_url

INSTALLED_APPS = [
    "archive_site",
    "articles",
    "imports",
    "ops",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

# Order matters: probes answer before everything, the request id covers every later log line,
# static files leave before sessions are touched.
MIDDLEWARE = [
    "ops.probes.ProbeMiddleware",
    "archive_site.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Outside of CommonMiddleware, which gets to add a slash before old addresses are looked up.
    "articles.legacy.LegacyAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.unavailable.DatabaseFaultMiddleware",
]

ROOT_URLCONF = "archive_site.urls"
WSGI_APPLICATION = "archive_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "articles.context.site",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = environment.language_code
USE_I18N = True
# One zone for everybody: the months of the archive, its pages and its kept counts must agree.
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    # Not where media is: a web server may serve that folder whole.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files"},
    },
    "media": MEDIA_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# With DEBUG the finders serve the sources, so nobody collects anything to see a change.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

SEARCH_LANGUAGES = environment.search_languages
PAGE_SIZE = environment.page_size
