"""Everyday words for values in the other language, so that "čaj" finds "Tea" and "deževen" finds "rain". Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from backend_services.dashboards.builder.normalise import fold

_GROUPS: Final = """
coffee|kava
tea|čaj
equipment|oprema
accessories|dodatki
food|hrana
drinks|pijača
clothing|oblačila
breakfast|zajtrk
lunch|kosilo
dinner|supper|večerja
books|knjige
toys|igrače
furniture|pohištvo
shoes|čevlji
electronics|elektronika
web shop|online|web|internet|online store|spletna trgovina|splet
store|shop|trgovina|poslovalnica
marketplace|tržnica
phone|telefon
email|e-mail|e-pošta
card|credit card|kartica|kreditna kartica
cash|gotovina
cash on delivery|po povzetju|plačilo po povzetju
invoice|po računu
bank transfer|bančno nakazilo|nakazilo|TRR
consumer|consumers|fizične osebe|potrošnik|zasebni
business|podjetje|pravne osebe|poslovni
reseller|preprodajalec
paid|plačan|plačano|poravnan
open|odprt|odprto
overdue|zapadel|zapadlo
cancelled|canceled|storniran|preklican
returned|vrnjen|vrnjeno
refunded|povrnjeno
shipped|odposlan|poslano
delivered|dostavljen|dostavljeno
pending|v čakanju|čaka
completed|finished|zaključen|končan
active|aktiven|dejaven
inactive|neaktiven|nedejaven
new|nov
failed|neuspešen|neuspelo
succeeded|successful|uspešen|uspelo
male|man|men|boys|moški|fant|fantje|dečki|samci
female|woman|women|girls|ženska|ženski|ženske|dekle|dekleta|deklice|samice
rain|rainy|rained|dež|deževen|deževni|deževalo|dežuje
snow|snowy|snowed|sneg|snežen|snežni|sneži|snežilo
sun|sunny|sonce|sončen|sončni
fog|foggy|megla|meglen|megleni
drizzle|pršenje|rosenje
cloudy|clouds|oblačno|oblačen
fossil fuels|fosilna goriva
nuclear energy|nuclear|jedrska energija
renewables|renewable energy|obnovljivi viri
coal|premog
gas|natural gas|plin|zemeljski plin
oil|nafta
wind|wind power|veter|vetrna energija
solar|solar power|sončna energija
vienna|wien|dunaj
graz|gradec
klagenfurt|celovec
villach|beljak
munich|münchen
cologne|köln
rome|roma|rim
milan|milano
trieste|trst
venice|venezia|benetke
florence|firenze|firence
prague|praha|praga
paris|pariz
brussels|bruselj
athens|atene
copenhagen|kopenhagen
belgrade|beograd
warsaw|varšava
moscow|moskva
lisbon|lizbona
genoa|genova
gorizia|gorica
usa|us|united states|american|americans|ZDA|ameriški|ameriško|Amerika
uk|united kingdom|great britain|british|Velika Britanija|britanski
europe|european|europeans|Evropa|evropski
asia|asian|Azija|azijski
africa|african|Afrika|afriški
america|americas|american|Amerika|ameriški
oceania|oceanian|Oceanija
austria|austrian|Avstrija|avstrijski
belgium|belgian|Belgija|belgijski
brazil|brazilian|Brazilija|brazilski
canada|canadian|Kanada|kanadski
china|chinese|Kitajska|kitajski
croatia|croatian|Hrvaška|hrvaški
czechia|czech|Češka|češki
denmark|danish|Danska|danski
finland|finnish|Finska|finski
france|french|Francija|francoski
germany|german|Nemčija|nemški
greece|greek|Grčija|grški
hungary|hungarian|Madžarska|madžarski
india|indian|Indija|indijski
ireland|irish|Irska|irski
italy|italian|Italija|italijanski
japan|japanese|Japonska|japonski
mexico|mexican|Mehika|mehiški
netherlands|dutch|Nizozemska|nizozemski
norway|norwegian|Norveška|norveški
poland|polish|Poljska|poljski
portugal|portuguese|Portugalska|portugalski
russia|russian|Rusija|ruski
serbia|serbian|Srbija|srbski
slovakia|slovak|Slovaška|slovaški
slovenia|slovenian|slovene|Slovenija|slovenski
south korea|korea|korean|Južna Koreja|Koreja|korejski
spain|spanish|Španija|španski
sweden|swedish|Švedska|švedski
switzerland|swiss|Švica|švicarski
turkey|turkish|Turčija|turški
ukraine|ukrainian|Ukrajina|ukrajinski
"""


@lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _GROUPS.strip().splitlines():
        names = tuple(line.split("|"))
        for name in names:
            found[fold(name)] = tuple(dict.fromkeys((*found.get(fold(name), ()), *names)))
    return found


def names_of(value: str) -> tuple[str, ...]:
    """Return further names of a value in either language."""
    own = fold(value)
    return tuple(name for name in _groups().get(own, ()) if fold(name) != own)
