"""Work for the background worker (`manage.py db_worker`)."""

from django_tasks import task

from articles.indexing import index_pending


@task()
def index_search() -> int:
    """Makes the search documents that are outstanding. Returns how many; none where others were faster."""
    return index_pending()
