"""Settings of every environment, cut by concern. What differs between them comes from env.py alone."""

from archive_site.settings.api import *  # noqa: F403
from archive_site.settings.caches import *  # noqa: F403
from archive_site.settings.core import *  # noqa: F403
from archive_site.settings.database import *  # noqa: F403
from archive_site.settings.imports import *  # noqa: F403
from archive_site.settings.logs import *  # noqa: F403
from archive_site.settings.media import *  # noqa: F403
from archive_site.settings.security import *  # noqa: F403
