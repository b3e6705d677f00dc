"""Sentences and blocks that any article may hold. The later an aside stands, the rarer it is, so that a
search for one of its words has a small and certain result."""

ASIDES = (
    "The slides of a talk on this are in the office of {town}, next to the coffee machine.",
    "For readers in a hurry there is a spreadsheet; it is wrong in its third column.",
    "A glossary at the end of the wiki explains what the team means by warm, hot and boiling.",
    "The whole thing was rehearsed twice with a stopwatch.",
    "Our ferry metaphor for queues has been retired by popular demand.",
    "One of the machines is called Kingfisher, and it is the one that fails.",
    "The office thermometer correlates with it, which proves only that summers are busy.",
    "A poster of the Antikythera mechanism hangs over the desk where this was found.",
    "The first prototype ran on a Raspberry Pi taped to the underside of a desk.",
    "Someone had labeled the cable with the word palimpsest, and was right.",
    "The backup line passes through a disused lighthouse, which matters in storms.",
    "We keep a sextant on the shelf as a reminder that estimates have error bars.",
    "An abacus would have been enough for the first estimate.",
    "The test data contains a customer from Ouagadougou, to keep the forms honest.",
    "In the second week a marmot chewed through the fiber at the pass.",
    "The colophon of the manual names the three people who know why.",
    "A retired cartographer on the team drew the dependency map by hand.",
    "The word quiescent appears in the runbook exactly once, where it matters.",
    "We named the rehearsal environment Potemkin, and stopped finding that funny.",
    "The metronome in the corner is for load tests.",
    "One dashboard is printed every morning for a colleague in the foundry.",
    "The oldest log line that we still have mentions a zeppelin hangar.",
    "Whoever finds the semaphore leak gets the good chair.",
    "The final review took place in an orangery, for lack of meeting rooms.",
)

QUOTES = (
    "We had alerts for everything except for what people could see.",
    "If it cannot be undone in two minutes, it is not a change but an event.",
    "I would rather explain a slow page than a wrong one.",
    "The default was chosen by someone who had never met our {weekday}s.",
    "Every graph was green, and the phone rang.",
    "{tool} did exactly what we had told it to do.",
    "Nobody owns {subject} until it breaks, and then everybody does.",
    "{Fact}",
    "Show me {metric} by host, and I will tell you which team to call.",
    "We fixed it in an afternoon and understood it in a month.",
)

# Heading cells first. All rows of a table are equally long.
TABLES = (
    (
        ("", "Before", "After"),
        ("{Measure}", "{before}", "{after}"),
        ("Requests per second", "{nnn}", "{mmm}"),
        ("Pages at night", "{mm}", "{digit}"),
        ("Machines", "{nn}", "{mm}"),
    ),
    (
        ("Criterion", "{tool}", "{tool2}"),
        ("{Measure}", "{after}", "{before}"),
        ("Days to learn", "{digit}", "{nn}"),
        ("Memory at peak", "{nnn} MB", "{nn}{digit} MB"),
        ("Failures seen so far", "{digit}", "none yet"),
    ),
    (
        ("Week", "{Measure}", "Complaints"),
        ("1", "{before}", "{nn}"),
        ("2", "{before}", "{mm}"),
        ("3", "{after}", "{digit}"),
        ("4", "{after}", "{digit}"),
    ),
    (
        ("Setting", "Old", "New"),
        ("{setting}", "{digit}", "{nn}"),
        ("{setting2}", "off", "on"),
        ("Rollout", "at once", "{weeks} weeks"),
    ),
)

LISTS = (
    ("{Step}.", "{Step2}.", "{Step3}."),
    ("{Step2}.", "{Step3}.", "{Step4}.", "Write down the old value of {setting} before you change it."),
    ("{Step}.", "{Step4}.", "Compare {metric} with last week's."),
    ("{Step3}.", "Ask {person} before touching {host}.", "{Step}.", "{Step2}."),
)

LINK_SENTENCES = (
    "Another article covers the other half: {link}.",
    "See also {link}.",
    "More on this in {link}.",
    "A story much like this one is told in {link}.",
)
