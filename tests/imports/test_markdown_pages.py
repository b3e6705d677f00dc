import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import RecordRejected
from imports.records import Record
from imports.sources.format import ReadOptions
from tests.imports.deliveries import record_of


def page(text: str, path: str = "posts/page.md", **options: str) -> Record:
    raw = json.dumps({"path": path, "text": text}).encode()
    return record_of("markdown", raw, ReadOptions(max_record_bytes=100_000, delivery="tree", **options))


def yaml(block: str, path: str = "posts/page.md", **options: str) -> Record:
    return page(f"---\ntitle: x\n{block}\n---\nWords.", path, **options)


def fault(text: str, path: str = "posts/page.md") -> tuple[str, str]:
    with pytest.raises(RecordRejected) as caught:
        page(text, path)
    return caught.value.code, caught.value.message


def test_a_page_of_jekyll_becomes_a_record():
    made = page(
        '---\nlayout: post\ntitle: "Pooling: without regret"\ndate: 2013-05-12 14:45:00 +0200\n'
        "last_modified_at: 2014-01-01\nauthor: parkr\ncategories: Databases Postgres\ntags: a b\n"
        "version: 3.0\nexcerpt: All about pools.\nlang: en_GB\nredirect_from: [/pools/, /pooling.html]\n---\n"
        "\nWords *here*.\n",
        "_posts/2013-05-12-pooling.markdown",
    )
    assert (made.title, made.slug, made.draft) == ("Pooling: without regret", "pooling", False)
    assert made.published_at.isoformat() == "2013-05-12T12:45:00+00:00"
    assert made.updated_at.isoformat() == "2014-01-01T00:00:00+00:00"
    assert (made.body, made.body_format) == ("\nWords *here*.\n", "markdown")
    assert (made.summary, made.language, made.authors) == ("All about pools.", "en-GB", ["parkr"])
    assert made.terms == [
        ("topic", "databases", "Databases"),
        ("tag", "postgres", "Postgres"),
        ("tag", "a", "a"),
        ("tag", "b", "b"),
    ]
    assert made.aliases == [
        "/pools/",
        "/pooling.html",
        "/databases/postgres/2013/05/12/pooling.html",
        "/2013/05/12/pooling.html",
    ]
    assert made.extra == {"front_matter": {"layout": "post", "version": "3.0"}}


def test_a_page_of_hugo_becomes_a_record():
    made = page(
        '+++\ntitle = "Pooling"\ndate = 2013-05-12T14:45:00+02:00\nlastmod = 2014-01-01\ndraft = false\n'
        'slug = "pools"\naliases = ["/old/", "older"]\ncategories = ["Databases"]\ntags = ["a b", "c"]\n'
        'series = "Pools"\nweight = 7\n[[authors]]\nname = "Ada"\n[cover]\nimage = "https://x.org/a.png"\n'
        'alt = "A pool"\n+++\nWords.',
        "content/posts/pooling/index.md",
    )
    assert (made.title, made.slug, made.draft, made.authors) == ("Pooling", "pools", False, ["Ada"])
    assert made.published_at.isoformat() == "2013-05-12T12:45:00+00:00"
    assert made.terms == [
        ("topic", "databases", "Databases"),
        ("tag", "a-b", "a b"),
        ("tag", "c", "c"),
        ("tag", "pools", "Pools"),
    ]
    assert made.aliases == ["/old/", "/older", "/posts/pools/", "/posts/pooling/"]
    assert made.image_sources == [{"url": "https://x.org/a.png", "caption": "A pool"}]
    assert made.extra == {"front_matter": {"weight": 7}}


def test_a_page_of_zola_becomes_a_record():
    made = page(
        '+++\ntitle = "Pooling"\ndate = 2013-05-12\nupdated = 2014-01-01\nauthors = ["Ada", "Bob"]\n'
        'path = "db/pools"\ndescription = "All about\\npools."\n[taxonomies]\ncategories = ["Databases"]\n'
        'tags = ["a"]\npeople = ["Cleo"]\n[extra]\nmath = true\n+++\nWords.'
    )
    assert (made.summary, made.authors, made.aliases) == (
        "All about pools.",
        ["Ada", "Bob"],
        ["/db/pools", "/posts/page/"],
    )
    assert made.terms == [("topic", "databases", "Databases"), ("tag", "a", "a")]
    assert made.extra == {"front_matter": {"extra": {"math": True}, "taxonomies": {"people": ["Cleo"]}}}


def test_json_front_matter_is_read_as_hugo_does():
    made = page(
        '{"title": "Pooling", "date": "2013-05-12", "author": {"name": "Ada"}, "tags": [2013]}\nWords.'
    )
    assert (made.title, made.body, made.authors) == ("Pooling", "Words.", ["Ada"])
    assert made.terms == [("tag", "2013", "2013")]


def test_words_that_yaml_takes_for_something_else_stay_what_was_written():
    made = page("---\ntitle: 1.10\nslug: 2013\nauthor: no\ntags: [010, 12:30:45, yes]\n---\n")
    assert (made.title, made.slug, made.authors) == ("1.10", "2013", ["no"])
    assert [name for _, _, name in made.terms] == ["010", "12:30:45", "yes"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2023-10-15T13:18:50-07:00", "2023-10-15T20:18:50+00:00"),
        ("2023-10-15T13:18:50-0700", "2023-10-15T20:18:50+00:00"),
        ("2023-10-15T13:18:50Z", "2023-10-15T13:18:50+00:00"),
        ("2023-10-15T13:18:50", "2023-10-15T11:18:50+00:00"),
        ("2023-10-15", "2023-10-14T22:00:00+00:00"),
        ("'2023-10-15'", "2023-10-14T22:00:00+00:00"),
        ("2023-1-5", "2023-01-04T23:00:00+00:00"),
        ("20231015", "2023-10-14T22:00:00+00:00"),
        ("2023/10/15 13:18", "2023-10-15T11:18:00+00:00"),
        ("15 Oct 2023", "2023-10-14T22:00:00+00:00"),
        ("October 15th, 2023", "2023-10-14T22:00:00+00:00"),
        ("Oct 15, 2023 at 1:18 pm", "2023-10-15T11:18:00+00:00"),
        ("2023-10-15 13:18:50 +0200", "2023-10-15T11:18:50+00:00"),
        ("2023-10-15 13:18:50.123456789 -0700 MST", "2023-10-15T20:18:50.123456+00:00"),
        ("2023-10-15 13:18 PST", "2023-10-15T21:18:00+00:00"),
        ("2023-10-15 13:18:50 2023 -0800", "2023-10-15T21:18:50+00:00"),
        ("Sun, 15 Oct 2023 13:18:50 GMT", "2023-10-15T13:18:50+00:00"),
        ("Sunday, 15-Oct-2023 13:18:50 UTC", "2023-10-15T13:18:50+00:00"),
        ("Sun Oct 15 13:18:50 2023", "2023-10-15T11:18:50+00:00"),
        ("Sun Oct 15 13:18:50 MST 2023", "2023-10-15T20:18:50+00:00"),
        ("Sun Oct 15 13:18:50 2023 -0700", "2023-10-15T20:18:50+00:00"),
    ],
)
def test_dates_are_read_in_every_form_that_hugo_and_jekyll_take(written, moment):
    assert yaml(f"date: {written}", zone="Europe/Berlin").published_at.isoformat() == moment


@pytest.mark.parametrize(
    "written",
    ["2015-03-00", "0000-00-00", "2015-02-30 10:00", "2015-03-01 25:00", "2015-03-01 10:00 +9900",
     "2015-03-01 13:00 pm", "9999-12-31 23:59 -0100"],
)  # fmt: skip
def test_an_impossible_date_is_rejected_with_its_file_and_field(written):
    text = f"---\ntitle: x\ndate: {written}\n---\n"
    assert fault(text) == ("bad-date", f"posts/page.md: date is no possible date: '{written}'")


@pytest.mark.parametrize(
    "written", ["03/04/2015", "yesterday", "2015-03-01 10:00 IST", "12 Oct 99", "1384000000"]
)
def test_a_date_that_reads_in_more_ways_than_one_is_rejected(written):
    assert fault(f"---\ntitle: x\nlastmod: {written}\n---\n") == (
        "bad-date",
        f"posts/page.md: lastmod is no date that can be read: '{written}'; "
        "write it as in 2015-03-01 or 2015-03-01T08:30:00+01:00",
    )


@pytest.mark.parametrize(
    ("path", "slug", "day"),
    [
        ("2013-05-12-pooling.md", "pooling", "2013-05-12T00:00:00"),
        ("_posts/2017-2-5-pooling.md", "pooling", "2017-02-05T00:00:00"),
        ("_posts/13-05-12-pooling.md", "pooling", "2013-05-12T00:00:00"),
        ("_posts/99-05-12-pooling.md", "pooling", "1999-05-12T00:00:00"),
        ("2013-05-12-10-20-30-pooling.md", "pooling", "2013-05-12T10:20:30"),
        ("2013-05-12_pooling.md", "pooling", "2013-05-12T00:00:00"),
        ("2013-05-12-pooling/index.md", "pooling", "2013-05-12T00:00:00"),
        ("2013-05-12.md", "2013-05-12", "2013-05-12T00:00:00"),
    ],
)
def test_a_date_in_the_name_of_the_file_is_its_date(path, slug, day):
    made = page("Words.", path)
    assert (made.slug, made.published_at.isoformat()) == (slug, f"{day}+00:00")


def test_a_name_that_is_no_date_outside_of_jekylls_posts_is_left_alone():
    made = page("Words.", "notes/10-20-30-rule.md")
    assert (made.slug, made.title, made.published_at) == ("10-20-30-rule", "10 20 30 rule", None)


def test_an_impossible_date_in_the_name_of_the_file_matters_only_without_another():
    path = "blog/2015-03-00-pooling.md"
    assert yaml("date: 2015-03-01", path).slug == "pooling"
    assert fault("Words.", path) == (
        "bad-date",
        "blog/2015-03-00-pooling.md: the date in the file's name is no possible date: '2015-03-00'",
    )


@pytest.mark.parametrize(
    ("block", "draft", "day"),
    [
        ("date: 2013-05-12", False, 12),
        ("date: 2013-05-12\npublished: true", False, 12),
        ("date: 2013-05-12\npublished: false", True, 12),
        ("date: 2013-05-12\npublished: no", True, 12),
        ("published: 2013-05-13", False, 13),
        ("date: 2013-05-12\npublishDate: 2013-05-14", False, 14),
        ("date: 2013-05-12\npubdate: 2013-05-15", False, 15),
        ("date: 2013-05-12\ndraft: true", True, 12),
        ("date: 2013-05-12\ndraft: 'True'", True, 12),
        ("date: 2013-05-12\nDraft: yes", True, 12),
        ("date: 2013-05-12\ndraft: maybe", True, 12),
        ("date: 2013-05-12\ndraft: false", False, 12),
        ("date: 2013-05-12\ndraft:", False, 12),
        ("date: 2013-05-12\nprivate: true", True, 12),
        ("date: 2013-05-12\nheadless: true", True, 12),
        ("date: 2013-05-12\nrender: false", True, 12),
        ("date: 2013-05-12\nbuild: {render: never}", True, 12),
        ("date: 2013-05-12\n_build: {render: false}", True, 12),
        ("date: 2013-05-12\nbuild: {render: link}", True, 12),
        ("date: 2013-05-12\nbuild: {render: always, list: never}", False, 12),
        ("date: 2013-05-12\nbuild: {list: never}", False, 12),
        ("date: 2013-05-12\nbuild: never", False, 12),
        ("date: 2013-05-12\npassword: sesame", True, 12),
        ("date: 2013-05-12\nexpiryDate: 2014-01-01", True, 12),
        ("date: 2013-05-12\nunpublishdate: 2014-01-01", True, 12),
        ("date: 2013-05-12\nexpiryDate: 9998-01-01", False, 12),
    ],
)
def test_only_what_was_public_there_is_public_here(block, draft, day):
    made = yaml(block)
    assert (made.draft, made.published_at.day) == (draft, day)


def test_a_password_does_not_become_a_part_of_the_article():
    assert yaml("password: sesame").extra == {}


def test_a_file_among_the_drafts_is_a_draft_even_with_a_date():
    assert yaml("date: 2013-05-12", "_drafts/page.md").draft


def test_a_page_without_a_date_is_a_draft_and_one_of_the_future_keeps_its_date():
    assert yaml("tags: a").draft
    made = yaml("date: 2090-01-01")
    assert (made.draft, made.published_at.year) == (False, 2090)


@pytest.mark.parametrize(
    ("body", "title", "left"),
    [
        ("\n# Pooling *well* #\n\nWords.", "Pooling well", "\nWords."),
        ("Pooling\n=======\nWords.", "Pooling", "Words."),
        ("## Pooling\nWords.", "Pooling", "## Pooling\nWords."),
        ("Words.\n\n# Pooling\n", "Pooling", "Words.\n\n# Pooling\n"),
        ("```\n# no heading\n```\n\n# Pooling", "Pooling", "```\n# no heading\n```\n\n# Pooling"),
        ("Words.", "My page", "Words."),
        ("", "My page", ""),
    ],
)
def test_a_page_without_a_title_is_called_by_its_first_heading_or_its_file(body, title, left):
    made = page(body, "posts/my-page.md")
    assert (made.title, made.body) == (title, left)


def test_the_text_before_the_fold_is_the_summary_where_none_was_written():
    body = "\nAll *about* pools.\n\n<!-- more -->\n\nWords."
    assert page(body).summary == "All about pools."
    assert page(body).body == "\nAll *about* pools.\n\n\n\nWords."
    assert page(f"---\ntitle: x\ndescription: Pools!\n---{body}").summary == "Pools!"
    assert page("Write `<!--more-->` in it.").body == "Write `<!--more-->` in it."


def test_markup_in_a_summary_becomes_text():
    assert yaml("excerpt: '<p>All <b>about</b> pools</p>'").summary == "All about pools"
    assert yaml("excerpt: 'All **about** [pools](/x)'").summary == "All about pools"
    assert yaml("excerpt: '2013. A year, 3 < 4'").summary == "2013. A year, 3 < 4"


@pytest.mark.parametrize(
    ("block", "aliases", "left"),
    [
        ("permalink: /pools/", ["/pools/"], {}),
        ("permalink: pools.html", ["/pools.html"], {}),
        ("url: /pools/", ["/pools/"], {}),
        ("permalink: /:year/:title/", [], {"permalink": "/:year/:title/"}),
        ("url: /:section/:slug/", [], {"url": "/:section/:slug/"}),
        ("permalink: pretty", [], {"permalink": "pretty"}),
        ("url: https://other.example/x", [], {"url": "https://other.example/x"}),
        ("permalink: /%2e%2e/%2E%2E/baddie.html", [], {"permalink": "/%2e%2e/%2E%2E/baddie.html"}),
        ("permalink: /a/..\\..\\b", [], {"permalink": "/a/..\\..\\b"}),
        ("path: assets/x", [], {"path": "assets/x"}),
        ("aliases: /a/\nredirect_from: b", ["/a/", "/b"], {}),
        ("aliases: [/a/, ../b, //c]", ["/a/"], {"aliases": ["../b", "//c"]}),
        ("aliases: /caf%C3%A9/", ["/café/"], {}),
        ("aliases:", [], {}),
    ],
)
def test_addresses_lead_to_the_article_unless_they_are_patterns_or_lead_out(block, aliases, left):
    made = yaml(block)
    assert (made.aliases, made.extra.get("front_matter", {})) == ([*aliases, "/posts/page/"], left)


def test_the_address_of_a_post_is_made_as_jekyll_makes_it():
    made = yaml(
        "date: 2013-05-12 23:30 -0700\ncategory: Web Stuff",
        "repo/news/_posts/2013-05-11-pooling.md",
        zone="America/Los_Angeles",
    )
    assert made.aliases == ["/repo/news/web stuff/2013/05/12/pooling.html", "/2013/05/11/pooling.html"]
    assert page("+++\ntitle = 'x'\n+++", "posts/2013-05-12-pooling.md").aliases == [
        "/posts/pooling/",
        "/posts/2013-05-12-pooling/",
    ]


@pytest.mark.parametrize(
    ("path", "aliases"),
    [
        ("site/content/blog/My first pool!.md", ["/blog/my-first-pool/"]),
        ("content/blog/pools/index.md", ["/blog/pools/"]),
        ("blog/pools.fr.md", ["/fr/blog/pools/"]),
        ("content/blog/pools/index.pt-BR.md", ["/pt-br/blog/pools/"]),
        ("blog/vue.js.md", ["/blog/vue.js/"]),
        ("caf\u00e9.md", ["/caf\u00e9/"]),
        ("_posts/pools.md", []),
        ("content/index.md", []),
    ],
)
def test_a_page_has_the_address_that_hugo_and_zola_make_of_its_path(path, aliases):
    assert page("+++\ntitle = 'x'\n+++", path).aliases == aliases


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("[a](@/blog/b.md)", "[a](/blog/b/)"),
        ('[a](<@/blog/b.md#c> "d")', '[a](</blog/b/#c> "d")'),
        ("[a](../b/index.md)", "[a](/b/)"),
        ("[a](b.fr.md)", "[a](/fr/blog/b/)"),
        ("[a](./My%20b.markdown?x=1)", "[a](/blog/my-b/?x=1)"),
        ("[a](/b.md)", "[a](/b/)"),
        ("[a]: b.md", "[a]: /blog/b/"),
        ('<a href="b.md">a</a>', '<a href="/blog/b/">a</a>'),
        ("[a](/_posts/2013-05-06-b.md)", "[a](/2013/05/06/b.html)"),
        ("[a](../../b.md)", "[a](../../b.md)"),
        ("[a](https://x.org/b.md) [b](//x.org/b.md)", "[a](https://x.org/b.md) [b](//x.org/b.md)"),
        ("[a](b.mdx) b.md", "[a](b.mdx) b.md"),
        ('[a]({{< relref "b.md#c" >}})', "[a](/blog/b/#c)"),
        ("[a]({{% ref `/posts/b` %}})", "[a](/posts/b/)"),
        ("[a]({{< ref posts/b.md >}})", "[a](/posts/b/)"),
        ('[a]({{< ref path="../b" lang="en" >}})', "[a](/b/)"),
        ('[a]({{< ref "#c" >}})', "[a](#c)"),
        ('[a]({{< ref "../../c" >}})', '[a]({{< ref "../../c" >}})'),
    ],
)
def test_a_link_to_another_file_leads_to_the_address_of_its_path(link, address):
    assert page(link, "content/blog/a.md").body == address


@pytest.mark.parametrize(
    ("shortcode", "made"),
    [
        (
            '{{< figure src="a.png" alt="A \\"pool\\"" caption="A *pool*"\n link="/x" >}}',
            '<figure><a href="/x"><img src="a.png" alt="A &quot;pool&quot;"></a>'
            "<figcaption>A *pool*</figcaption></figure>",
        ),
        ("{{% figure src=a.png %}}", '<figure><img src="a.png" alt=""></figure>'),
        ("{{< figure >}}", "{{< figure >}}"),
        ("{{< youtube w7Ft2ymGmfc >}}", "<https://www.youtube.com/watch?v=w7Ft2ymGmfc>"),
        ('{{< youtube id="w7" autoplay="true" >}}', "<https://www.youtube.com/watch?v=w7>"),
        ('{{< youtube "a b" >}}', '{{< youtube "a b" >}}'),
        (
            'x {{< highlight go "linenos=table" >}}\nx := 1\n{{< /highlight >}}\ny',
            "x \n```go\nx := 1\n```\ny",
        ),
        ("{{< highlight go >}} x", "{{< highlight go >}} x"),
        ("x {{< /highlight >}}", "x {{< /highlight >}}"),
        ("{{< tweet 7 >}} {{</* youtube w7 */>}}", "{{< tweet 7 >}} {{< youtube w7 >}}"),
    ],
)
def test_shortcodes_of_hugo_become_markdown_or_stay_what_they_are(shortcode, made):
    assert page(f"+++\ntitle = 'x'\n+++\n{shortcode}").body == made


@pytest.mark.parametrize(
    ("path", "language", "slug"),
    [
        ("blog/pools.fr.md", "fr", "pools"),
        ("blog/pools/index.pt-BR.md", "pt-BR", "pools"),
        ("blog/2013-05-12-pools.de.md", "de", "pools"),
        ("blog/vue.js.md", "en", "vuejs"),
        ("fr.md", "en", "fr"),
    ],
)
def test_the_language_of_a_translation_is_in_the_name_of_its_file(path, language, slug):
    made = page("+++\ntitle = 'x'\n+++", path)
    assert (made.language, made.slug) == (language, slug)
    assert page("+++\ntitle = 'x'\nlang = 'nl'\n+++", path).language == "nl"


def test_the_address_of_a_translation_is_below_its_language():
    zola = "+++\ntitle = 'x'\npath = '/db'\n+++"
    assert page(zola, "b/pools.fr.md").aliases == ["/fr/db", "/fr/b/pools/"]
    assert yaml("url: db/", "b/pools.fr.md").aliases == ["/fr/db/", "/fr/b/pools/"]
    assert yaml("url: /db/", "b/pools.fr.md").aliases == ["/db/", "/fr/b/pools/"]
    assert yaml("url: fr/db/", "b/pools.fr.md").aliases == ["/fr/db/", "/fr/b/pools/"]


def test_images_that_can_be_fetched_are_image_sources_and_others_stay_fields():
    made = yaml("image: /a.png\ncover: {image: b.png}\nimages: [https://x.org/c.png, d.png]")
    assert made.image_sources == [{"url": "https://x.org/c.png"}]
    assert made.extra["front_matter"] == {
        "image": "/a.png",
        "cover": {"image": "b.png"},
        "images": ["https://x.org/c.png", "d.png"],
    }


def test_objects_that_tell_more_than_a_name_stay_fields_too():
    made = yaml("author: {name: Ada, url: /ada/}\nimage: {url: https://x.org/a.png, width: 7}")
    assert (made.authors, made.image_sources) == (["Ada"], [{"url": "https://x.org/a.png"}])
    assert made.extra["front_matter"] == {
        "author": {"name": "Ada", "url": "/ada/"},
        "image": {"url": "https://x.org/a.png", "width": "7"},
    }


def test_a_language_that_is_none_stays_a_field():
    made = yaml("language: python")
    assert (made.language, made.extra) == ("en", {"front_matter": {"language": "python"}})


def test_what_jekyll_adds_to_markdown_becomes_markdown():
    body = (
        "[one]({{ site.baseurl }}{% post_url 2013-5-6-one %}) [two]({% link _posts/2014-01-02-two.md %})\n"
        '[three]({{ "/three/" | relative_url }}) {% link about.md %} {{ site.title }} {: .note}\n'
        '{: #id .wide width="3" }\n'
        "{% highlight ruby linenos %}\nh = {:a => 1}\n{% raw %}{{ site.url }}{% endraw %}\n```\n"
        "{% endhighlight %}\nx {%- highlight -%}y{% endhighlight %}\n{% highlight js %} open\n"
        "{% endraw %}{% raw %}{% link 2014-01-02-two.md %}"
    )
    assert page(f"---\ntitle: x\n---\n{body}").body == (
        "[one](/2013/05/06/one.html) [two](/2014/01/02/two.html)\n"
        "[three](/three/) {% link about.md %} {{ site.title }}\n"
        "\n"
        "````ruby\nh = {:a => 1}\n{{ site.url }}\n```\n````\n"
        "x \n```\ny\n```\n{% highlight js %} open\n{% link 2014-01-02-two.md %}"
    )


def test_only_pages_that_jekyll_could_have_read_are_taken_for_its_own():
    body = "{{ site.baseurl }} {% raw %}{: .note}"
    assert page(f"+++\ntitle = 'x'\n+++\n{body}").body == body
    assert page(f"# x\n{body}").body == body


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("---\ntitle: [a]\n---\n", "bad-type", "title must be a text, not a list"),
        ("---\ntitle: x\ntags: [{a: b}]\n---\n", "bad-type", "tags[0] is an object without a name"),
        ("---\ntitle: x\nauthor: [[a]]\n---\n", "bad-type", "author[0] must be a text, not a list"),
        ("a\0b", "illegal-character", "the record holds a NUL or half a surrogate pair"),
        ('---\ntitle: "\\0"\n---\n', "illegal-character", "title holds a NUL or half a surrogate pair"),
        ('{"title": "\\ud800"}', "illegal-character", "title holds a NUL or half a surrogate pair"),
        (
            "---\ntitle: x\n",
            "bad-front-matter",
            "the front matter that begins in line 1 never ends; close it with a line of ---",
        ),
    ],
)
def test_a_broken_page_is_rejected_with_its_file(text, code, message):
    assert fault(text) == (code, f"posts/page.md: {message}")


def test_an_id_is_kept_as_the_identity_of_the_record():
    assert yaml("id: a-1").payload == {"source_id": "a-1"}


_FRONT = (
    "---\n",
    "+++\n",
    "{",
    "title: ",
    "date: ",
    "2013-05-",
    "1",
    "tags: [",
    "permalink: /",
    "..",
    "&a ",
    "*a",
)
_BODY = (
    *("{{< highlight x >}}", "{{< /highlight >}}", "{{< ref ", " >}}", "{{% figure src=", "](@/", ".md)"),
    *("{% raw %}", "{% highlight x %}", "{% endhighlight %}", "{: .a}", "# ", "<!--more-->", "`", "\n"),
)
_PIECES = st.sampled_from(_FRONT + _BODY)
_TEXTS = st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=3))).map("".join))


@given(st.one_of(_TEXTS, _TEXTS.map("---\ntitle: x\n{}".format)), st.sampled_from(("a.md", "2013-05-0-a.md")))
def test_any_text_gives_a_record_or_a_reject(text, path):
    with suppress(RecordRejected):
        assert isinstance(page(text, path), Record)
