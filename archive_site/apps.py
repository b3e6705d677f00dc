from django.apps import AppConfig
from django.db.backends.signals import connection_created

from archive_site.checks import register_checks
from archive_site.database import limit_statements


class ArchiveSiteConfig(AppConfig):
    name = "archive_site"

    def ready(self) -> None:
        register_checks()
        connection_created.connect(limit_statements, dispatch_uid="archive_site.database.limit_statements")
