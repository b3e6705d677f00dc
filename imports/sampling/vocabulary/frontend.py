from imports.sampling.vocabulary.shapes import Area, Subject

FRONTEND = Area(
    name="Frontend",
    tools=("React", "Vue", "Svelte", "Vite", "htmx", "Astro", "Lighthouse", "Ant Design 蚂蚁"),
    stacks=("React", "Next.js", "Vue", "Django", "Rails", "Astro"),
    standards=("HTML Living Standard", "CSS Grid", "ECMA-262", "CSS Containment Level 3"),
    tags=("performance", "css", "javascript", "browsers", "web"),
    subjects=(
        Subject(
            name="bundle size control",
            goal="send less JavaScript than last month",
            metric="JavaScript weight per page",
            unit="kB",
            symptoms=(
                "the page answered taps only after seven seconds on a cheap phone",
                "a date picker weighed more than the rest of the page",
            ),
            causes=(
                "one barrel file pulled the whole library into every page",
                "polyfills were shipped to browsers that had not needed them for years",
            ),
            remedies=(
                "splitting the bundle by route and loading widgets on demand",
                "replacing three small dependencies with what browsers bring along",
            ),
            steps=(
                "Measure what is parsed, not only what is transferred",
                "Set a budget and fail the build above it",
                "Import functions, not libraries",
                "Look at the page on a four-year-old phone",
            ),
            facts=(
                "A kilobyte of JavaScript costs more than a kilobyte of picture, since it has to be run.",
                "Side effects in a module keep the bundler from dropping it.",
                "Most pages use less than half of the code that they download.",
            ),
            settings=("sideEffects", "build.target", "manualChunks"),
            tools=("Vite", "esbuild", "webpack"),
            tags=("bundling", "performance"),
        ),
        Subject(
            name="layout stability",
            goal="keep the page still while it loads",
            metric="layout shift score",
            unit="hundredths",
            symptoms=(
                "readers pressed the wrong button as a banner slid in",
                "the headline jumped three times before it could be read",
            ),
            causes=(
                "images arrived without dimensions",
                "the web font was wider than its fallback",
            ),
            remedies=(
                "reserving space for everything that arrives late",
                "matching the metrics of the fallback font",
            ),
            steps=(
                "Give each image a width and a height",
                "Reserve the place of the banner before it comes",
                "Adjust the fallback font until nothing moves",
                "Record shifts from real visits",
            ),
            facts=(
                "Width and height attributes give the browser an aspect ratio before the first byte.",
                "A shift within half a second of a tap is not counted, and still annoys.",
                "Animated transforms move pixels without moving the layout.",
            ),
            settings=("font-display", "aspect-ratio", "size-adjust"),
            tools=("Lighthouse", "WebPageTest", "Astro"),
            tags=("web-vitals", "fonts"),
        ),
        Subject(
            name="state management",
            goal="keep one truth on the page",
            metric="number of renders per keystroke",
            unit="renders",
            symptoms=(
                "the basket showed three items in one corner and two in another",
                "typing in the search field froze the whole table",
            ),
            causes=(
                "server data was copied into local state and aged there",
                "everything subscribed to everything",
            ),
            remedies=(
                "keeping server state in a cache and local state in its component",
                "putting the filter into the address instead of a store",
            ),
            steps=(
                "Sort state into server, address and component",
                "Derive what can be derived",
                "Subscribe to the smallest value that will do",
                "Delete the global store one slice at a time",
            ),
            facts=(
                "State that can be computed is a bug that has not happened yet.",
                "The address bar is the only store that people can share.",
                "A copy of server data is a cache without a lifetime.",
            ),
            settings=("staleTime", "select", "useSyncExternalStore"),
            tools=("React", "Vue", "Svelte"),
            tags=("state", "rendering"),
        ),
        Subject(
            name="progressive enhancement",
            goal="let the form work before the script arrives",
            metric="rate of failed submissions",
            unit="per day",
            symptoms=(
                "the order button did nothing in tunnels and on old tablets",
                "a blocked script left the whole site blank",
            ),
            causes=(
                "the form had no action of its own",
                "routing happened in the browser and nowhere else",
            ),
            remedies=(
                "starting from a form that posts and adding comfort afterwards",
                "rendering on the server what the first view needs",
            ),
            steps=(
                "Switch scripts off and buy something",
                "Give each form an action and a method",
                "Enhance one element at a time",
                "Report failed loads from the page itself",
            ),
            facts=(
                "Everybody is without JavaScript while it is still loading.",
                "A link is a history entry, a bookmark and a fallback at once.",
                "Server-rendered pages survive the extension that breaks your script.",
            ),
            settings=("hx-boost", "noscript", "formaction"),
            tools=("htmx", "Django", "Turbo"),
            tags=("html", "resilience"),
        ),
        Subject(
            name="image delivery",
            goal="send each screen the picture it can show",
            metric="image weight per view",
            unit="kB",
            symptoms=(
                "a thumbnail of eighty pixels was cut from nine megabytes",
                "the gallery emptied prepaid data plans in an afternoon",
            ),
            causes=(
                "one original was sent to every screen",
                "lazy loading was switched on for the first picture too",
            ),
            remedies=(
                "offering four widths and letting the browser choose",
                "encoding once in a modern format and keeping the old one as a fallback",
            ),
            steps=(
                "List pictures by bytes and by views",
                "Write sizes that match the layout",
                "Load the first picture eagerly and the rest lazily",
                "Strip metadata, above all the location",
            ),
            facts=(
                "Without a sizes attribute the browser assumes the full width of the window.",
                "Lazy loading the main picture delays the very thing that is measured.",
                "Photographs carry coordinates unless somebody removes them.",
            ),
            settings=("srcset", "sizes", "fetchpriority"),
            tools=("sharp", "imgproxy", "Astro"),
            tags=("images", "bandwidth"),
        ),
        Subject(
            name="hydration cost",
            goal="wake up only what is alive",
            metric="time to interactive",
            unit="ms",
            symptoms=(
                "the page was painted at once and deaf for four seconds",
                "server and browser disagreed on the date and drew it twice",
            ),
            causes=(
                "static text was hydrated together with the two buttons on it",
                "the locale of the server leaked into the markup",
            ),
            remedies=(
                "hydrating islands instead of the page",
                "sending dates as data and formatting them once",
            ),
            steps=(
                "Mark what never changes as static",
                "Hydrate on visibility or on the first touch",
                "Treat each mismatch warning as an error",
                "Measure input delay and not only paint",
            ),
            facts=(
                "Hydration pays for the page twice: once as markup and once as code.",
                "A mismatch makes the framework throw away what the server sent.",
                "Most of an article page never needs an event handler.",
            ),
            settings=("client:visible", "suppressHydrationWarning"),
            tools=("Astro", "Next.js", "Qwik"),
            tags=("ssr", "islands"),
        ),
        Subject(
            name="token-based theming",
            goal="change a color once",
            metric="number of distinct grays",
            unit="grays",
            symptoms=(
                "the new brand color reached the shop in April and the help pages in autumn",
                "dark mode had white boxes in the most unexpected places",
            ),
            causes=(
                "colors were copied as hexadecimal numbers",
                "names described the color instead of its role",
            ),
            remedies=(
                "naming roles instead of colors and generating the rest",
                "linting raw values out of the style sheets",
            ),
            steps=(
                "Count the colors that are really in use",
                "Name roles, then assign values",
                "Generate every platform from one file",
                "Refuse raw values in review",
            ),
            facts=(
                "A token called blue cannot become green.",
                "Custom properties inherit, which makes a theme a matter of one selector.",
                "Three layers are enough: values, roles, components.",
            ),
            settings=("color-scheme", "prefers-color-scheme", "--surface"),
            tools=("Style Dictionary", "Tailwind CSS", "Figma"),
            tags=("design-systems", "css"),
        ),
    ),
)
