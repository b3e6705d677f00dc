"""Listings for articles about what people touch and about data, by the name of an area.

`{nn}` and `{nnn}` stand for numbers that differ from article to article."""

from imports.sampling.vocabulary.shapes import Listing

PRODUCT_LISTINGS: dict[str, tuple[Listing, ...]] = {
    "Frontend": (
        Listing(
            "typescript",
            "bundle size control",
            """export const routes = {
  catalog: () => import("./catalog"),
  basket: () => import("./basket"),
} satisfies Record<string, () => Promise<Page>>;

const budget = {nnn} * 1024;
if (entry.bytes > budget) throw new Error(`over budget: ${entry.bytes}`);""",
        ),
        Listing(
            "html",
            "image delivery",
            """<img src="/media/harbor-{nnn}.jpg"
     srcset="/media/harbor-480.jpg 480w, /media/harbor-960.jpg 960w"
     sizes="(min-width: 60rem) 40rem, 100vw"
     width="960" height="640" loading="lazy" alt="The harbor at low tide">""",
        ),
        Listing(
            "css",
            "layout stability",
            """:root {
  color-scheme: light dark;
  --surface: light-dark(#fffdf8, #16181c);
  --measure: {nn}ch;
}
article img {
  aspect-ratio: attr(width) / attr(height);
  max-inline-size: 100%;
}""",
        ),
        Listing(
            "javascript",
            "hydration cost",
            """const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    hydrate(entry.target);
  }
}, { rootMargin: "{nnn}px" });""",
        ),
        Listing(
            "javascript",
            "progressive enhancement",
            """form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok) return form.submit();
  status.textContent = await answer.text();
});""",
        ),
    ),
    "Data": (
        Listing(
            "python",
            "bulk import",
            """def load(batches, cursor):
    for batch in batches:
        with connection.transaction():
            with cursor.copy("COPY staging (key, payload) FROM STDIN") as copy:
                for row in batch.rows:
                    copy.write_row(row)
            cursor.execute(MERGE)
            cursor.execute(SAVE_POSITION, [batch.end])""",
        ),
        Listing(
            "sql",
            "incremental modeling",
            """INSERT INTO daily_sales (day, region, amount)
SELECT date_trunc('day', sold_at AT TIME ZONE 'Europe/Riga'), region, sum(amount)
FROM sales
WHERE received_at >= now() - interval '{nn} hours'
GROUP BY 1, 2
ON CONFLICT (day, region) DO UPDATE SET amount = excluded.amount;""",
        ),
        Listing(
            "yaml",
            "data quality",
            """models:
  - name: orders
    columns:
      - name: customer_id
        tests: [not_null]
      - name: total
        tests:
          - accepted_range:
              min_value: 0
              max_value: {nnn}000""",
        ),
        Listing(
            "python",
            "columnar storage",
            """table = duckdb.sql(\"\"\"
    SELECT station, median(level) AS level
    FROM read_parquet('levels/*/*.parquet', hive_partitioning = true)
    WHERE year >= 2015
    GROUP BY station
    HAVING count(*) > {nnn}
\"\"\")""",
        ),
    ),
    "Security": (
        Listing(
            "python",
            "content security policy",
            """CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "object-src": [NONE],
        "base-uri": [NONE],
    },
}""",
        ),
        Listing(
            "nginx",
            "rate limiting",
            """limit_req_zone $account zone=signin:{nn}m rate=5r/m;

location /sign-in/ {
    limit_req zone=signin burst={nn} nodelay;
    limit_req_status 429;
}""",
        ),
        Listing(
            "php",
            "session management",
            """$token = hash_hmac('sha256', $session->id, $keys->current());
foreach ($keys->accepted() as $key) {
    if (hash_equals(hash_hmac('sha256', $session->id, $key), $given)) {
        return $session->renew();
    }
}
throw new InvalidToken();""",
        ),
        Listing(
            "bash",
            "dependency patching",
            """trivy image --ignore-unfixed --severity HIGH,CRITICAL --exit-code 1 shop:{nnn}
vault lease revoke -prefix database/creds/report
openssl s_client -connect shop.example.org:443 </dev/null | openssl x509 -noout -enddate""",
        ),
    ),
    "Search": (
        Listing(
            "sql",
            "full-text ranking",
            """SELECT id, title, ts_rank_cd(document, query) AS rank
FROM articles, websearch_to_tsquery('english', 'replica lag') AS query
WHERE document @@ query
ORDER BY rank DESC, id DESC
LIMIT {nn};""",
        ),
        Listing(
            "json",
            "full-text ranking",
            """{
  "query": {
    "multi_match": {
      "query": "tide tables",
      "fields": ["title^4", "summary^2", "body"],
      "minimum_should_match": "{nn}%"
    }
  }
}""",
        ),
        Listing(
            "python",
            "vector search",
            """def fuse(*rankings, k={nn}):
    scores = Counter()
    for ranking in rankings:
        for position, document in enumerate(ranking, start=1):
            scores[document] += 1 / (k + position)
    return [document for document, _ in scores.most_common()]""",
        ),
        Listing(
            "java",
            "typo tolerance",
            """Analyzer analyzer = CustomAnalyzer.builder()
    .withTokenizer("icu")
    .addTokenFilter("lowercase")
    .addTokenFilter("asciifolding", "preserveOriginal", "true")
    .build();""",
        ),
    ),
    "Testing": (
        Listing(
            "python",
            "property-based testing",
            """@given(st.lists(records(), max_size={nn}))
def test_a_second_import_changes_nothing(batch):
    first = import_all(batch)
    second = import_all(batch)
    assert second.written == 0
    assert second.unchanged == first.written""",
        ),
        Listing(
            "typescript",
            "browser testing",
            """test("the order can be placed by keyboard alone", async ({ page }) => {
  await page.goto("/basket/");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Place order" }).press("Enter");
  await expect(page.getByRole("status")).toHaveText(/Thank you/);
});""",
        ),
        Listing(
            "javascript",
            "load testing",
            """export const options = {
  scenarios: {
    monday: {
      executor: "constant-arrival-rate",
      rate: {nnn},
      duration: "15m",
      preAllocatedVUs: {nn},
    },
  },
};""",
        ),
        Listing(
            "rust",
            "property-based testing",
            """proptest! {
    #[test]
    fn what_is_written_can_be_read(record in any_record()) {
        let bytes = record.to_bytes();
        prop_assert_eq!(Record::from_bytes(&bytes)?, record);
    }
}""",
        ),
    ),
    "Accessibility": (
        Listing(
            "html",
            "table accessibility",
            """<div role="region" aria-labelledby="times" tabindex="0">
  <table>
    <caption id="times">Departures from pier {nn}</caption>
    <tr><th scope="col">Hour</th><th scope="col">Minute</th></tr>
  </table>
</div>""",
        ),
        Listing(
            "css",
            "motion sensitivity",
            """:focus-visible {
  outline: 3px solid currentColor;
  outline-offset: 2px;
}
@media (prefers-reduced-motion: no-preference) {
  .notice { transition: opacity {nnn}ms ease-out; }
}""",
        ),
        Listing(
            "javascript",
            "keyboard navigation",
            """const opener = document.activeElement;
dialog.showModal();
dialog.addEventListener("close", () => opener?.focus(), { once: true });
status.textContent = `${results.length} results`;""",
        ),
        Listing(
            "bash",
            "form labeling",
            """pa11y-ci --sitemap https://www.example.org/sitemap.xml --threshold {nn}
axe https://www.example.org/form/ --tags wcag22aa --exit""",
        ),
    ),
}
