import pytest
from django.core.exceptions import ValidationError

from articles.models import Article
from articles.term_slugs import slug_of

FIELD = Article._meta.get_field("slug")


def test_an_editor_may_keep_a_slug_of_any_script():
    slug = slug_of("हिन्दी में, ภาษาไทย und Größe")
    assert FIELD.formfield().clean(slug) == FIELD.clean(slug, None) == slug


@pytest.mark.parametrize("slug", ["a b", "a/b", "a.b", "❤️"])
def test_what_is_no_slug_is_refused(slug):
    with pytest.raises(ValidationError, match="Use letters, digits"):
        FIELD.clean(slug, None)
