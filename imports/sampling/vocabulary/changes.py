"""What articles say once the cause is known. As in `findings`, each sentence stands on its own."""

from imports.sampling.vocabulary.shapes import Passage

CHANGE = Passage(
    headings=("What we changed", "The change", "The fix", "Doing it with {tool}", "Step by step"),
    leads=(
        "The change itself is small: {remedy}.",
        "We settled on {remedy}. The runner-up, {remedy2}, was kept for later.",
        "To {goal}, we began with {remedy}.",
        "Two changes were needed, and the order mattered: first {remedy}, then {remedy2}.",
        "{Person} suggested {remedy}, which nobody liked and nobody could fault.",
        "In {tool} this comes down to {setting} and {nn} lines of code.",
    ),
    supports=(
        "The value of {setting} was found by trying: {digit}, then {mm}, then the one in between.",
        "It took {n} days, of which one was typing.",
        "Everything is behind a switch, so that it can be undone without a deployment.",
        "The new path runs beside the old one and only its answers are compared.",
        "We changed one thing at a time and waited a day after each.",
        "{setting2} needed a look as well, since its default assumes that {setting} was never touched.",
        "Tests included, it is shorter than the discussion that led to it.",
        "A second pair of eyes, {person2} this time, found the case that we had forgotten.",
        "What made it safe was that a second run changes nothing.",
        "The configuration lives in the repository, next to the reason for each value.",
        "Nothing in it depends on {stack}; the same would work elsewhere.",
        "Half of the work was deleting what the old way had needed.",
    ),
)

ROLLOUT = Passage(
    headings=("Rolling it out", "Getting there safely", "The rollout", "From staging to production"),
    leads=(
        "We began with {host}, alone, on a {weekday} morning.",
        "The rollout took {weeks} weeks, most of them spent on waiting and looking.",
        "One percent of the traffic came first, then ten, and after a weekend all of it.",
        "Before the first machine we wrote down what would make us stop: {metric} above {before}.",
        "Staging told us little, so the first real test was one instance out of {mm}.",
    ),
    supports=(
        "Nobody had to stay up late for it, which was a goal of its own.",
        "The way back was tried on the first day, while nothing was wrong.",
        "After {n} hours {metric} was at {after} on that machine and unchanged on all others.",
        "We found one surprise: {tool} {version} reads {setting} only at its start.",
        "{Person} kept a log of what was changed and when, and it was worth more than the graphs.",
        "Each step was followed by a pause that was longer than the longest job.",
        "The on-call engineer had one page with three commands, and used none of them.",
        "On the second day we stopped for {mm} minutes because of an alert that had nothing to do with it.",
        "Old and new ran side by side for {weeks} weeks, and disagreed on {n} records.",
        "It went to the smallest region first, where {percent} percent of all readers are.",
    ),
)

RESULTS = Passage(
    headings=("What it brought", "Results", "The numbers", "Before and after", "{weeks} weeks later"),
    leads=(
        "{Metric} fell from {before} to {after} and has stayed there.",
        "After {weeks} weeks the picture is clear enough to write down.",
        "The effect could be seen within an hour: {metric}, {before} until then, was {after} from then on.",
        "Not everything got better, but {metric} did, by {percent} percent.",
        "Numbers first, since they are short.",
    ),
    supports=(
        "The peak on {weekday} mornings is still there, only that nobody feels it.",
        "Support had {m} complaints in the following month instead of {mm}.",
        "We measured at the client as well, because that is where people wait.",
        "As a side effect {host} could be switched off.",
        "The cost is {percent} percent more memory on each machine.",
        "One week of the comparison was left out, since a holiday fell into it.",
        "Medians hardly moved; it was the slow tail that got shorter.",
        "The same test with {tool2} came within a tenth of it.",
        "{Person2} repeated the measurement on other hardware and found the same ratio.",
        "There has been no page about it since {month}.",
        "Half of the gain came from {remedy2}, which we had nearly left out.",
    ),
)

TRADEOFFS = Passage(
    headings=("What it costs", "Trade-offs", "The price", "When not to do this", "Limits"),
    leads=(
        "Nothing of this is free.",
        "The price of {remedy} is one more thing that has to be understood at night.",
        "There are systems for which this is the wrong answer.",
        "We gave something up for {after}: simplicity, and a little memory.",
        "Below {nnn} requests a second, leave it alone.",
    ),
    supports=(
        "If {metric} is not your problem, {subject} is not your solution.",
        "It adds a moving part, and moving parts have release notes.",
        "With {tool2} the balance would be different, because it does this on its own.",
        "A new colleague needs about {m} days to feel at home in it.",
        "It also hides a symptom that used to warn us early.",
        "{setting} now has to grow with the traffic, and somebody has to remember.",
        "A system with one writer and few readers gains nothing from it.",
        "Where data may never be a second old, this is out of the question.",
        "The code got {nn} lines longer, and {n} of them need a comment.",
        "For {place} that is a fair price; for a bank it might not be.",
    ),
)

ALTERNATIVES = Passage(
    headings=("What we did not do", "Other ways", "{tool} and {tool2}", "Alternatives", "Roads not taken"),
    leads=(
        "{tool2} was the obvious alternative to {tool}, and it came close.",
        "We looked at {m} other ways, and two of them were good.",
        "Buying bigger machines would have helped until about {month}.",
        "The choice between {tool} and {tool2} is less about speed than about who is awake when it fails.",
        "On paper {tool2} does everything that {tool} does, and {metric} is where they differ.",
    ),
    supports=(
        "{tool2} was {percent} percent faster in the benchmark and slower with our data.",
        "Its operators are happy, and there are {n} of them; we have one, on Tuesdays.",
        "A rewrite was proposed, estimated and put back into its drawer.",
        "Doing nothing was on the list as well, with its price beside it.",
        "{Remedy2} would have been cheaper, and it would have lasted until the next campaign.",
        "With {tool} we knew the failures by name.",
        "Licenses played a part, though a smaller one than in the meetings.",
        "The managed version costs {mmm} euros a month and leaves out {setting}.",
        "Whoever starts today, with {stack} and without a history, might well decide otherwise.",
        "We kept notes on each of them, with a date, because such answers age.",
    ),
)

OPERATIONS = Passage(
    headings=("Living with it", "A checklist", "Running it", "What to watch", "For the people on call"),
    leads=(
        "What is left is routine, and routine is best kept on a list.",
        "The runbook for {subject} has one page now.",
        "Three alerts were deleted and one was added: {metric} above {before} for {nn} minutes.",
        "If you are on call at {site} and {symptom}, begin here.",
        "We look at {subject} once a month, on the first {weekday}.",
    ),
    supports=(
        "Each line has been used at least once in anger.",
        "The list is short on purpose; the long one was never read.",
        "Whoever changes {setting} writes the reason next to it.",
        "{Person} owns the page, and owning means deleting what is no longer true.",
        "The alert links to this section and to nothing else.",
        "A graph of {metric} by host is the first thing to open.",
        "Once a quarter somebody who has never done it follows the list alone.",
        "If a step surprises you, change the step.",
    ),
)

PITFALLS = Passage(
    headings=("Mistakes worth avoiding", "Pitfalls", "What we got wrong", "Traps", "Common mistakes"),
    leads=(
        "The most common mistake is to start with {setting}.",
        "We made {m} mistakes on the way, and two of them were avoidable.",
        "It is tempting to copy the values of somebody else's {tool}.",
        "Looking back, we measured too late and changed too much at once.",
        "A trap of its own is success on staging.",
    ),
    supports=(
        "A value that is right for {place} is wrong for you, and so is this one.",
        "We raised {setting} twice before asking what it limits.",
        "The wrong conclusion was on a slide for {weeks} weeks: that {cause2}.",
        "An upgrade to {tool} {version} silently set {setting2} back to its default.",
        "Measuring on {host} alone hid half of it, as {host} is the newest machine.",
        "We trusted the average, and it was fine throughout.",
        "The fix was announced before it had seen a {weekday}.",
        "Nobody had told the team that owns the nightly job.",
        "It had all been written down in {ticket}, which was closed without a comment.",
        "A retry that somebody added with the best of intentions doubled the load.",
    ),
)

CLOSING = Passage(
    headings=("In short", "What comes next", "Conclusion", "What we would do again", "Next steps"),
    leads=(
        "If there is one thing to take away, it is to look at {metric} before anything else.",
        "We would do it again, earlier and with less talking.",
        "{Subject} at {site} is boring now, and that was the goal.",
        "What remains is {remedy2}, planned for {month}.",
        "The code is small, the reasons are long; this text tried to keep the reasons.",
    ),
    supports=(
        "Corrections are welcome; {n} readers have sent some already, and they are worked in.",
        "In a year we will look at the numbers again and say here what became of them.",
        "The next bottleneck has already introduced itself: {tool2}.",
        "Thanks to {person} and {person2}, who read drafts and asked for units.",
        "A smaller team could do the same in {weeks} weeks.",
        "The dashboards have been cleaned up too, which nobody will miss until the next incident.",
        "All of it is as true for {tool2} as it is for {tool}.",
        "Until then {metric} stays on the wall, in large digits.",
    ),
)
