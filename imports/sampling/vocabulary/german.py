from imports.sampling.vocabulary.shapes import Genre, Passage, Section, Tongue

_EINLEITUNG = Passage(
    headings=(),
    leads=(
        "Wer {tool} betreibt, begegnet früher oder später diesem Thema: {subject}.",
        "Dieser Text entstand in {town}, nach {weeks} Wochen mit {tool} und wenig Schlaf.",
        "{Subject} funktioniert, bis man es braucht.",
    ),
    supports=(
        "Die Kurzfassung: messen, eine Sache ändern, wieder messen.",
        "Alle Zahlen stammen von {host} und seinen {n} Nachbarn.",
        "Nichts davon ist neu, aber es stand bisher nirgends beisammen.",
        "{Person} hat die Fragen gesammelt, {person2} die Antworten geprüft.",
        "Wo wir uns geirrt haben, steht der Irrtum noch im Text.",
    ),
)

_LAGE = Passage(
    headings=("Ausgangslage", "Wo wir standen", "Der Rahmen"),
    leads=(
        "Das System läuft auf {stack} und ist älter als die meisten im Team.",
        "Gegen neun Uhr morgens kommen {mmm} Anfragen in der Sekunde, mittags doppelt so viele.",
        "Bis {year} hatte sich niemand länger als einen Nachmittag damit befasst.",
    ),
    supports=(
        "Die Voreinstellungen von {tool} hatten jahrelang genügt.",
        "Die Testumgebung hat {n} Rechner und ein Zehntel der Daten.",
        "Es gab ein Diagramm dazu, nur öffnete es niemand.",
        "Das Wachstum lag bei {percent} Prozent im Jahr, langsam genug, um es zu übersehen.",
        "Dokumentiert war die Absicht; gelaufen ist die Summe der Ausnahmen.",
        "Ein Umstieg auf {tool2} war schon {m} Mal verschoben worden.",
    ),
)

_URSACHE = Passage(
    headings=("Die Ursache", "Was dahintersteckte", "Auf der Suche"),
    leads=(
        "Zuerst suchten wir an {n} falschen Stellen.",
        "Den Hinweis gab {setting}: der Wert stammte aus einer viel kleineren Zeit.",
        "Eine Messung auf einer einzelnen Maschine brachte Klarheit.",
    ),
    supports=(
        "Der Mittelwert war die ganze Zeit in Ordnung.",
        "Die Handbuchseite dazu hatten wir alle überblättert.",
        "Nach {mm} Minuten war die Vermutung bestätigt.",
        "Ein Wiederholversuch, gut gemeint, hatte die Last verdoppelt.",
        "In {ticket} stand es übrigens schon, nur ohne Schlussfolgerung.",
        "Nimmt man die Änderung zurück, kehrt der Fehler zurück.",
    ),
)

_LOESUNG = Passage(
    headings=("Die Änderung", "Was wir getan haben", "Schritt für Schritt"),
    leads=(
        "Die Änderung selbst ist klein und braucht {nn} Zeilen.",
        "Wir änderten eine Sache nach der anderen und warteten jeweils einen Tag.",
        "{Person} schlug die einfachste Lösung vor, und sie genügte.",
    ),
    supports=(
        "Alles lässt sich mit einem Schalter zurücknehmen.",
        "Der alte und der neue Weg liefen {weeks} Wochen nebeneinander.",
        "Die Konfiguration liegt im Repository, mit der Begründung daneben.",
        "Begonnen haben wir mit {host}, allein und am Vormittag.",
        "Die Hälfte der Arbeit bestand darin, Überflüssiges zu löschen.",
        "Ein zweiter Lauf ändert nichts, und das ist Absicht.",
    ),
)

_ERGEBNIS = Passage(
    headings=("Ergebnis", "Was es gebracht hat", "Fazit"),
    leads=(
        "Die Wartezeit sank um {percent} Prozent und ist seither unten geblieben.",
        "Nach {weeks} Wochen lässt sich eine Bilanz ziehen.",
        "Beschwerden gab es danach noch {m} statt {mm}.",
    ),
    supports=(
        "Wir würden es wieder so machen, nur früher.",
        "Ganz umsonst ist es nicht: ein Teil mehr muss nachts verstanden werden.",
        "Für kleine Anlagen lohnt sich der Aufwand nicht.",
        "Dank an {person} und {person2} für die Durchsicht.",
        "In einem Jahr messen wir noch einmal nach.",
        "Mit {tool2} wäre das Ergebnis ähnlich ausgefallen.",
    ),
)

GERMAN = Tongue(
    code="de",
    genre=Genre(
        name="bericht",
        titles=(
            "{Subject} mit {tool}: Erfahrungen aus {town}",
            "{Subject} in der Praxis: {weeks} Wochen mit {tool}",
            "Was wir über {subject} gelernt haben, Notizen aus {town}, {year}",
            "{tool} oder {tool2}? {Subject} auf {stack}",
            "{Subject}: ein Rückblick auf {year} in {town}",
        ),
        summaries=(
            "Ein Erfahrungsbericht aus {town}: {subject} mit {tool}, mit Zahlen vorher und nachher.",
            "{weeks} Wochen mit {tool} auf {stack}: was half, was nicht, und was wir wieder täten.",
        ),
        tags=("erfahrungsbericht", "deutsch"),
        difficulties=("beginner", "intermediate"),
        opening=_EINLEITUNG,
        lists=(
            (
                "Vorher messen und die Zahl aufschreiben.",
                "Den alten Wert von {setting} notieren.",
                "Den Rückweg üben, solange nichts brennt.",
                "Nach einer Woche noch einmal hinsehen.",
            ),
        ),
        plans=(
            (
                Section(_LAGE),
                Section(_URSACHE),
                Section(_LOESUNG, "code"),
                Section(_ERGEBNIS, "list"),
            ),
            (Section(_LAGE), Section(_LOESUNG, "code"), Section(_ERGEBNIS)),
        ),
    ),
    subjects={
        "Databases": "Verbindungspooling",
        "Caching": "Cache-Invalidierung",
        "Deployment": "unterbrechungsfreie Auslieferung",
        "Observability": "Alarmmüdigkeit",
        "Queues": "Idempotenz",
        "Frontend": "Paketgröße",
        "Data": "Massenimport",
        "Security": "Schlüsselwechsel",
        "Search": "Volltextsuche",
        "Networking": "Zeitlimit-Planung",
        "Testing": "Testverlässlichkeit",
        "Accessibility": "Tastaturbedienung",
    },
)
