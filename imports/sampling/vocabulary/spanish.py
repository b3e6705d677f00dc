from imports.sampling.vocabulary.shapes import Genre, Passage, Section, Tongue

_INTRODUCCION = Passage(
    headings=(),
    leads=(
        "Quien opera {tool} se encuentra tarde o temprano con este tema: {subject}.",
        "Este texto se escribió en {town}, después de {weeks} semanas con {tool}.",
        "Todo funcionaba hasta el día en que hizo falta. El tema: {subject}.",
    ),
    supports=(
        "En resumen: medir, cambiar una sola cosa y volver a medir.",
        "Las cifras proceden de {host} y de sus {n} vecinos.",
        "Nada de esto es nuevo, pero no estaba reunido en ningún sitio.",
        "{Person} recogió las preguntas y {person2} revisó las respuestas.",
        "Donde nos equivocamos, el error sigue en el texto.",
    ),
)

_SITUACION = Passage(
    headings=("Punto de partida", "La situación", "Antes del cambio"),
    leads=(
        "El sistema funciona sobre {stack} y es más antiguo que el equipo.",
        "Hacia las nueve llegan {mmm} peticiones por segundo, y a mediodía el doble.",
        "Hasta {year} nadie le había dedicado más de una tarde.",
    ),
    supports=(
        "Los valores por defecto de {tool} habían bastado durante años.",
        "El entorno de pruebas tiene {n} máquinas y una décima parte de los datos.",
        "Había una gráfica, pero nadie la abría.",
        "El crecimiento era de un {percent} % al año, tan lento que pasaba inadvertido.",
        "El cambio a {tool2} se había aplazado ya {m} veces.",
        "La documentación contaba la intención; la máquina ejecutaba las excepciones.",
    ),
)

_CAUSA = Passage(
    headings=("La causa", "Lo que había detrás", "La búsqueda"),
    leads=(
        "Primero buscamos en {n} lugares equivocados.",
        "La pista la dio {setting}, cuyo valor venía de una época más pequeña.",
        "Una medición en una sola máquina lo aclaró todo.",
    ),
    supports=(
        "La media estuvo bien durante todo ese tiempo.",
        "La página del manual que lo explica nos la habíamos saltado todos.",
        "A los {mm} minutos la sospecha estaba confirmada.",
        "Un reintento bienintencionado duplicaba la carga.",
        "En {ticket} ya constaba, aunque sin conclusión.",
        "Si se deshace el cambio, vuelve el fallo.",
    ),
)

_CAMBIO = Passage(
    headings=("El cambio", "Lo que hicimos", "Paso a paso"),
    leads=(
        "El cambio es pequeño y ocupa {nn} líneas.",
        "Cambiamos una cosa cada vez y esperamos un día después de cada una.",
        "{Person} propuso la solución más sencilla, y fue suficiente.",
    ),
    supports=(
        "Todo puede deshacerse con un interruptor.",
        "El camino viejo y el nuevo convivieron {weeks} semanas.",
        "La configuración está en el repositorio, con el motivo de cada valor.",
        "Empezamos por {host}, sin prisa y por la mañana.",
        "La mitad del trabajo consistió en borrar lo que sobraba.",
        "Una segunda ejecución no cambia nada, y así debe ser.",
    ),
)

_RESULTADO = Passage(
    headings=("Resultado", "Lo que trajo", "Conclusión"),
    leads=(
        "La espera bajó un {percent} % y no ha vuelto a subir.",
        "Pasadas {weeks} semanas se puede hacer balance.",
        "Al mes siguiente hubo {m} quejas en lugar de {mm}.",
    ),
    supports=(
        "Lo haríamos otra vez, pero antes.",
        "No sale gratis: hay una pieza más que entender de noche.",
        "En una instalación pequeña el esfuerzo no compensa.",
        "Gracias a {person} y a {person2} por leer el borrador.",
        "Dentro de un año volveremos a medir.",
        "Con {tool2} el resultado habría sido parecido.",
    ),
)

SPANISH = Tongue(
    code="es",
    genre=Genre(
        name="relato",
        titles=(
            "{Subject} con {tool}: la experiencia de {town}",
            "{Subject} en la práctica: {weeks} semanas con {tool}",
            "¿{tool} o {tool2}? Apuntes de {town} sobre {subject}",
            "{Subject} en {stack}: lo que aprendimos en {year}",
        ),
        summaries=(
            "Una experiencia desde {town}: {subject} con {tool}, con cifras de antes y después.",
            "{weeks} semanas con {tool} en {stack}: qué ayudó, qué no y qué repetiríamos.",
        ),
        tags=("experiencia", "español"),
        difficulties=("beginner", "intermediate"),
        opening=_INTRODUCCION,
        lists=(
            (
                "Medir antes y apuntar la cifra.",
                "Anotar el valor antiguo de {setting}.",
                "Ensayar la vuelta atrás mientras todo va bien.",
                "Mirar otra vez al cabo de una semana.",
            ),
        ),
        plans=(
            (
                Section(_SITUACION),
                Section(_CAUSA),
                Section(_CAMBIO, "code"),
                Section(_RESULTADO, "list"),
            ),
            (Section(_SITUACION), Section(_CAMBIO, "code"), Section(_RESULTADO)),
        ),
    ),
    subjects={
        "Databases": "agrupación de conexiones",
        "Caching": "invalidación de caché",
        "Deployment": "despliegue sin cortes",
        "Observability": "fatiga de alertas",
        "Queues": "idempotencia",
        "Frontend": "peso de las páginas",
        "Data": "carga masiva",
        "Security": "rotación de secretos",
        "Search": "búsqueda de texto completo",
        "Networking": "presupuesto de tiempo",
        "Testing": "fiabilidad de las pruebas",
        "Accessibility": "navegación con teclado",
    },
)
