from imports.sampling.vocabulary.shapes import Area, Subject

SEARCH = Area(
    name="Search",
    tools=(
        "Elasticsearch",
        "OpenSearch",
        "Meilisearch",
        "PostgreSQL",
        "Solr",
        "Typesense",
        "Lucene",
        "jieba 结巴",
    ),
    stacks=("Elasticsearch", "PostgreSQL", "Django", "Rails", "Spring Boot", "Laravel"),
    standards=("BM25", "Unicode UAX #29", "Snowball", "nDCG"),
    tags=("relevance", "indexing", "full-text", "ranking", "language"),
    subjects=(
        Subject(
            name="full-text ranking",
            goal="put the right answer first",
            metric="median rank of the clicked result",
            unit="places",
            symptoms=(
                "the manual for a product came after nine press releases about it",
                "searching for a name found everybody but that person",
            ),
            causes=(
                "long documents won because they repeated themselves",
                "titles weighed as much as footers",
            ),
            remedies=(
                "weighing title, summary and body differently",
                "judging fifty real queries by hand before turning a knob",
            ),
            steps=(
                "Collect fifty queries that people really typed",
                "Judge the first ten results by hand",
                "Weigh fields before adding signals",
                "Change one number at a time",
            ),
            facts=(
                "Term frequency saturates: the tenth mention says little more than the third.",
                "Length normalization decides between a note and a book.",
                "Without judged queries every tuning is a matter of taste.",
            ),
            settings=("setweight", "ts_rank_cd", "k1"),
            tools=("PostgreSQL", "Elasticsearch", "Lucene"),
            tags=("ranking", "bm25"),
        ),
        Subject(
            name="search indexing",
            goal="make a new text findable within seconds",
            metric="indexing delay",
            unit="s",
            symptoms=(
                "editors could not find what they had just published",
                "a full rebuild took two days and could not be stopped",
            ),
            causes=(
                "the index was fed from a nightly dump",
                "deleted records were never removed from it",
            ),
            remedies=(
                "feeding the index from the log of changes",
                "building a second index beside the first and switching an alias",
            ),
            steps=(
                "Index from committed changes only",
                "Build beside, compare, then switch",
                "Count both sides every night",
                "Bring deletions through the same road",
            ),
            facts=(
                "An index is a projection, and projections are rebuilt and not repaired.",
                "Refreshing every second costs more than indexing.",
                "An alias makes the switch atomic and the way back short.",
            ),
            settings=("refresh_interval", "fastupdate", "number_of_replicas"),
            tools=("OpenSearch", "Debezium", "Meilisearch"),
            tags=("indexing", "reindex"),
        ),
        Subject(
            name="typo tolerance",
            goal="understand what people meant to type",
            metric="share of empty searches",
            unit="%",
            symptoms=(
                "every seventh search found nothing at all",
                "a forgotten accent hid the whole Polish catalog",
            ),
            causes=(
                "the index compared bytes and people type letters",
                "corrections were made for product codes as well",
            ),
            remedies=(
                "folding accents on both sides and keeping the original for ranking",
                "trying a second, fuzzier query only when the first one is empty",
            ),
            steps=(
                "Read the list of searches without a result every week",
                "Fold accents in the index and in the query",
                "Keep codes and numbers out of fuzzy matching",
                "Say what was searched for instead",
            ),
            facts=(
                "Two edits in a word of four letters match half of the dictionary.",
                "Folding ł to l needs a table, since it does not decompose.",
                "Trigrams find typing errors without knowing the language.",
            ),
            settings=("fuzziness", "prefix_length", "similarity_threshold"),
            tools=("Typesense", "Meilisearch", "PostgreSQL"),
            tags=("fuzzy", "accents"),
        ),
        Subject(
            name="faceted navigation",
            goal="offer filters that never lead nowhere",
            metric="facet latency",
            unit="ms",
            symptoms=(
                "the filters took longer than the results",
                "a choice of three filters led to an empty page",
            ),
            causes=(
                "each facet ran the whole search once more",
                "counts were taken before the other filters were applied",
            ),
            remedies=(
                "counting over a sample when the result is large",
                "keeping counts of the common combinations at hand",
            ),
            steps=(
                "Hide the facets that cannot change the result",
                "Count within the other filters",
                "Cap counts and say 'more than'",
                "Put the choice into the address",
            ),
            facts=(
                "Nobody needs to know that there are 48,213 results rather than many.",
                "A facet is a promise that at least one result is behind it.",
                "Crawlers walk every combination of filters unless they are told not to.",
            ),
            settings=("aggs", "doc_values", "max_buckets"),
            tools=("Solr", "Elasticsearch", "Typesense"),
            tags=("facets", "navigation"),
        ),
        Subject(
            name="synonym management",
            goal="let two words mean one thing",
            metric="rate of synonym complaints",
            unit="per month",
            symptoms=(
                "people searched for couch and the shop sold sofas",
                "a synonym for jaguar brought cats into the car department",
            ),
            causes=(
                "the list had been bought and never read",
                "synonyms were applied at indexing and could not be changed quickly",
            ),
            remedies=(
                "mining pairs from searches that were tried one after the other",
                "expanding the query and not the index",
            ),
            steps=(
                "Mine what people type next",
                "Let an editor approve every pair",
                "Expand at query time",
                "Expire pairs that nobody uses",
            ),
            facts=(
                "Synonyms point in one direction more often than in two.",
                "Expansion at query time can be undone in a second.",
                "Phrases of several words break naive expansion.",
            ),
            settings=("synonym_graph", "updateable", "thesaurus"),
            tools=("Solr", "OpenSearch", "Lucene"),
            tags=("synonyms", "vocabulary"),
        ),
        Subject(
            name="vector search",
            goal="find texts that mean the same",
            metric="query latency",
            unit="ms",
            symptoms=(
                "part numbers were answered with poems about machines",
                "the index needed more memory than all machines had",
            ),
            causes=(
                "vectors were trusted with exact identifiers",
                "the filter was applied after the neighbours had been chosen",
            ),
            remedies=(
                "fusing word ranks and vector ranks",
                "quantizing vectors and ranking the best hundred exactly",
            ),
            steps=(
                "Keep words for names and numbers",
                "Measure recall against a brute-force search",
                "Filter inside the graph and not after it",
                "Store which model made a vector",
            ),
            facts=(
                "Vectors of two models cannot be compared, even if their lengths agree.",
                "Reciprocal rank fusion needs no calibration of scores.",
                "Approximate neighbours are approximate on the days it matters, too.",
            ),
            settings=("ef_search", "hnsw.m", "rrf_k"),
            tools=("pgvector", "Milvus", "Qdrant"),
            tags=("embeddings", "hybrid-search"),
        ),
        Subject(
            name="language analysis",
            goal="cut words where the language cuts them",
            metric="rate of wrong segmentations",
            unit="per thousand",
            symptoms=(
                "searching for 東京 found everything with 京 in it",
                "German compounds hid the word that people searched for",
            ),
            causes=(
                "one analyzer was used for eleven languages",
                "the stemmer reduced two different words to one",
            ),
            remedies=(
                "choosing the analyzer by the language of the document",
                "splitting compounds against a list of known parts",
            ),
            steps=(
                "Store the language with each text",
                "Analyse queries with the language of the page",
                "Protect names from the stemmer",
                "Keep an unstemmed field for exact phrases",
            ),
            facts=(
                "Chinese and Japanese are written without spaces, so cutting them is a decision.",
                "A stemmer trades precision for recall, and differently in each language.",
                "University and universe share a stem and nothing else.",
            ),
            settings=("default_text_search_config", "stopwords", "decompound"),
            tools=("jieba 结巴", "Lucene", "ICU"),
            tags=("i18n", "stemming"),
        ),
    ),
)
