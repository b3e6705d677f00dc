from imports.sampling.vocabulary.shapes import Genre, Passage, Section, Tongue

_INTRODUCTION = Passage(
    headings=(),
    leads=(
        "Quiconque exploite {tool} rencontre un jour ce sujet : {subject}.",
        "Ce texte a été écrit à {town}, après {weeks} semaines passées avec {tool}.",
        "Tout fonctionnait, jusqu'au jour où nous en avons eu besoin. Le sujet : {subject}.",
    ),
    supports=(
        "En bref : mesurer, changer une seule chose, mesurer encore.",
        "Les chiffres viennent de {host} et de ses {n} voisins.",
        "Rien de tout cela n'est nouveau, mais rien n'était réuni au même endroit.",
        "{Person} a rassemblé les questions et {person2} a vérifié les réponses.",
        "Nos erreurs sont restées dans le texte, car on nous interroge surtout à leur sujet.",
    ),
)

_CONTEXTE = Passage(
    headings=("Le contexte", "Point de départ", "Avant le changement"),
    leads=(
        "Le système repose sur {stack} et il est plus ancien que l'équipe.",
        "Vers neuf heures arrivent {mmm} requêtes par seconde, et le double à midi.",
        "Jusqu'en {year}, personne n'y avait consacré plus d'un après-midi.",
    ),
    supports=(
        "Les réglages par défaut de {tool} avaient suffi pendant des années.",
        "L'environnement de test compte {n} machines et un dixième des données.",
        "Un graphique existait, mais personne ne l'ouvrait.",
        "La croissance était de {percent} % par an, assez lente pour passer inaperçue.",
        "Le passage à {tool2} avait déjà été reporté {m} fois.",
        "La documentation décrivait l'intention ; la machine exécutait les exceptions.",
    ),
)

_CAUSE = Passage(
    headings=("La cause", "Ce que nous avons trouvé", "L'enquête"),
    leads=(
        "Nous avons d'abord cherché à {n} mauvais endroits.",
        "L'indice venait de {setting}, dont la valeur datait d'une époque plus petite.",
        "Une mesure sur une seule machine a tranché la question.",
    ),
    supports=(
        "La moyenne, elle, est restée excellente du début à la fin.",
        "La page du manuel qui en parle avait été sautée par tout le monde.",
        "Au bout de {mm} minutes, l'hypothèse était confirmée.",
        "Une relance automatique, pleine de bonnes intentions, doublait la charge.",
        "Le ticket {ticket} le disait déjà, sans en tirer de conclusion.",
        "Si l'on annule la modification, la panne revient.",
    ),
)

_CHANGEMENT = Passage(
    headings=("Le changement", "Ce que nous avons fait", "Pas à pas"),
    leads=(
        "Le changement est petit : {nn} lignes, commentaires compris.",
        "Nous avons changé une chose à la fois, en attendant un jour après chacune.",
        "{Person} a proposé la solution la plus simple, et elle a suffi.",
    ),
    supports=(
        "Un interrupteur permet de tout annuler sans nouvelle livraison.",
        "L'ancien et le nouveau chemin ont fonctionné côte à côte pendant {weeks} semaines.",
        "La configuration est dans le dépôt, avec la raison de chaque valeur.",
        "Nous avons commencé par {host}, seul, un matin tranquille.",
        "La moitié du travail a consisté à supprimer l'inutile.",
        "Une seconde exécution ne change rien, et c'est voulu.",
    ),
)

_BILAN = Passage(
    headings=("Bilan", "Résultats", "Pour conclure"),
    leads=(
        "L'attente a baissé de {percent} % et n'est pas remontée depuis.",
        "Après {weeks} semaines, on peut dresser un premier bilan.",
        "Il y a eu {m} réclamations au lieu de {mm} le mois suivant.",
    ),
    supports=(
        "Nous le referions, mais plus tôt.",
        "Ce n'est pas gratuit : une pièce de plus doit être comprise la nuit.",
        "Pour une petite installation, l'effort n'en vaut pas la peine.",
        "Merci à {person} et à {person2} pour leur relecture.",
        "Dans un an, nous mesurerons de nouveau.",
        "Avec {tool2}, le résultat aurait été semblable.",
    ),
)

FRENCH = Tongue(
    code="fr",
    genre=Genre(
        name="récit",
        titles=(
            "{Subject} avec {tool} : retour d'expérience à {town}",
            "{Subject} en pratique : {weeks} semaines avec {tool}",
            "{tool} ou {tool2} ? {Subject} sur {stack}",
            "{Subject} : ce que {year} nous a appris à {town}",
        ),
        summaries=(
            "Un retour d'expérience à {town} : {subject} avec {tool}, chiffres à l'appui.",
            "{weeks} semaines avec {tool} sur {stack} : ce qui a aidé, et ce que nous referions.",
        ),
        tags=("retour-d-expérience", "français"),
        difficulties=("beginner", "intermediate"),
        opening=_INTRODUCTION,
        lists=(
            (
                "Mesurer avant, et noter le chiffre.",
                "Noter l'ancienne valeur de {setting}.",
                "Répéter le retour en arrière pendant que tout va bien.",
                "Regarder de nouveau au bout d'une semaine.",
            ),
        ),
        plans=(
            (
                Section(_CONTEXTE),
                Section(_CAUSE),
                Section(_CHANGEMENT, "code"),
                Section(_BILAN, "list"),
            ),
            (Section(_CONTEXTE), Section(_CHANGEMENT, "code"), Section(_BILAN)),
        ),
    ),
    subjects={
        "Databases": "mutualisation des connexions",
        "Caching": "invalidation du cache",
        "Deployment": "livraison sans interruption",
        "Observability": "lassitude face aux alertes",
        "Queues": "idempotence",
        "Frontend": "poids des pages",
        "Data": "import en masse",
        "Security": "rotation des secrets",
        "Search": "recherche plein texte",
        "Networking": "budget de temps",
        "Testing": "fiabilité des tests",
        "Accessibility": "navigation au clavier",
    },
)
