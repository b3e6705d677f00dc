"""Which HTML an article's body may hold, with the reason beside each group.

Everything that is not listed here goes: an unknown element leaves its text behind, an unknown attribute
leaves nothing. Only data lives here; `articles.sanitizing` enforces it.
"""

# Ids of a body share one name space with those of the page, and a browser makes each of them a property
# of `window` (DOM clobbering). The prefix keeps both apart: no template may use an id that begins so.
ID_PREFIX = "section-"

# What a title, a caption or a paragraph is made of.
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TEXT_BLOCKS = {"p", "blockquote", "pre", "address", "hr", "br", "wbr", "figure", "figcaption"}

# Containers say nothing themselves, but two that are unwrapped would run their texts together.
# `main` is missing because the page owns it.
CONTAINERS = {"div", "span", "section", "article", "aside", "header", "footer", "nav", "hgroup"}

LISTS = {"ul", "ol", "li", "dl", "dt", "dd"}

# `strike` and `tt` are obsolete, yet old articles say something with them.
PHRASES = {
    *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q"),
    *("s", "samp", "small", "strike", "strong", "sub", "sup", "time", "tt", "u", "var"),
}

# Reading aids over East Asian characters.
RUBY = {"ruby", "rt", "rp"}

TABLES = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}

# Folds without a line of JavaScript.
FOLDS = {"details", "summary"}

# An `iframe` stays only when it shows a video of VIDEO_HOSTS; any other becomes a link.
MEDIA = {"img", "picture", "source", "audio", "video", "iframe"}

TAGS = HEADINGS | TEXT_BLOCKS | CONTAINERS | LISTS | PHRASES | RUBY | TABLES | FOLDS | MEDIA

# Their content is code, a drawing's or a formula's source, a fallback for other browsers or the choices
# of a form: nothing a reader should meet as text. `svg`, `math`, `noscript`, `template` and `style`
# also change how a parser reads what is inside them, which is where mutation XSS lives.
TAGS_DROPPED_WITH_CONTENT = {
    *("script", "style", "template", "noscript", "noembed", "noframes", "title"),
    *("svg", "math", "object", "applet", "canvas"),
    *("button", "datalist", "optgroup", "option", "select", "textarea"),
}

ATTRIBUTES = {
    # Anchors, language and direction matter on every element. `title` is text.
    "*": {"id", "lang", "dir", "title"},
    # `name` is the anchor of old HTML; it leaves as `id`. `target` would open windows unasked.
    "a": {"href", "hreflang", "name"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    # The language of a listing, and no other class: classes belong to the site's style sheet.
    "code": {"class"},
    "pre": {"class"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "col": {"span"},
    "colgroup": {"span"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "abbr"},
    "details": {"open"},
    # Dimensions keep the page from jumping while pictures arrive.
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "source": {"src", "srcset", "sizes", "media", "type", "width", "height"},
    "audio": {"src"},
    "video": {"src", "poster", "width", "height"},
    "iframe": {"src", "width", "height"},
}

# `align` is what tables of Markdown use; style attributes are never kept.
ATTRIBUTE_VALUES = {
    "ol": {"type": {"1", "a", "A", "i", "I"}},
    "th": {
        "scope": {"row", "col", "rowgroup", "colgroup"},
        "align": {"left", "center", "right"},
    },
    "td": {"align": {"left", "center", "right"}},
}

# What the site decides, whatever the author wrote. None of them is in ATTRIBUTES.
SET_ATTRIBUTES = {
    "img": {"loading": "lazy", "decoding": "async"},
    # A reader chooses when a film starts to load.
    "audio": {"controls": "", "preload": "none"},
    "video": {"controls": "", "preload": "none"},
    # `allow-same-origin` gives the player its own origin, never ours: VIDEO_HOSTS are foreign hosts.
    "iframe": {
        "sandbox": "allow-scripts allow-same-origin allow-presentation",
        "loading": "lazy",
        "referrerpolicy": "strict-origin-when-cross-origin",
        "allowfullscreen": "",
    },
}

# `nofollow` or `ugc` would disown the archive's own articles.
LINK_REL = "noopener noreferrer"

# Relative addresses pass too, `//host/…` among them. `data:` is not here: what it holds escapes every
# rule of this page.
URL_SCHEMES = {"http", "https", "mailto", "tel"}

# The Content-Security-Policy's frame-src has to name the same hosts.
VIDEO_HOSTS = (
    "www.youtube.com",
    "youtube.com",
    "www.youtube-nocookie.com",
    "youtube-nocookie.com",
    "player.vimeo.com",
)
