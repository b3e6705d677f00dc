"""What articles say up to the point where the cause is known.

Names in braces are parts of an article's cast (`imports.sampling.casting`). A sentence stands on its own:
nothing in it points at the sentence before.
"""

from imports.sampling.vocabulary.shapes import Passage

OPENING = Passage(
    headings=(),
    leads=(
        "This is about {subject} at {place}, and about {weeks} weeks of learning to take it seriously.",
        "Most of what is written on {subject} assumes a system that is younger and smaller than ours.",
        "In {month} {year} {symptom}. What follows is what we found and what we would do again.",
        "{Subject} is one of those things that work until they are needed.",
        "Everybody who runs {tool} meets {subject} sooner or later; {site} met it on a {weekday}.",
        "There are two ways to {goal}: the one in the documentation, and the one that {site} ended up with.",
        "For {site}, {subject} was never a project. It became one when {symptom}.",
        "We run {stack} for {place}, and this text collects what {subject} has taught us.",
        "If you have {n} minutes: measure {metric}, read the part on the cause, and skip the rest.",
    ),
    supports=(
        "The short version is that {metric} went from {before} to {after}, and that most of it was {remedy}.",
        "None of it is specific to {site}, though the numbers are.",
        "The examples use {tool}, but little depends on it.",
        "It is written for people who run such a system and who have an hour, not a quarter.",
        "{Person} asked for this text after the third time the same question came up in chat.",
        "Everything here has been in production for {weeks} weeks at {site}.",
        "Where we were wrong at first, the wrong turn is left in, because it is the part people ask about.",
        "The numbers come from {host} and its {m} siblings, unless something else is said.",
        "No new product was bought for this, and one was switched off.",
        "A reader who only wants the commands will find them further down.",
    ),
)

BACKGROUND = Passage(
    headings=("Where we started", "The setting", "Before the change", "What was there", "Some context"),
    leads=(
        "{Site} runs on {stack}, with {tool} in the middle of everything that matters.",
        "Until {year}, nobody at {site} had looked at {subject} for longer than an afternoon.",
        "The system is older than the team: {n} services, {nn} machines, one {tool} that all of them need.",
        "Traffic at {site} follows the day: {mmm} requests a second at noon, a tenth of that at night.",
        "When {person} joined, one paragraph from {month} {year} was all there was on {subject}.",
        "Two teams share this system, and each of them believed that {subject} belonged to the other.",
    ),
    supports=(
        "About {nnn} thousand records change on an ordinary day, most of them before lunch.",
        "Staging has {m} machines and a tenth of the data, which hides just the problems that matter here.",
        "{Metric} was on a dashboard, although not on one that anybody opened.",
        "We deploy {n} times a week, never on a {weekday}, and always with somebody watching.",
        "The defaults of {tool} had served well for years, and so nobody knew them.",
        "There was a plan to replace {tool} with {tool2}; it had been postponed {m} times.",
        "All of this fits on one rack, which is worth saying, since most advice is meant for a thousand.",
        "The people on call are the people who write the code, and there are {n} of them.",
        "Growth had been steady at {percent} percent a year, slow enough to be ignored.",
        "{standard} was followed in spirit, and in the letter wherever an auditor had looked.",
        "What had been documented was the intention; what ran was the sum of {mm} small exceptions.",
    ),
)

SYMPTOM = Passage(
    headings=("What we saw", "The first signs", "What went wrong", "The morning of the incident", "Symptoms"),
    leads=(
        "It began quietly: {symptom}.",
        "On a {weekday} in {month}, at a quarter past nine, {symptom}.",
        "The first report came from a customer and not from a graph: {symptom}.",
        "For {n} days the only sign was a slow rise in {metric}.",
        "{Person} noticed that {metric} had reached {before}, about ten times what it had been in spring.",
        "Two things were odd about {ticket}: {symptom}, and nothing had been deployed.",
    ),
    supports=(
        "Restarting {tool} helped for {mm} minutes, which made it hard to see that it was no remedy.",
        "Error rates stayed flat, because requests that never finish are not errors.",
        "The dashboards showed averages, and the averages were fine.",
        "On {host} the load was {digit}, on its neighbor it was {nn}.",
        "A week later {symptom2}, and the two events turned out to be one.",
        "By ten o'clock {mmm} people had written to support.",
        "The logs were full and said little; {percent} percent of the lines came from one retry.",
        "Rolling back the last release changed nothing, since the last release had changed nothing either.",
        "{Metric} recovered on its own in the evening, as it had done on every evening of that week.",
        "We opened {ticket}, gave it the wrong title, and lost an hour to that title.",
        "Neither {tool} nor {tool2} reported anything that its manual calls an error.",
    ),
)

DIAGNOSIS = Passage(
    headings=("Finding the cause", "What was behind it", "Looking closer", "The cause", "Measuring first"),
    leads=(
        "The cause, once found, fits into a sentence: {cause}.",
        "We looked in {n} wrong places. Then {person} plotted {metric} by host, and it was plain: {cause}.",
        "There were two causes, as there often are. The first: {cause}. The second: {cause2}.",
        "Before changing anything we spent {m} hours on measuring {metric} where it arises.",
        "What gave it away was {setting}: it had the value of a much smaller system.",
        "Reading the source of {tool} took an evening and saved a week: {cause}.",
    ),
    supports=(
        "A test on one machine confirmed it: without that, {metric} fell to {after} within {nn} minutes.",
        "The value of {setting} had last been touched in {year}, by somebody who has left since.",
        "None of the graphs could have shown this, because each of them added up what belongs apart.",
        "In other words, {cause2}.",
        "It explains why the problem came at noon and went away at six.",
        "The same check on staging found nothing, because staging has {percent} percent of the load.",
        "The documentation of {tool} says so in its second chapter, under a heading that we had all skipped.",
        "To be sure, we undid the finding, and {metric} went back to {before}.",
        "{Person} wrote a probe of {mm} lines that asks the one question the dashboard does not.",
        "Once more the interesting column was the one that nobody had put on a graph: the wait.",
        "A packet capture from {host} settled the argument between the two theories.",
        "Correlation had pointed at the last release; the timeline, minute by minute, pointed elsewhere.",
    ),
)

MECHANISM = Passage(
    headings=(
        "How {subject} works",
        "What happens underneath",
        "The idea behind it",
        "What to know about {subject}",
        "A closer look at {tool}",
    ),
    leads=(
        "It helps to know what {tool} does before arguing about {setting}.",
        "Three facts about {subject} explain most of what follows.",
        "{Subject} sounds like a detail of {tool}. It is closer to a contract with everything around it.",
        "Every discussion of {subject} comes down to where the waiting takes place.",
        "To {goal}, one has to know what the system does when it cannot.",
        "The manual describes {subject} from the inside; seen from the outside it looks like this.",
    ),
    supports=(
        "{Fact}",
        "{Fact2}",
        "{Fact3}",
        "{tool2} does the same with other names, which makes comparisons harder than they need to be.",
        "Under light load none of this can be seen.",
        "The setting that decides is {setting}, and its default is meant for a laptop.",
        "It follows that {metric} is the number to watch, and that its average is not.",
        "{standard} leaves this open, so every implementation has its own answer.",
        "Reading this the other way round gives the failure: {cause}.",
        "In {tool} {version} the behavior changed, and the release notes gave it half a line.",
        "A drawing on a whiteboard took {n} minutes and ended a debate of {weeks} weeks.",
    ),
)
