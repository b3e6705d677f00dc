import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.sources.shortcodes import expand_shortcodes, gallery_ids

IMAGE = '<img src="/a.png" alt="A">'
LINK = '<a href="https://youtu.be/x?a=1&amp;b=2">https://youtu.be/x?a=1&amp;b=2</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            f'[caption id="a" width="3"]{IMAGE} Old <b>town</b>[/caption]',
            f"<figure>{IMAGE}<figcaption>Old <b>town</b></figcaption></figure>",
        ),
        (
            f'[caption]<a href="/">{IMAGE}</a>Town[/caption]',
            f'<figure><a href="/">{IMAGE}</a><figcaption>Town</figcaption></figure>',
        ),
        (
            f'[wp_caption caption="Old &amp; new"]{IMAGE}[/wp_caption]',
            f"<figure>{IMAGE}<figcaption>Old &amp; new</figcaption></figure>",
        ),
        (f"[CAPTION]{IMAGE}[/Caption]", f"<figure>{IMAGE}</figure>"),
        ("[caption]No picture[/caption]", "<figure>No picture</figure>"),
        ("[embed width=3]https://youtu.be/x?a=1&b=2[/embed]", f"<p>{LINK}</p>"),
        ("[youtube https://youtu.be/x?a=1&amp;b=2]", f"<p>{LINK}</p>"),
        ("[youtube=https://youtu.be/x?a=1&amp;b=2]", f"<p>{LINK}</p>"),
        ('[video src="https://youtu.be/x?a=1&amp;b=2"] [/video]', f"<p>{LINK}</p>"),
        ("[code]a < b\n\n&& c &lt; d[/code]", "<pre><code>a &lt; b\n\n&amp;&amp; c &lt; d</code></pre>"),
        (
            '[sourcecode language="PHP"]\n<?php [gallery]\n[/sourcecode]',
            '<pre><code class="language-php">&lt;?php [gallery]</code></pre>',
        ),
        ('[gallery ids="1,2" columns=3]', ""),
        ("[playlist]", ""),
    ],
)
def test_what_readers_saw_there_they_see_here(text, html):
    assert expand_shortcodes(text).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "[contact-form to='a']",
        "[gallerytwo]",
        "[gallery-two]",
        "[code] without an end",
        "[embed]javascript:alert(1)[/embed]",
        "[youtube]abc[/youtube]",
        "[[code]x[/code]]",
        "an array[1] and [a link](https://example.org)",
    ],
)
def test_everything_else_stays_as_text(text):
    assert expand_shortcodes(text) == text


def test_an_author_may_write_about_shortcodes():
    assert expand_shortcodes("Write [[gallery ids='1']] here.") == "Write [gallery ids='1'] here."


def test_a_bracket_behind_a_shortcode_stays():
    assert expand_shortcodes("[see [gallery]]") == "[see ]"


def test_an_address_on_a_line_of_its_own_is_a_link():
    text = "See\n\nhttps://youtu.be/x?a=1&b=2\n\nand https://example.org too"
    assert expand_shortcodes(text) == f"See\n\n{LINK}\n\nand https://example.org too"


def test_pictures_of_galleries_are_told_by_number():
    assert gallery_ids('[gallery ids="1, 22"] [gallery] [gallery columns=2 ids=3]') == [["1", "22"], ["3"]]


pieces = st.lists(
    st.sampled_from(
        [
            "[",
            "]",
            "[[",
            "]]",
            "/",
            "caption",
            "[code]",
            "[/code]",
            "[gallery",
            '"',
            "'",
            " ",
            "=",
            "https://a",
            "\n",
        ]
    )
).map("".join)


@given(pieces | st.text())
def test_a_text_around_shortcodes_stays(text):
    assert expand_shortcodes(f"before {text} after").startswith("before")
    assert expand_shortcodes(f"{text.replace('[code]', '')}\n\nafter").endswith("after")


@given(st.text().filter(lambda text: "[" not in text and "://" not in text))
def test_a_text_without_shortcodes_stays(text):
    assert expand_shortcodes(text) == text


@pytest.mark.parametrize(
    "piece",
    ["[code]", "[[code]", "[caption ", "[gallery]  ", "[gallery ids=", "[code '", '[audio "', "https://a\n"],
)
def test_hostile_texts_take_no_time(piece):
    started = time.perf_counter()
    expand_shortcodes(piece * 50_000)
    gallery_ids(piece * 50_000)
    assert time.perf_counter() - started < 5
