"""What a generated archive is about, and the words and sentences that it is made of."""

from imports.sampling.vocabulary.accessibility import ACCESSIBILITY
from imports.sampling.vocabulary.caching import CACHING
from imports.sampling.vocabulary.data import DATA
from imports.sampling.vocabulary.databases import DATABASES
from imports.sampling.vocabulary.deployment import DEPLOYMENT
from imports.sampling.vocabulary.french import FRENCH
from imports.sampling.vocabulary.frontend import FRONTEND
from imports.sampling.vocabulary.genres import GENRES
from imports.sampling.vocabulary.german import GERMAN
from imports.sampling.vocabulary.listings_products import PRODUCT_LISTINGS
from imports.sampling.vocabulary.listings_servers import SERVER_LISTINGS
from imports.sampling.vocabulary.listings_stores import STORE_LISTINGS
from imports.sampling.vocabulary.networking import NETWORKING
from imports.sampling.vocabulary.observability import OBSERVABILITY
from imports.sampling.vocabulary.queues import QUEUES
from imports.sampling.vocabulary.search import SEARCH
from imports.sampling.vocabulary.security import SECURITY
from imports.sampling.vocabulary.spanish import SPANISH
from imports.sampling.vocabulary.testing import TESTING

# From the most frequent to the rarest.
AREAS = (
    DATABASES,
    DEPLOYMENT,
    CACHING,
    OBSERVABILITY,
    FRONTEND,
    QUEUES,
    DATA,
    SECURITY,
    SEARCH,
    TESTING,
    NETWORKING,
    ACCESSIBILITY,
)

LISTINGS = STORE_LISTINGS | SERVER_LISTINGS | PRODUCT_LISTINGS

TONGUES = (GERMAN, FRENCH, SPANISH)

ALL_GENRES = (*GENRES, *(tongue.genre for tongue in TONGUES))
