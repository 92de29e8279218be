"""Words that business tables use for their columns, in English and Slovenian, and what such columns mean. Pure.

Each line of the table: key | role | English label | Slovenian label | phrases that name a column | further words in
English | further words in Slovenian. A phrase's word with a star matches every inflected form that begins so
(``narocil*``: naročilo, naročila, naročil). Phrases are written without diacritics.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from backend_services.datasets.naming import words_of


class Role(StrEnum):
    """What a column of this kind is for."""

    AVERAGE = "avg"
    CODE = "code"
    DIMENSION = "dim"
    LEVEL = "level"
    MONEY = "money"
    MONEY_AVERAGE = "money_avg"
    MONEY_LEVEL = "money_level"
    SUM = "sum"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing that columns are about."""

    key: str
    role: Role
    en: str
    sl: str
    phrases: tuple[tuple[str, ...], ...]
    en_words: tuple[str, ...]
    sl_words: tuple[str, ...]


_TABLE = """
net_revenue|money|Net revenue|Čisti prihodki|net revenue,net sales,net amount,neto prihod*,neto znesek,cist* prihod*|net sales,revenue,sales,turnover|neto prihodki,prihodki,promet
gross_revenue|money|Gross revenue|Bruto prihodki|gross revenue,gross sales,gross amount,bruto prihod*,bruto znesek|gross sales|bruto promet
revenue|money|Revenue|Prihodki|revenue,sales,turnover,income,prihod*,promet,umsatz,erlos*,prodaja,sales amount,total sales,sales revenue|sales,turnover,income|prihodek,promet,prodaja,iztržek
amount|money|Amount|Znesek|total paid,paid amount,amount paid,placan* znesek,skupaj placano,amount,total,total amount,sum,znesek,zneski,skupaj,vrednost,betrag,summe,value,total price,line total,order total,order value,invoice amount,skupni znesek,znesek racuna|total,value,sum|vrednost,skupaj,vsota
profit|money|Profit|Dobiček|profit,earnings,net profit,dobick*,dobicek,gewinn|earnings,gain|zaslužek
cost|money|Cost|Strošek|cost,costs,expense,expenses,strosek,strosk*,kosten,cogs|expense,spending|izdatek,odhodek
margin_amount|money|Margin|Marža|gross margin,margin,marza,marz*|gross margin|
shipping_cost|money|Shipping cost|Strošek dostave|shipping cost,shipping,freight,delivery cost,shipping fee,postnina,strosek dostav*,strosk* dostav*,versandkosten|delivery cost,freight|poštnina,stroški dostave
discount|money|Discount|Popust|discount,discount amount,popust*,rabat*|rebate,price reduction|rabat,znižanje
tax|money|Tax|Davek|tax,vat,tax amount,vat amount,ddv,davek,davk*,znesek ddv,mwst|VAT|DDV
refund|money|Refund|Vračilo|refund,refunds,refund amount,refunded amount,vracil*,vrnjen* znesek|returned amount|povračilo,vrnjeni znesek
fee|money|Fee|Provizija|fee,fees,commission,provizij*|commission|nadomestilo
budget|money|Budget|Proračun|budget,proracun*|plan|načrt
balance|money_level|Balance|Stanje|balance,account balance,closing balance,outstanding balance,saldo,stanje racuna,stanje na racunu||saldo
receivables|money_level|Receivables|Terjatve|receivables,open receivables,terjatv*,odprt* terjatv*|outstanding|
payables|money_level|Payables|Obveznosti|payables,open payables,obveznost*,odprt* obveznost*||
debt|money_level|Debt|Dolg|debt,outstanding debt,dolg,dolgov*|owed|
headcount|level|Headcount|Število zaposlenih|headcount,employee count,number of employees,st zaposlenih,stevilo zaposlenih|staff count|zaposleni
subscribers|level|Subscribers|Naročniki|subscribers,active subscribers,subscriber count,followers,active users,members,member count,narocnik*,sledilc*,stevilo clanov||
salary|money_avg|Salary|Plača|salary,wage,wages,plac*,placa,gehalt|wage,pay|mezda
unit_cost|money_avg|Unit cost|Strošek na enoto|unit cost,cost per unit,cost per item,strosek na enoto,strosek na kos|cost per unit|strošek na kos
cost_per_click|money_avg|Cost per click|Cena klika|cpc,cost per click,cena klika||
price|money_avg|Price|Cena|room rate,nightly rate,daily rate,hourly rate,day rate,price,unit price,list price,cena,cene,cena na enoto,cena na kos,preis,stuckpreis,prodajn* cena,nabavn* cena|unit price|cena na enoto
gdp_per_capita|money_avg|GDP per capita|BDP na prebivalca|gdp percap,gdp per capita,gdp cap,bdp na prebivalca|income per person|bruto domači proizvod na prebivalca
quantity|sum|Quantity|Količina|quantity,qty,units,units sold,pieces,kolicin*,kol,kos,kosov,st kosov,stevilo kosov,menge,anzahl,items|units,pieces,items sold|kosi,število kosov,prodani kosi
stock|level|Stock|Zaloga|stock,inventory,stock level,on hand,in stock,stock on hand,stanje zalog*,zalog*,bestand|inventory|zaloge
visits|sum|Visits|Obiski|visits,sessions,visitors,obisk*,besuche|sessions,traffic|seje,promet
page_views|sum|Page views|Ogledi strani|page views,pageviews,views,ogled*|views|ogledi
clicks|sum|Clicks|Kliki|clicks,klik*||
impressions|sum|Impressions|Prikazi|impressions,prikaz*||
conversions|sum|Conversions|Konverzije|conversions,konverzij*||
population|level|Population|Prebivalstvo|population,pop,prebivalc*,prebivalstvo,st prebivalcev,stevilo prebivalcev,einwohner|inhabitants,people|prebivalci,število prebivalcev
precipitation|sum|Precipitation|Padavine|precipitation,rain,rainfall,padavin*,niederschlag|rain,rainfall|dež,količina padavin
energy|sum|Energy|Energija|energy,enrg,consumption,kwh,energij*,poraba,verbrauch,electricity|consumption|poraba
distance|sum|Distance|Razdalja|distance,km,miles,razdalj*,distanc*||pot
duration|sum|Duration|Trajanje|duration,duration s,duration ms,trajanj*,cas trajanja,dauer|length of time|dolžina
rating|avg|Rating|Ocena|rating,score,stars,ocen*,bewertung,nps|score|povprečna ocena
age|avg|Age|Starost|age,starost,alter|years of age|leta
temperature_max|avg|Maximum temperature|Najvišja temperatura|temp max,temperature max,max temp,max temperature,tmax,high temp,najvisj* temperatur*|high,daytime temperature|maksimalna temperatura,dnevna temperatura
temperature_min|avg|Minimum temperature|Najnižja temperatura|temp min,temperature min,min temp,min temperature,tmin,low temp,najnizj* temperatur*|low,night temperature|minimalna temperatura,nočna temperatura
temperature|avg|Temperature|Temperatura|temperature,temp,tmp,temperatur*||toplota
humidity|avg|Humidity|Vlažnost|humidity,rh,relative humidity,rel humidity,vlaznost,vlag*||vlaga
pressure|avg|Pressure|Tlak|pressure,prs,tlak,zracn* tlak||
wind|avg|Wind speed|Hitrost vetra|wind,wind speed,windspeed,veter,hitrost vetra|wind|veter
vibration|avg|Vibration|Vibracije|vibration,vib,vibracij*||tresljaji
voltage|avg|Voltage|Napetost|voltage,napetost*||
waiting_time|avg|Waiting time|Čakalna doba|waiting,waiting time,wait,wait time,waited,cakaln* dob*,cakaln* cas,cas cakanj*,cakanj*|wait|čakanje
length_of_stay|avg|Length of stay|Ležalna doba|length stay,length stay days,los,lezaln* dob*,dolzin* bivanj*|stay|dolžina bivanja,ležalna doba
speed|avg|Speed|Hitrost|speed,spd,rpm,hitrost,geschwindigkeit||
weight|avg|Weight|Teža|weight,teza,tez*,masa,gewicht|mass|masa
height|avg|Height|Višina|height,visin*,hohe||
life_expectancy|avg|Life expectancy|Pričakovana življenjska doba|life exp,life expectancy,lifeexp,pricakovan* zivljenjsk* doba|longevity|življenjska doba
latency|avg|Latency|Odzivni čas|latency,latency ms,response time,odzivni cas|response time|zakasnitev
click_rate|avg|Click-through rate|Stopnja klikov|ctr,click through rate,click rate,stopnja klikov||
rate|avg|Rate|Stopnja|rate,ratio,share,percent,percentage,pct,stopnj*,delez,odstot*,anteil|share,percentage|delež,odstotek
index|avg|Index|Indeks|index,indeks||
order|code|Order|Naročilo|order id,order,order no,order nr,order number,st narocila,stevilka narocila,id narocila,narocil*,bestellung,bestellnummer|purchase|nakup,naročila
invoice|code|Invoice|Račun|invoice id,invoice,invoice no,invoice number,st racuna,stevilka racuna,racun,racuni,rechnung,rechnungsnummer|bill|faktura,računi
transaction|code|Transaction|Transakcija|transaction id,transaction,transakcij*|payment|plačilo,transakcije
customer|code|Customer|Stranka|customer id,customer,client,client id,customer number,buyer,kupec,kupc*,strank*,id kupca,id stranke,st kupca,sifra kupca,kunde,kundennummer,customer name,ime kupca,ime stranke|client,buyer|kupec,kupci,stranke,odjemalec
user|code|User|Uporabnik|user id,user,username,user name,uporabnik*,id uporabnika,benutzer|account,person|uporabniki
employee|code|Employee|Zaposleni|employee,employee id,staff,zaposlen*,delavec,mitarbeiter|staff,worker|delavec,sodelavec
supplier|code|Supplier|Dobavitelj|supplier,vendor,supplier id,dobavitelj*,lieferant|vendor|dobavitelji
product_id|code|Product code|Šifra izdelka|product id,sku,item id,article number,sifra izdelka,sifra artikla,artikelnummer|SKU|šifra artikla
account|code|Account|Konto|account number,account no,account id,account code,account,gl account,konto,konti,konta,stevilka konta,st konta|ledger account|konti
date|time|Date|Datum|date,day,datum,dan,tag|day,when|dan,kdaj
order_date|time|Order date|Datum naročila|order date,ordered at,date ordered,purchase date,datum narocila,cas narocila,bestelldatum|date,ordered|datum,dan naročila
invoice_date|time|Invoice date|Datum računa|invoice date,datum racuna,datum izdaje,rechnungsdatum|date|datum,datum izdaje
ship_date|time|Shipping date|Datum odpreme|ship date,shipped at,shipping date,delivery date,datum dostave,datum odpreme,lieferdatum|delivery date|datum dostave
created|time|Created|Ustvarjeno|created,created at,creation date,created on,ustvarjeno,datum nastanka|date,creation date|datum,datum nastanka
payment_date|time|Payment date|Datum plačila|payment date,paid at,datum placila|paid|plačano
due_date|time|Due date|Rok plačila|due date,rok placila,datum zapadlosti|deadline|zapadlost
timestamp|time|Time|Čas|timestamp,time,datetime,date time,cas,cas meritve,zeit|moment|trenutek
year|dim|Year|Leto|year,leto,jahr||leta
month|dim|Month|Mesec|month,mesec,monat||meseci
quarter|dim|Quarter|Četrtletje|quarter,cetrtletje,kvartal,quartal||kvartal
week|dim|Week|Teden|week,teden,woche||tedni
hour|dim|Hour|Ura|hour,hour of day,ura,stunde||ure
weekday|dim|Weekday|Dan v tednu|weekday,day of week,dan v tednu,wochentag|day of the week|
surface|level|Area|Površina|surface area,floor area,area m2,area sqm,area km2,area ha,povrsin*|surface|kvadratura
country|dim|Country|Država|country,nation,country name,drzav*,land,ship country,customer country|nation,market|države,trg
continent|dim|Continent|Celina|continent,celin*,kontinent||kontinent,celine
region|dim|Region|Regija|region,area,regij*,obmocj*,pokrajin*,statisticn* regij*|area,territory|območje,pokrajina
state|dim|State|Zvezna država|us state,province,bundesland|province|pokrajina
city|dim|City|Mesto|city,town,mesto,mesta,kraj,kraji,stadt,ort,ship city,customer city|town,place|kraj,mesta
municipality|dim|Municipality|Občina|municipality,obcin*,gemeinde||občine
postcode|dim|Postcode|Poštna številka|postcode,postal code,zip,zip code,zipcode,postna stevilka,posta,plz|zip code,postal code|pošta
location|dim|Location|Lokacija|location,site,place,station,stn,station name,stn name,site name,ime postaje,naziv postaje,merilno mesto,lokacij*,postaj*,standort|place,site,station|kraj,postaja
address|dim|Address|Naslov|address,street,naslov,ulica,adresse||ulica
product|dim|Product|Izdelek|product,product name,item,item name,article,izdelek,izdelk*,artikel,artikl*,naziv izdelka,naziv artikla,produkt*|item,article|artikel,izdelki,produkt
category|dim|Category|Kategorija|category,product category,product group,kategorij*,skupin* izdelk*,skupin* artikl*,blagovn* skupin*,kategorie,warengruppe|product group,group|skupina,kategorije
subcategory|dim|Subcategory|Podkategorija|subcategory,sub category,podkategorij*|subgroup|podskupina
brand|dim|Brand|Blagovna znamka|brand,make,manufacturer,znamka,blagovn* znamk*,proizvajalec,marke|make,manufacturer|znamka,proizvajalec
channel|dim|Channel|Kanal|channel,sales channel,kanal,kanali,prodajni kanal,vertriebskanal|sales channel,route|prodajni kanal,prodajna pot
store|dim|Store|Trgovina|store,shop,branch,outlet,trgovin*,poslovaln*,filiale|shop,branch|poslovalnica
segment|dim|Segment|Segment|segment,customer segment,customer type,segment kupcev,tip kupca,vrsta kupca|customer type|vrsta kupca,tip kupca
status|dim|Status|Stanje|status,state,order status,stanje,stanje narocila,stanje racuna,zustand|state|status
type|dim|Type|Vrsta|type,kind,class,vrst*,tip,typ,art|kind,class|tip
payment_method|dim|Payment method|Način plačila|payment method,payment type,payment,nacin placila,vrsta placila,zahlungsart|payment,paid by,means of payment|plačilo,vrsta plačila,plačilno sredstvo
currency|dim|Currency|Valuta|currency,currency code,valut*,wahrung||
department|dim|Department|Oddelek|department,oddel*,abteilung|team,unit|enota
project|dim|Project|Projekt|project,project name,projekt*||projekti
campaign|dim|Campaign|Kampanja|campaign,kampanj*,akcij*||akcija
source|dim|Source|Vir|source,traffic source,vir,quelle|origin|izvor
device|dim|Device|Naprava|device,naprav*,gerat||naprave
gender|dim|Gender|Spol|gender,sex,spol,geschlecht|sex|
salesperson|dim|Salesperson|Prodajalec|salesperson,sales rep,seller,agent,prodajal*,komercialist*,verkaufer|seller,sales rep|komercialist
weather|dim|Weather|Vreme|weather,weather type,conditions,vreme,wetter|weather type,conditions|vrsta vremena,vremenske razmere
name|dim|Name|Ime|name,title,ime,naziv,ime in priimek,bezeichnung|title|naziv
email|dim|E-mail|E-pošta|email,e mail,mail,e posta,elektronsk* naslov|mail|elektronski naslov
phone|dim|Phone|Telefon|phone,telephone,phone number,telefon,tel,gsm|telephone|telefonska številka
description|dim|Description|Opis|description,comment,comments,note,notes,remark,opis,opomb*,komentar|comment,note|opomba
latitude|dim|Latitude|Zemljepisna širina|latitude,lat||
longitude|dim|Longitude|Zemljepisna dolžina|longitude,lon,lng,long||
paid|dim|Paid|Plačano|paid,is paid,placano,bezahlt||
returned|dim|Returned|Vrnjeno|returned,is returned,refunded,is refunded,vrnjeno||
symbol|dim|Symbol|Oznaka|symbol,ticker,oznaka|ticker,stock,share|simbol,delnica,delnice
""".strip()  # noqa: E501 - one line an entry

_NOISE = frozenset({"the", "of", "in", "v", "z", "za", "od", "do", "na", "eur", "usd", "gbp", "chf", "euro", "evri", "c",  # noqa: E501 - one line an entry
                    "mm", "kg", "pct", "ms"})  # fmt: skip


_QUALIFYING = frozenset({"brez", "excl", "excluding", "exkl", "ex", "incl", "including", "inkl", "vkljucno", "without",
                         "with", "ohne", "mit", "zzgl"})  # fmt: skip
_WITH, _ADDED = frozenset({"z", "s"}), frozenset({"ddv", "davkom", "davki", "popustom", "dostavo", "postnino"})
LEVELS = frozenset({Role.LEVEL, Role.MONEY_LEVEL})
NUMERIC = LEVELS | {Role.AVERAGE, Role.MONEY, Role.MONEY_AVERAGE, Role.SUM}


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@lru_cache(maxsize=1)
def concepts() -> tuple[Concept, ...]:
    """Return every concept of the table."""
    found = []
    for line in _TABLE.splitlines():
        key, role, en, sl, phrases, en_words, sl_words = line.split("|")
        found.append(
            Concept(
                key=key,
                role=Role(role),
                en=en,
                sl=sl,
                phrases=tuple(tuple(phrase.split()) for phrase in _parts(phrases)),
                en_words=_parts(en_words),
                sl_words=_parts(sl_words),
            )
        )
    return tuple(found)


@lru_cache(maxsize=1)
def _index() -> dict[str, list[tuple[tuple[str, ...], Concept]]]:
    """Return phrases by the first three letters of their first word."""
    index: dict[str, list[tuple[tuple[str, ...], Concept]]] = {}
    for concept in concepts():
        for phrase in concept.phrases:
            index.setdefault(phrase[0].rstrip("*")[:3], []).append((phrase, concept))
    return index


def _word_fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _phrase_at(words: tuple[str, ...], start: int, *, numbers: bool) -> tuple[int, Concept] | None:
    """Return the longest phrase that stands at ``start``, as its length and concept; an exact word beats a stem."""
    best: tuple[int, int, Concept] | None = None
    for phrase, concept in _index().get(words[start][:3], []):
        end = start + len(phrase)
        if not numbers and concept.role in NUMERIC:
            continue
        if end <= len(words) and all(_word_fits(*pair) for pair in zip(phrase, words[start:end], strict=True)):
            exact = sum(not word.endswith("*") for word in phrase)
            if best is None or (len(phrase), exact) > best[:2]:
                best = (len(phrase), exact, concept)
    return (best[0], best[2]) if best is not None else None


def _without_qualifier(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words before "without", "incl" and the like: ``znesek brez DDV`` is an amount, no tax."""
    for place, word in enumerate(words):
        with_what = word in _WITH and words[place + 1 : place + 2] and words[place + 1] in _ADDED
        if place and (word in _QUALIFYING or with_what):
            return words[:place]
    return words


def concept_of(name: str, *, numbers: bool = True) -> tuple[Concept, bool] | None:
    """Return what a column called ``name`` is about, and whether the phrase is its whole name.

    Without ``numbers`` it holds texts, so it is no measure: ``stanje računa`` is then a status, no balance.

    In a longer name the phrase at its end counts in English (``billing country``), the one at its beginning in
    Slovenian (``država kupca``): the longest wins, the last of equally long ones.
    """
    words = words_of(name)
    if "per" in words[1:]:
        found = _concept(words, numbers=numbers)
        before = words[: words.index("per", 1)]
        return found if found is not None and found[1] else _concept(before, numbers=numbers, of=words)
    return _concept(words, numbers=numbers)


def _concept(
    words: tuple[str, ...], *, numbers: bool, of: tuple[str, ...] | None = None
) -> tuple[Concept, bool] | None:
    kept = _without_qualifier(words)
    core = tuple(word for word in kept if word not in _NOISE) or kept
    best: tuple[int, int, Concept] | None = None
    for start in range(len(core)):
        found = _phrase_at(core, start, numbers=numbers)
        if found is not None and (best is None or found[0] >= best[0]):
            best = (found[0], start, found[1])
    if best is None:
        return None
    return best[2], best[0] == len(core) and kept == (of or words)


@lru_cache(maxsize=1)
def slovenian_words() -> frozenset[str]:
    """Return words that only stand in Slovenian names of columns, folded."""
    english = {word for concept in concepts() for text in (concept.en, *concept.en_words) for word in words_of(text)}
    slovenian = {word for concept in concepts() for text in (concept.sl, *concept.sl_words) for word in words_of(text)}
    return frozenset(slovenian - english)


def is_slovenian(name: str) -> bool:
    """Return whether a column's name is Slovenian."""
    if any(letter in name for letter in "čšžČŠŽ"):
        return True
    words = set(words_of(name))
    return bool(words & slovenian_words())
