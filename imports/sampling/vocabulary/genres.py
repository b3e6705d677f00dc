"""The ways in which English articles are told, and what else is said about them."""

from imports.sampling.vocabulary.asides import LISTS
from imports.sampling.vocabulary.changes import (
    ALTERNATIVES,
    CHANGE,
    CLOSING,
    OPERATIONS,
    PITFALLS,
    RESULTS,
    ROLLOUT,
    TRADEOFFS,
)
from imports.sampling.vocabulary.findings import BACKGROUND, DIAGNOSIS, MECHANISM, OPENING, SYMPTOM
from imports.sampling.vocabulary.shapes import Genre, Section

GUIDE = Genre(
    name="guide",
    titles=(
        "{Subject} with {tool}: a guide from {place}",
        "How {site} learned to {goal}",
        "How to {goal} with {tool} {version} on {stack}",
        "{Step}: {subject} at {place}",
        "{Subject} for {place}, step by step",
        "A practical guide to {subject} in {tool} {version}",
        "From {before} to {after}: {subject} with {tool}",
        "{Goal}: {tool} at {place}",
        "{N} steps toward better {subject} at {place}",
        "{Subject} on {stack} for {place}: {remedy}",
    ),
    summaries=(
        "How to {goal}, with {tool} as the example: what to measure, what to change and how to go back.",
        "A walk through {subject} at {place}: {remedy}, rolled out in {weeks} weeks without a night shift.",
        "{Step}. {Metric} went from {before} to {after} that way.",
        "What {site} does about {subject}, with the commands, the numbers and the reasons for both.",
    ),
    tags=("how-to", "guide"),
    difficulties=("beginner", "intermediate", "intermediate", "advanced"),
    opening=OPENING,
    lists=LISTS,
    plans=(
        (Section(BACKGROUND), Section(MECHANISM), Section(CHANGE, "code"), Section(OPERATIONS, "list")),
        (
            Section(MECHANISM),
            Section(CHANGE, "code"),
            Section(ROLLOUT),
            Section(PITFALLS, "list"),
            Section(CLOSING),
        ),
        (Section(DIAGNOSIS), Section(CHANGE, "code"), Section(RESULTS, "table"), Section(OPERATIONS, "list")),
    ),
)

INCIDENT = Genre(
    name="incident",
    titles=(
        "When {symptom}: an incident at {place}",
        "{ticket}: {subject} and a bad {weekday}",
        "Incident review: {subject} at {place}, {month} {year}",
        "Why {symptom}, and what {site} did about it",
        "What {nn} bad minutes taught {site} about {subject}",
        "How {subject} brought down {place} in {month} {year}",
        "Anatomy of an outage at {place}: {cause}",
        "The {weekday} in {month} {year} on which {symptom}",
    ),
    summaries=(
        "In {month} {year} {symptom}. The cause: {cause}. What we changed, and what it did to {metric}.",
        "A review of {ticket} at {place}: {nn} minutes, one cause, and {n} changes against its return.",
        "{Symptom}, although nothing had been deployed. The way from there to {remedy}.",
    ),
    tags=("incident", "postmortem"),
    difficulties=("intermediate", "advanced"),
    opening=OPENING,
    lists=LISTS,
    plans=(
        (
            Section(SYMPTOM),
            Section(DIAGNOSIS, "code"),
            Section(CHANGE),
            Section(RESULTS, "table"),
            Section(OPERATIONS, "list"),
        ),
        (Section(BACKGROUND), Section(SYMPTOM, "quote"), Section(DIAGNOSIS), Section(CHANGE, "code")),
        (Section(SYMPTOM), Section(DIAGNOSIS, "code"), Section(ROLLOUT), Section(PITFALLS, "list")),
    ),
)

COMPARISON = Genre(
    name="comparison",
    titles=(
        "{tool} or {tool2} for {subject}? Notes from {place}",
        "{Subject}: {tool} and {tool2} compared at {place}",
        "{tool} versus {tool2}: {measure} at {place}",
        "Moving {subject} from {tool2} to {tool}: {weeks} weeks at {place}",
        "What {place} gave up by choosing {tool} over {tool2}",
        "{Subject} on {stack}: why {site} stayed with {tool}",
    ),
    summaries=(
        "{tool} and {tool2} side by side on the data of {place}: {measure}, price, and who can operate them.",
        "Two ways to {goal}, measured for {weeks} weeks. {tool} won, by less than we had expected.",
        "We compared {tool} and {tool2} on {subject}, and the benchmark was the least interesting part.",
    ),
    tags=("comparison", "evaluation"),
    difficulties=("intermediate",),
    opening=OPENING,
    lists=LISTS,
    plans=(
        (Section(BACKGROUND), Section(ALTERNATIVES, "table"), Section(RESULTS), Section(TRADEOFFS, "quote")),
        (
            Section(MECHANISM),
            Section(ALTERNATIVES, "table"),
            Section(CHANGE, "code"),
            Section(TRADEOFFS),
            Section(CLOSING),
        ),
    ),
)

NOTES = Genre(
    name="notes",
    titles=(
        "Field notes from {town}, {month} {year}: {remedy}",
        "Notes on {subject} from {place} in {town}",
        "{N} things {site} learned about {subject}",
        "{Remedy}: notes from {place}",
        "A month with {tool} at {place}: {subject} on {stack}",
        "Small wins at {place}: {measure} down to {after}",
        "Letter from {town}, {month} {year}: {subject} on {stack}",
    ),
    summaries=(
        "Short notes on {subject} with {tool}: what we tried, what stayed, and what it did to {metric}.",
        "{Remedy} took {n} days and brought {metric} from {before} to {after}.",
        "Observations on {subject} from {weeks} weeks at {place}, unsorted but dated.",
    ),
    tags=("field-notes", "lessons"),
    difficulties=("beginner", "intermediate"),
    opening=OPENING,
    lists=LISTS,
    plans=(
        (Section(MECHANISM, "quote"), Section(CHANGE, "code"), Section(TRADEOFFS)),
        (Section(BACKGROUND), Section(CHANGE, "list"), Section(RESULTS), Section(CLOSING)),
        (Section(SYMPTOM), Section(CHANGE, "code"), Section(CLOSING)),
    ),
)

EXPLAINER = Genre(
    name="explainer",
    titles=(
        "What {subject} means for {place}",
        "{Subject} explained with {tool} {version}",
        "Understanding {subject} at {place}: why {cause}",
        "The real cost of {subject} at {place}",
        "{setting}, {setting2} and {subject} at {place}",
        "Why {site} watches its {measure}",
        "{Subject} from first principles, with {tool} {version}",
    ),
    summaries=(
        "What {subject} is, what it costs and how to see it in {metric}. Examples use {tool} {version}.",
        "{Fact} An explanation from there to {setting}, for people who operate {stack}.",
        "An introduction to {subject} for those who meet it at {place} rather than in a lecture.",
    ),
    tags=("explainer", "fundamentals"),
    difficulties=("beginner", "beginner", "intermediate", "advanced"),
    opening=OPENING,
    lists=LISTS,
    plans=(
        (
            Section(MECHANISM),
            Section(DIAGNOSIS, "code"),
            Section(TRADEOFFS),
            Section(PITFALLS, "list"),
        ),
        (Section(BACKGROUND), Section(MECHANISM, "quote"), Section(CHANGE, "code"), Section(CLOSING)),
        (
            Section(MECHANISM, "table"),
            Section(CHANGE, "code"),
            Section(ALTERNATIVES),
            Section(OPERATIONS, "list"),
        ),
    ),
)

GENRES = (GUIDE, INCIDENT, NOTES, EXPLAINER, COMPARISON)

BRIEFS = (
    "{Symptom}. Cause: {cause}. Recommended: {remedy}. Watch {metric}; expect {after} instead of {before}.",
    "The article describes {subject} at {place}. {Fact} It recommends {remedy} and warns of {setting}.",
    "For teams on {stack}: {remedy}, then {remedy2}. {Metric} was watched for {weeks} weeks at {place}.",
    "Explains why {symptom} and how {tool} was set up to prevent it. {Fact2}",
)

OUTLINE_CONTEXTS = ("{Place} on {stack}", "{Place} in {town}", "{N} services on {stack} at {place}")
OUTLINE_PROBLEMS = ("{Symptom}", "{Measure} at {before}", "{Cause}")
OUTLINE_ACTIONS = ("{Remedy}", "{Step}", "{Remedy}; later {remedy2}")

CHECKLISTS = (
    ("{Step}", "{Step2}", "{Step3}"),
    ("{Step2}", "{Step4}", "Note the value of {setting} before touching it", "Compare {metric} after a day"),
    ("{Step}", "{Step3}", "{Step4}", "Tell the people on call", "Try the way back"),
    ("Record {metric} for a week", "{Step}", "{Step2}", "Delete what the old way needed"),
)

NOTES_BESIDE = (
    "Numbers for {month} {year} are from {host}; the raw data was kept for {weeks} weeks.",
    "{person} asked to have the part on {setting} checked again after {tool} {version}.",
    "The drawing in the second section is by {person2}.",
    "A shorter version was read to the team in {town}.",
    "{ticket} was closed on a {weekday} and reopened once.",
    "The unit of {metric} was corrected by a reader.",
    "Check the link to the documentation of {tool2}: it has moved before.",
    "Title changed after review; the old one promised more than the text.",
)

CAPTIONS = (
    "The machine room at {town} before the move",
    "{Measure} on the wall of the control room",
    "Whiteboard of the session on {subject}",
    "{Place} at opening time, photographed from across the street",
    "{Measure} over {weeks} weeks",
    "{person} and {person2} at work in {town}",
)

TAGS = (
    "production",
    "operations",
    "lessons",
    "performance",
    "reliability",
    "legacy",
    "small-teams",
    "cost",
    "migration",
    "documentation",
    "open-source",
    "public-sector",
    "runbook",
    "simplicity",
    "upgrades",
    "team-work",
    "self-hosted",
    "compliance",
    "green-it",
    "history",
)
