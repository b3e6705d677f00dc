"""What gunicorn serves."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from gunicorn.errors import AppImportError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    # gunicorn prints this one without a traceback and stops, instead of starting workers for ever.
    raise AppImportError(str(error)) from error
