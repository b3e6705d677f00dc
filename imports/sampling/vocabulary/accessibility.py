from imports.sampling.vocabulary.shapes import Area, Subject

ACCESSIBILITY = Area(
    name="Accessibility",
    tools=("axe", "NVDA", "VoiceOver", "Pa11y", "Lighthouse", "Storybook", "JAWS", "Stylelint"),
    stacks=("React", "Vue", "Django", "WordPress", "Rails", "Astro"),
    standards=("WCAG 2.2", "EN 301 549", "WAI-ARIA 1.2", "BITV 2.0"),
    tags=("a11y", "usability", "html", "inclusion", "forms"),
    subjects=(
        Subject(
            name="keyboard navigation",
            goal="use the whole page without a mouse",
            metric="number of keystrokes to the search field",
            unit="keys",
            symptoms=(
                "the focus disappeared behind a dialog and never came back",
                "ninety keystrokes lay between the top and the search field",
            ),
            causes=(
                "a box with a click handler had taken the place of a button",
                "the outline had been removed because it looked untidy",
            ),
            remedies=(
                "using real buttons and links again",
                "moving the focus into the dialog and back to where it came from",
            ),
            steps=(
                "Put the mouse into a drawer for an hour",
                "Make the focus visible everywhere",
                "Offer a way past the navigation",
                "Return the focus when a dialog closes",
            ),
            facts=(
                "A button brings focus, keys and a role for nothing.",
                "Positive tab indexes reorder the whole page and age badly.",
                "An invisible focus is a lost cursor.",
            ),
            settings=("tabindex", ":focus-visible", "inert"),
            tools=("axe", "Storybook", "Playwright"),
            tags=("keyboard", "focus"),
        ),
        Subject(
            name="screen reader support",
            goal="make the page worth listening to",
            metric="number of unlabeled controls",
            unit="controls",
            symptoms=(
                "the basket was announced as 'button button button'",
                "an error message appeared that nobody heard",
            ),
            causes=(
                "icons had no names",
                "the page changed without telling anybody",
            ),
            remedies=(
                "giving each control a name that makes sense alone",
                "announcing results politely in one live region",
            ),
            steps=(
                "Listen to the page once, with the screen off",
                "Name every control",
                "Announce changes once and politely",
                "Test with two readers and two browsers",
            ),
            facts=(
                "No ARIA is better than bad ARIA.",
                "A live region has to exist before its text changes.",
                "Placeholders are not labels, and they vanish when you type.",
            ),
            settings=("aria-live", "aria-describedby", "role=status"),
            tools=("NVDA", "VoiceOver", "JAWS"),
            tags=("screen-readers", "aria"),
        ),
        Subject(
            name="color contrast",
            goal="stay readable in the sun",
            metric="number of texts below the minimum",
            unit="texts",
            symptoms=(
                "gray on gray passed the design review and no one's eyes",
                "the chart told five stories in one shade of red",
            ),
            causes=(
                "contrast was checked on white and shown on a photograph",
                "color was the only difference between good and bad",
            ),
            remedies=(
                "choosing pairs of colors that are known to work together",
                "adding shape and text wherever color carries meaning",
            ),
            steps=(
                "Check pairs and not single colors",
                "Look at the page in gray",
                "Check every state, hover and disabled too",
                "Try the dark theme outside",
            ),
            facts=(
                "Body text needs a ratio of 4.5 to 1, large text 3 to 1.",
                "One man in twelve confuses red and green.",
                "A disabled button is exempt from the rule and still has to be understood.",
            ),
            settings=("prefers-contrast", "forced-colors", "color-mix"),
            tools=("axe", "Stylelint", "Figma"),
            tags=("contrast", "color"),
        ),
        Subject(
            name="form labeling",
            goal="let people finish the form the first time",
            metric="share of abandoned forms",
            unit="%",
            symptoms=(
                "every third person gave up at the field for the postcode",
                "errors were shown in red at the top and explained nowhere",
            ),
            causes=(
                "labels disappeared as soon as somebody typed",
                "the message said 'invalid' and nothing else",
            ),
            remedies=(
                "keeping labels visible and errors next to their field",
                "accepting each format that a machine can understand",
            ),
            steps=(
                "Tie every label to its field",
                "Say what is wrong and how to mend it",
                "Keep what people have typed",
                "Switch autocompletion on and name the fields for it",
            ),
            facts=(
                "Autocompletion works when the field says what it is.",
                "An error message belongs to a field, in the code as well as on the screen.",
                "Most validation refuses things that were perfectly clear.",
            ),
            settings=("autocomplete", "aria-invalid", "inputmode"),
            tools=("Pa11y", "axe", "NVDA"),
            tags=("forms", "errors"),
        ),
        Subject(
            name="table accessibility",
            goal="let a table be read cell by cell",
            metric="number of tables without headers",
            unit="tables",
            symptoms=(
                "the timetable was read out as a list of four hundred numbers",
                "on a phone the last column lay outside the world",
            ),
            causes=(
                "the layout was made of boxes that looked like a table",
                "headers were bold cells",
            ),
            remedies=(
                "marking headers with their scope and giving the table a caption",
                "letting the table scroll within a region that can be focused",
            ),
            steps=(
                "Use a table for data and for nothing else",
                "Give every header a scope",
                "Write a caption that says what is compared",
                "Make the scrolling region focusable",
            ),
            facts=(
                "Changing the display of a table takes its meaning away in some browsers.",
                "A caption is read before the first cell.",
                "Merged cells are hard for machines and no easier for people.",
            ),
            settings=("scope", "caption", "tabindex"),
            tools=("VoiceOver", "Pa11y", "Lighthouse"),
            tags=("tables", "html"),
        ),
        Subject(
            name="motion sensitivity",
            goal="move less for those who asked for it",
            metric="number of unstoppable animations",
            unit="animations",
            symptoms=(
                "a parallax page made two testers ill",
                "the carousel moved on before the sentence was read",
            ),
            causes=(
                "the system preference was ignored",
                "animation carried information that stood nowhere else",
            ),
            remedies=(
                "starting without motion and adding it where it is welcome",
                "giving everything that moves a way to stop",
            ),
            steps=(
                "Honor the system preference",
                "Stop everything that moves for more than five seconds",
                "Say in text what an animation says",
                "Check third-party widgets as well",
            ),
            facts=(
                "Anything that moves by itself for more than five seconds needs a pause button.",
                "Opacity is kinder than distance.",
                "Three flashes a second are the limit, by rule and by medicine.",
            ),
            settings=("prefers-reduced-motion", "animation-play-state"),
            tools=("Storybook", "Stylelint", "Lighthouse"),
            tags=("animation", "css"),
        ),
        Subject(
            name="PDF accessibility",
            goal="publish a document that is more than a picture",
            metric="number of untagged documents",
            unit="documents",
            symptoms=(
                "the annual report was read out in the order of its printing",
                "a scanned form could be filled in with a pen only",
            ),
            causes=(
                "tags were lost in the last conversion",
                "nobody had asked whether it had to be a PDF at all",
            ),
            remedies=(
                "publishing the page first and the document as a copy of it",
                "generating tagged documents from structured sources",
            ),
            steps=(
                "Ask whether a page would do",
                "Tag headings, lists and tables at the source",
                "Check the reading order by listening",
                "Add the language and a title",
            ),
            facts=(
                "Tags are made where the document is written and lost where it is converted.",
                "A document without a language is read in the wrong voice.",
                "Text in a scan is a picture of text.",
            ),
            settings=("PDF/UA-1", "ActualText", "MarkInfo"),
            tools=("PAC", "veraPDF", "Typst"),
            tags=("pdf", "documents"),
        ),
    ),
)
