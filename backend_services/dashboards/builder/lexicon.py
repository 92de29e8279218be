"""The words of questions in English and Slovenian, without diacritics: data only."""

from __future__ import annotations

from typing import Final

from backend_services.dashboards.builder.normalise import words_of
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Aggregation, Grain, Operator

A, G = Aggregation, Grain

AGGREGATIONS: Final[dict[Aggregation, str]] = {
    A.SUM: "total|sum|sum of|summed|overall|skupaj|skupen|skupna|skupno|skupni|skupne|vsota|vsoto|sestevek|v celoti",
    A.AVG: "povp|"
    "average|avg|mean|averaged|typical|on average|povprecno|povprecje|povprecen|povprecna|povprecni|povprecne|"
    "v povprecju|srednja vrednost",
    A.MEDIAN: "median|mediana|mediano|medianski|medianska|srednja vrednost po velikosti",
    A.MIN: "minimum|min|minimal|minimalen|minimalna|minimalno|najmanjsa vrednost",
    A.MAX: "maximum|max|maximal|peak|record high|all time high|rekordna|rekordno|rekorden|"
    "maksimum|maksimalen|maksimalna|maksimalno|najvecja vrednost",
    A.COUNT: "st|number of|how often|how many times|kolikokrat|kako pogosto|kolk|kolko|kok|count of|"
    "count|how many|amount of|no of|nr of|stevilo|koliko|kolicina zapisov|prestej",
    A.COUNT_DISTINCT: "unique|distinct|different|number of unique|number of distinct|number of different|"
    "how many unique|"
    "how many different|how many distinct|unikaten|unikatna|unikatnih|razlicen|razlicnih|razlicne|razlicni|"
    "stevilo razlicnih|koliko razlicnih|stevilo unikatnih|count of unique|count distinct|unique number of",
}

GRAINS: Final[dict[Grain, str]] = {
    G.HOUR: "hourly|by hour|per hour|by the hour|each hour|every hour|urno|po urah|na uro|vsako uro|po uri",
    G.DAY: "daily|by day|per day|each day|every day|day by day|dnevno|po dnevih|na dan|vsak dan|dnevni|dnevna|dnevne|"
    "dneven|po dnevu",
    G.WEEK: "weekly|by week|per week|each week|every week|week by week|tedensko|po tednih|na teden|"
    "vsak teden|tedenski|"
    "tedenska|tedenske|po tednu",
    G.MONTH: "monthly|by month|per month|each month|every month|month by month|mesecno|po mesecih|"
    "na mesec|vsak mesec|"
    "mesecni|mesecna|mesecne|mesecnih|mesecen|po mesecu",
    G.QUARTER: "quarterly|by quarter|per quarter|each quarter|every quarter|cetrtletno|po cetrtletjih|na cetrtletje|"
    "vsako cetrtletje|kvartalno|po kvartalih|cetrtletni|cetrtletna|po cetrtletju",
    G.YEAR: "yearly|annual|annually|by year|per year|each year|every year|year by year|letno|po letih|"
    "na leto|vsako leto|vsak leto|"
    "letni|letna|letne|leten|po letu",
}

TREND: Final = (
    "over time|trend|trends|trend of|development of|evolution of|evolve|timeline|time series|through time|history of|"
    "sprememba|spremembe|spremembo|"
    "has developed|have developed|developed|develop|develops|evolved|"
    "change|changed|changing|spremenil|spremenila|spremenilo|spremenili|spreminjal|spreminjala|spreminjalo|spreminjali|"
    "skozi cas|skozi leta|po casu|over the years|through the years|gibala|gibal|gibalo|gibali|gibale|"
    "gibljejo|casovno|gibanje|gibanja|razvoj|casovna vrsta|casovni potek|potek|trendi|changed over"
)

CHARTS: Final[dict[ChartKind, str]] = {
    ChartKind.AREA: "area chart|area|area graph|ploscinski grafikon|ploscinski|ploscinskim",
    ChartKind.BAR: "bar chart|bars|bar graph|column chart|bar|bar plot|stolpcni|stolpcni grafikon|stolpci|stolpcnim|"
    "stolpicni|stolpcni diagram|palicni",
    ChartKind.HEATMAP: "heat map|heatmap|toplotni diagram|toplotnim diagramom|toplotna karta|toplotni zemljevid|"
    "toplotna mapa",
    ChartKind.HISTOGRAM: "histogram|histogram of|histogrami|frequency distribution",
    ChartKind.LINE: "line chart|line graph|line|lines|line plot|crtni|crtni grafikon|crtnim|crta|linijski|"
    "crtni diagram",
    ChartKind.MAP: "map|on a map|on the map|world map|zemljevid|zemljevidu|zemljevida|na zemljevidu|na karti",
    ChartKind.NUMBER: "single number|as a number|kpi|one number|big number|kot stevilka|ena stevilka|kot stevilko",
    ChartKind.PIE: "pie chart|pie|pie graph|donut|doughnut|donut chart|tortni|tortni grafikon|tortnim|torta|krozni|"
    "krozni grafikon|kolac|tortni diagram|kot torta|kot torto",
    ChartKind.PIVOT: "pivot|pivot table|crosstab|cross tab|vrtilna tabela|vrtilno tabelo|vrtilni tabeli|krizna tabela",
    ChartKind.SCATTER: "scatter|scatter plot|scatter chart|scatterplot|razsevni|razsevni grafikon|raztrosni|"
    "raztrosni grafikon|raztros|razsevni diagram",
    ChartKind.TABLE: "table|as a table|tabela|tabelo|tabeli|kot tabela|v tabeli|preglednica|kot tabelo|as table",
}
SPREAD: Final = words_of("distribution porazdelitev")
"""A share where there is something to part by; of a number alone, how its values are spread."""
CHART_FILLER: Final = words_of("chart graph plot diagram grafikon graf visual visualisation visualization")

BY: Final = (
    "by|per|for each|for every|across|grouped by|group by|split by|broken down by|breakdown by|break down by|"
    "in each|of each|each|every|along|po|glede na|za vsak|za vsako|za vsakega|v vsaki|v vsakem|razdeljeno po|"
    "razclenjeno po|loceno po|na|vsak|vsako|vsake|by each|by the|according to|segmented by|razvrsceno po|grupirano po"
)
NEGATION: Final = (
    "not|except|except for|excluding|exclude|without|other than|but not|apart from|outside|"
    "outside of|not in|not from|"
    "is not|isnt|aren t|non|razen|brez|ne|ki niso|ki ni|izven|ne iz|izvzemsi|ni|niso|zunaj|z izjemo|izkljuci|!="
)
TOP: Final = (
    "top|best|highest|largest|biggest|longest|most|greatest|leading|strongest|most popular|main|the most|with the most|"
    "with the highest|with the largest|with the biggest|with most|"
    "najboljsi|najboljsih|najboljsa|najboljse|najvecji|najvecjih|najvecja|najvecje|najvisji|"
    "najvisja|najvisje|najvisjih|"
    "najvec|vodilni|vodilnih|vodilne|prvih|najmocnejsih|najpogostejsi|najpogostejsih|"
    "najpogostejse|z najvec|z najvecjim|"
    "z najvecjo|z najvisjim|z najvisjo|z najvisjimi|z najvecjimi|najbolj|sold most"
)
BOTTOM: Final = (
    "bottom|worst|lowest|least|smallest|shortest|fewest|weakest|with the least|with the fewest|"
    "with the lowest|with the smallest|"
    "with fewest|najslabsi|najslabsih|najslabsa|najslabse|najmanjsi|najmanjsih|najmanjsa|najmanjse|najnizji|najnizja|"
    "najnizje|najnizjih|najmanj|z najmanj|z najmanjsim|z najmanjso|z najnizjim|z najnizjo|"
    "zadnjih po|"
    "worst performing|lowest performing|z najmanjsimi|z najnizjimi"
)
COMPARISONS: Final[dict[Operator, str]] = {
    Operator.GT: "more than|over|above|greater than|higher than|exceeding|larger than|bigger than|exceeds|>|"
    "vec kot|nad|"
    "vecji od|vecja od|vecje od|visji od|visja od|visje od|preko|presega|presegajo|vec od|vecji kot|longer than|"
    "older than|daljsi od|vecjo od|visjo od|vecjim od|visjim od|starejsi od|starejsih od|starejse od|"
    "vecjih od|visjih od|daljsih od|daljse od|drazji od|drazjih od|drazje od",
    Operator.GTE: "at least|>=|no less than|minimum of|\u2265|vsaj|najmanj vsaj|ne manj kot|or more",
    Operator.LT: "less than|under|below|fewer than|lower than|smaller than|<|manj kot|pod|manjsi od|"
    "manjsa od|manjse od|"
    "nizji od|nizja od|nizje od|manj od|manjsi kot|shorter than|younger than|krajsi od|manjso od|"
    "nizjo od|nizjim od|mlajsi od|mlajsih od|mlajse od|manjsih od|nizjih od|krajsih od|krajse od|"
    "cenejsi od|cenejsih od|cenejse od",
    Operator.LTE: "at most|<=|no more than|up to|\u2264|kvecjemu|ne vec kot|najvec do",
    Operator.EQ: "equal to|equals|exactly|=|enako|natanko|enak",
}
BETWEEN: Final = "between|from|med|od"
WHICH: Final = (
    "which|what|who|kateri|katera|katero|katere|katerih|kdo|kje|where|v katerem|v kateri|v katerih|kaj|katerem|"
    "in which|in what"
)
CLOSING: Final = (
    "at the end of|at the end|at end of|as of the end of|end of|by the end of|ob koncu|na koncu|konec|konca|"
    "last value of|closing value of|zadnja vrednost"
)
LISTING: Final = (
    "list|list all|show all|rows|records|raw data|individual|entries|seznam|izpisi|nastej|vrstice|zapise|zapisi|"
    "posamezne|posamezni|details of|podrobnosti|raw rows|vse vrstice|all rows|surove podatke|list of"
)
OVERVIEW: Final = (
    "overview|overview of|dashboard|dashboard for|dashboard of|dashboard about|summary|summary of|report on|insights|"
    "pregled|pregleda|povzetek|nadzorna plosca|nadzorno plosco|porocilo|at a glance|kpis|splosni pregled|summarize|"
    "summarise|a report of"
)
SHARE: Final = (
    "share of|share|shares|percentage of|percentage|percent of|percent|proportion of|"
    "proportion|%|split of|distribution|"
    "distribution of|breakdown of|composition|delez|deleza|delezi|odstotek|odstotki|odstotkov|porazdelitev|struktura|"
    "strukturo|procent|sestava|razdelitev"
)
RATE: Final = "rate|rate of|rates|stopnja|stopnje|stopnjo"
RATIO: Final = "ratio of|ratio|divided by|razmerje|razmerje med|deljeno z|kolicnik"
LATER: Final[dict[str, str]] = {
    "growth": "growth|growing|grew|grow|grown|growth rate|increase in|increased|rose|rast|rasti|rastjo|porast|"
    "narascanje|stopnja rasti|decline|declined|decreased|fell|dropped|shrank|upad|zrasel|zrasla|zraslo|zrasli|narasel|"
    "narasla|"
    "naraslo|narasli|povecal|povecala|povecalo|povecali|zmanjsal|zmanjsala|zmanjsalo|zmanjsali|upadel|upadla|upadlo|"
    "upadli|padel|padla|padlo|padli|padec|rise|rises|risen|drop|drops|decrease|increase|lost|gained|fall|"
    "from year to year|from month to month|from quarter to quarter|iz leta v leto|iz meseca v mesec|"
    "year to year|month to month|quarter to quarter",
    "running_total": "running total|cumulative|cumulated|running sum|kumulativno|kumulativa|kumulativen|kumulativni|"
    "tekoca vsota|kumulativna",
    "comparison": "compared to|compared with|versus last|vs last|compared|year over year|yoy|month over month|mom|"
    "primerjava s|v primerjavi|primerjaj z|glede na lani|medletno|vs previous|versus previous|v primerjavi z|"
    "v primerjavi s",
    "forecast": "forecast|predict|prediction|projected|forecasts|napoved|napovej|napovedi|napovedjo|"
    "projection|predicted",
    "correlation": "correlation|correlate|correlated|korelacija|korelacije|povezanost|regression",
    "moving_average": "moving average|rolling average|rolling|drseca sredina|drsece povprecje",
}
FALLEN: Final = words_of(
    "decline declined decrease decreased fell fall dropped drop drops lost shrank"
    " padel padla padlo padli padec upad zmanjsal zmanjsala zmanjsalo zmanjsali upadel upadla upadlo"
    " upadli"
)
COMMON: Final = ("common", "frequent", "popular", "najpogost", "pogost")
"""Beginnings of words that count how often a thing is there: "the most common", "najpogostejši"."""
NUMBERS: Final[dict[str, int]] = {
    **{
        word: count
        for count, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
    },
    **{
        word: count
        for count, word in enumerate(
            ["ena", "dva", "tri", "stiri", "pet", "sest", "sedem", "osem", "devet", "deset"], 1
        )
    },
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "fifty": 50,
    "hundred": 100,
    "dve": 2,
    "trije": 3,
    "petnajst": 15,
    "dvajset": 20,
    "sto": 100,
    "en": 1,
    "eno": 1,
    "dvanajst": 12,
    "petdeset": 50,
    "treh": 3,
    "dveh": 2,
    "stirih": 4,
    "petih": 5,
    "sestih": 6,
    "desetih": 10,
}
SCALES: Final[dict[str, float]] = {
    "k": 1e3, "thousand": 1e3, "tisoc": 1e3, "million": 1e6, "m": 1e6, "milijon": 1e6, "milijona": 1e6,
    "milijonov": 1e6, "billion": 1e9, "mio": 1e6, "milijarda": 1e9, "milijarde": 1e9, "milijard": 1e9,
}  # fmt: skip
AND: Final = frozenset({"and", "in", "ter", ",", "&", "plus", "vs", "versus", "proti", "or", "ali", "with", "along"})
FILTER_WORDS: Final = words_of(
    "in for from of at on only where with to v za iz na pri samo le kjer z s vs just whose category named called"
)
ENTITY_COUNT: Final = words_of(
    "row record entry line item case vrstica zapis vnos primer observation measurement reading meritev odcitek"
)
NEWEST: Final = words_of(
    "last latest newest recent zadnji zadnja zadnje zadnjih zadnjo najnovejsi najnovejsa najnovejse najnovejsih"
)
MONEY: Final = words_of(
    "money cash earn earned earns denar denarja denarjem zasluzi zasluzili zasluzimo zasluzijo iztrzili"
)
SOLD: Final = MONEY | words_of("sell sells sold prodali prodal prodala prodalo prodano prodaj prodamo")
QUIET: Final = words_of(
    "business report quick nice simple view analysis value values number numbers data table panel dataset tile info"
    " information stuff thing things figure figures visual total amount vrednost vrednosti stevilke podatki tabela"
    " pogled prikaz analiza znesek izris"
)
"""Pleasantries that may be a value of the data too: a "Business" among the segments."""
COMPARE: Final = words_of(
    "difference razlika razliko razlike compare comparison versus vs proti primerjaj primerjava primerjavo primerjajmo"
)
DONE: Final = words_of(
    "paid bought purchased ordered shipped delivered sent made booked flagged marked rated produced generated given"
    " placan placana placano placani placane placanih kupil kupila kupilo kupili kupljen kupljena kupljenih kupljeno"
    " oddal oddala oddali oddale oddano oddane"
    " narocen narocena narocenih poslan poslanih izdan izdanih izdani izdano oznacen oznacenih placal placali"
)
PLEASANTRIES: Final = words_of(
    "the a an of in on at to for from with and or is are was were be been do does did has have"
    " had having me us our we i"
    " you my your it its that this these those there their they please show give tell display"
    " draw plot make create build"
    " generate want need would like see look get find can could how what much all any some every by per as it's let"
    " chart graph diagram figure visual data dataset table tile panel numbers number value"
    " values figures info information"
    " who when where which whose only just also too about now so if then into up out so far currently"
    " visualize visualise compare comparison between vs versus against through during within"
    " across among amongst happened sold sell sells made produced generated measured recorded ever"
    " comes flown held taken placed received recorded registered got come came go went bring brings brought"
    " total amount euros euro eur usd dollars dollar percent"
    " quick nice simple view analysis analyze analyse report business stuff things thing using use based together"
    " v na pri za iz od do po s z k h o in ter ali pa je so bi bo bila bilo bili bil smo ste sem si se ni kot ki ko"
    " da kaj kdo kje kdaj kako koliko naj ga jo jih mu ji mi nam vam nas vas me to ta te ti tem teh tega vse vsi vsa"
    " prinese prinasa prinasajo prinesejo prinesel prinesla prinesli prinesemo"
    " prosim pokazi prikazi narisi naredi ustvari izdelaj izracunaj povej daj zelim hocem rad"
    " rada potrebujem vidim videti"
    " podatki podatke podatkov podatkih graf grafikon grafikonu diagram tabela stevilke vrednost vrednosti primerjaj"
    " primerjava med ob pred skozi ima imajo imel imela imeli imamo imam kateri katera katero"
    " katere katerih samo le tudi"
    " sedaj zdaj lahko mogoce bilo prikaz izris pogled analiza zanima evrov evri evra evro eur odstotkov znesek"
    " nasih nase nasa nas vasih moje mojih obliki oblika pomocjo kolikor skupaj glede koliksen"
    " koliksna koliksno koliksni"
    " koliksne kaksen kaksna kaksno kaksni kaksne prodanih prodali proizvedene"
    " proizvedeno proizvedena proizvedenih izmerjeno izmerjena izmerjene opravljenih oddanih zabelezenih zabelezili"
    " please kindly thanks thank hi hello hey kind occur occurs occurred happen"
    " pokazite prikazite povejte dajte naredite izpisite prosimo hvala zivjo imel mel smo mamo mam ful preko"
    " file sheet spreadsheet database sample datoteka datoteki datoteke razpredelnica razpredelnici preglednici baza"
    " bazi"
    " individual single separate entire whole listed available existing given various overall"
    " posamezni posameznih celotni celoten vseh navedeni navedenih"
    " each both same such very own than there's what's us't s t re ve ll don didn doesn % \u20ac $ , = year"
)
