"""Nouns of many trades in both languages, and how columns shorten them: "stroj" finds ``mch_id``. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import simplemma

from backend_services.dashboards.builder.abbreviations import SHORTENED
from backend_services.dashboards.builder.normalise import fold, stem_of, words_of
from backend_services.datasets.lexicon import Role, concepts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_GROUPS: Final = """
absence absenteeism|izostanek odsotnost
accident crash|nesreca
acceleration|pospesek
accommodation lodging|nastanitev
account|racun konto
admission intake|sprejem hospitalizacija
age|starost
agent|agent posrednik
agriculture|kmetijstvo
air|zrak
aircraft plane|letalo
airline carrier|prevoznik letalski druzba
airport|letalisce
alarm alert|alarm opozorilo
animal|zival
apartment flat|stanovanje
applicant candidate|kandidat prosilec
arrival|prihod
attendance|prisotnost obisk
author writer|avtor pisec
balance|stanje saldo
bank|banka
battery|baterija akumulator
bed|postelja
bicycle bike|kolo
bill check receipt|racun
bonus|bonus nagrada
book|knjiga
booking reservation|rezervacija
borrower|izposojevalec clan
branch|podruznica poslovalnica
breakdown failure fault|okvara napaka
breed|pasma
building|stavba zgradba objekt
bus|avtobus
call|klic
camera|kamera
cancellation|odpoved preklic
capacity|zmogljivost kapaciteta
car automobile auto|avto avtov avtomobil
case|primer zadeva
cattle cow|govedo krava
channel|kanal
charge|polnjenje
child|otrok
claim|zahtevek skoda terjatev
class|razred
client|stranka
club team|klub ekipa
code|koda sifra
colour color|barva
company firm|podjetje druzba
complaint|pritozba reklamacija
computer|racunalnik
construction|gradbenistvo gradnja
consumption usage|poraba
contract|pogodba
cook chef|kuhar
course|tecaj predmet
courier|kurir dostavljavec
credit|kredit
crop|pridelek posevek
cycle|cikel
cylinder|valj cilinder
damage|skoda poskodba
deadline|rok
debt|dolg
defect scrap waste reject|izmet odpadek skart
delay|zamuda
delivery|dostava dobava
department ward division|oddelek
departure|odhod
deposit|polog depozit
destination|cilj destinacija
device|naprava
diagnosis|diagnoza
discharge|odpust
disease illness|bolezen
displacement|prostornina
distance mileage|razdalja pot
district|okraj okrozje
doctor physician|zdravnik doktor
donation|donacija
downtime outage standstill|zastoj izpad
driver|voznik sofer
duration|trajanje
education|izobrazba
employee worker|zaposleni delavec
employment employee|zaposlenost zaposlitev zaposleni
employment people work employ|zaposlenost ljudje clovek delati
energy|energija
engine motor|motor
equipment|oprema
event|dogodek
exam test|izpit test preverjanje
expense|strosek izdatek
factory plant|tovarna obrat
family|druzina
farm|kmetija
farmer|kmet
fee|pristojbina provizija
field parcel plot|polje parcela
fine|kazen globa
fleet|flota vozni park
flight|let polet leti
floor storey|nadstropje
flow|pretok
food|hrana
forest|gozd
freight cargo|tovor
fuel|gorivo
gallon|galona
game match|tekma igra
gas|plin
genre|zanr
goods|blago
government|vlada drzava uprava
grade mark|ocena
group|skupina
guest visitor|gost obiskovalec
harvest yield|pridelek letina zetev
heating|ogrevanje
height|visina
holiday vacation leave|dopust pocitnice
health|zdravje zdravstvo
hospital|bolnisnica
hospitality|gostinstvo
hotel|hotel
house|hisa
household|gospodinjstvo
humidity|vlaznost vlaga
incident|incident dogodek
industry|panoga industrija
inspection audit|pregled inspekcija
institution|ustanova zavod
insurance|zavarovanje
interest|obresti
inventory stock|zaloga
investment|nalozba investicija
job position|delovno mesto
journey trip ride|voznja potovanje
kilometre kilometer|kilometer
kitchen|kuhinja
language|jezik
length|dolzina
level|raven nivo stopnja
librarian|knjiznicar
library|knjiznica
line|linija proga
load|obremenitev tovor
loan|posojilo izposoja
location|lokacija kraj
lot batch|serija lot sarza
lunch meal|malica kosilo obrok
machine|stroj
maintenance|vzdrzevanje
manager head boss|vodja upravnik direktor
manufacturing|proizvodnja predelava
material|material
medicine drug medication|zdravilo
meeting|sestanek
member|clan
message|sporocilo
meter|stevec
mile|milja
milk|mleko
mining|rudarstvo
mistake error|napaka
model|model
movie film|film
nationality|narodnost drzavljanstvo
network|omrezje
night overnight|nocitev noc
noise|hrup
nurse|sestra
offer quote|ponudba
office|pisarna urad
operation surgery|operacija
operator|operater upravljavec
origin|izvor poreklo izhodisce
outcome result|izid rezultat
output production|proizvodnja
overtime|nadura
owner|lastnik
package parcel|paket posiljka
parking|parkiranje parkirisce
part component|del sestavni
passenger|potnik
patient|pacient bolnik
payment|placilo
penalty|kazen
person people|oseba clovek
phone|telefon
piece|kos
player|igralec
point|tocka
police|policija
private|zaseben zasebni
policy|polica
pound|funt
power horsepower|moc konj
pressure|tlak pritisk
priority|prioriteta
process|proces postopek
profession occupation|poklic
project|projekt
property estate|nepremicnina
pupil student|dijak ucenec student
purpose|namen
quality|kakovost
queue|vrsta
rain|dez
reason cause|razlog vzrok
referral|napotitev napotnica
rent|najemnina
repair|popravilo
request|zahteva prosnja
restaurant|restavracija
retail|maloprodaja drobno
review|mnenje
risk|tveganje
road|cesta
room|soba prostor
route|pot proga linija
salary wage|placa
satisfaction|zadovoljstvo
transfer|prenos preusmeritev
toll|cestnina
resolution|resitev
school|sola
score|rezultat tocka
season|sezona letni cas
seat|sedez
sector|sektor
sensor|senzor tipalo
service|storitev
session|seja
severity|resnost
sex gender|spol
shift|izmena
ship vessel|ladja
shipment consignment|posiljka
size|velikost
skill|vescina
smoker|kadilec kaditi
stock share|delnica
activity|dejavnost
financial|financen financni
source|vir
speed velocity|hitrost
sponsor|sponzor
staff personnel|osebje kader
station|postaja
stay|bivanje lezalni
stop|postajalisce postanek
storage warehouse|skladisce
street|ulica
subject|predmet
supplier vendor|dobavitelj
surface area|povrsina
survey|anketa
task|naloga opravilo
tax|davek
teacher|ucitelj profesor
team|ekipa skupina
technician|tehnik serviser
temperature|temperatura
tenant|najemnik
term|rok semester
time|cas
ticket|vozovnica vstopnica zahtevek
title|naslov naziv
tip gratuity|napitnina
ton tonne|tona
topic|tema
tourist|turist
tournament|turnir
town|mesto kraj
track|proga tir
trade|trgovina
train|vlak
training|usposabljanje trening
transport|prevoz transport
treatment therapy|zdravljenje terapija
tree|drevo
truck lorry|tovornjak kamion
type kind|vrsta tip
university|univerza fakulteta
vacancy|prosto mesto
vehicle|vozilo
vibration|vibracija tresljaj
village|vas
visit|obisk
voltage|napetost
volume|prostornina volumen
volunteer|prostovoljec
waiter|natakar
waiting wait|cakanje cakalni
warranty guarantee|garancija
water|voda
wave|val
website|spletna stran
weight|teza masa
wheel|kolo
wholesale|veleprodaja debelo
wind|veter
width|sirina
workshop|delavnica
zone|obmocje cona
"""
_VOWELS: Final = frozenset("aeiou")
_SHORTEST, _LONGEST = 3, 6
_LONG_ENOUGH: Final = 5
SPELLED_OUT: Final = words_of("number name code flag count cnt")


@lru_cache(maxsize=1)
def _equivalents() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _GROUPS.strip().splitlines():
        names = [word for side in line.split("|") for word in side.split()]
        for name in names:
            for key in (name, stem_of(name)):
                found.setdefault(key, {}).update(dict.fromkeys(other for other in names if other != name))
    for concept in concepts():
        if concept.role in {Role.CODE, Role.DIMENSION} and " " not in concept.en + concept.sl:
            english, slovenian = fold(concept.en), fold(concept.sl)
            for one, other in ((english, slovenian), (slovenian, english)):
                for key in {one, stem_of(one)}:
                    found.setdefault(key, {})[other] = None
    return {key: tuple(names) for key, names in found.items()}


def equivalents(keys: Iterable[str], stem: str) -> tuple[str, ...]:
    """Return other words for a thing, in either language, given a word's lemmas and stem."""
    table = _equivalents()
    found = dict.fromkeys(word for key in sorted({*keys, stem}) for word in table.get(key, ()))
    return tuple(found)


def spelled_out(word: str) -> tuple[str, ...]:
    """Return what a usual abbreviation in a column's name may stand for."""
    return tuple(SHORTENED[word].split("|")) if word in SHORTENED else ()


@lru_cache(maxsize=10_000)
def taken_apart(word: str) -> tuple[str, ...]:
    """Return a word of a column's name as the two that were written together: ``tailnum`` is "tail", "num"."""
    if not word.isalpha() or simplemma.is_known(word, lang="en") or simplemma.is_known(word, lang="sl"):
        return (word,)
    for end in range(_SHORTEST, len(word) - 1):
        if word[end:] in SHORTENED and simplemma.is_known(word[:end], lang="en"):
            return word[:end], word[end:]
    return (word,)


@lru_cache(maxsize=10_000)
def is_short(word: str) -> bool:
    """Return whether a word of a column's name may be an abbreviation: no dictionary knows it."""
    if not word.isalpha() or not _SHORTEST <= len(word) <= _LONGEST:
        return False
    return not any(simplemma.is_known(word, lang=language) for language in ("en", "sl")) or _VOWELS.isdisjoint(word)


def abbreviates(short: str, word: str) -> bool:
    """Return whether ``short`` is how people shorten ``word``: its beginning, or its letters without vowels."""
    if len(word) < _LONG_ENOUGH or len(word) <= len(short) or short[0] != word[0]:
        return False
    if word.startswith(short):
        return True
    if not _VOWELS.isdisjoint(short[1:]):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def meant(words: Iterable[str], shorts: Collection[str]) -> str | None:
    """Return the one abbreviation among ``shorts`` that shortens one of ``words``, or ``None``."""
    for word in words:
        found = sorted({short for short in shorts if short not in SHORTENED and abbreviates(short, fold(word))})
        if len(found) == 1:
            return found[0]
    return None
