"""Questions as people at work put them, on the real tables."""

from __future__ import annotations

import pytest

from tests.benchmarks.gold import canonical
from tests.unit.builder.test_real_tables import plan


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("tips", "five biggest tips", "rows of table top 5"),
        ("tips", "3 largest bills on Sunday", "rows of table where day=Sun top 3"),
        ("tips", "percent of bills above 30", "rows share total_bill__each>30"),
        ("flights", "top 3 destinations from EWR", "rows by dest where origin=EWR top 3"),
        ("stocks", "price of MSFT and IBM in 2005", "price by symbol where symbol=MSFT/IBM in 2005-01-01..2006-01-01"),
        ("tips", "average tip of smokers and non-smokers", "tip__avg by smoker"),
        ("tips", "average tip of non-smokers", "tip__avg where smoker=False"),
        ("employment", "peak government employment", "government__max"),
        ("employment", "record high of information by year", "information__max by month:year"),
        ("stocks", "average price of each stock", "price by symbol"),
        ("stocks", "povprečna cena posamezne delnice", "price by symbol"),
        ("stocks", "IBM since 2008", "price by date:month where symbol=IBM in 2008-01-01.."),
        ("cars", "horsepower per weight by origin", "horsepower__avg__per__weight_in_lbs by origin"),
        ("cars", "koliko avtov ima 8 cilindrov", "rows where cylinders__each=8"),
        ("cars", "horsepower on average by origin", "horsepower__avg by origin"),
        ("cars", "how heavy are Japanese cars on average", "weight_in_lbs where origin=Japan"),
        ("tips", "how much do smokers tip on average", "tip__avg where smoker=True"),
        ("tips", "napitnina v povprečju po dnevih v tednu", "tip__avg by day"),
        ("tips", "how many bills have a tip over 5 by day", "rows by day where tip__each>5"),
        ("tips", "skupaj računov nad 30 po spolu", "total_bill by sex where total_bill__each>30"),
        ("flights", "how far do flights go on average by airline", "distance__avg by airline"),
        ("flights", "razdalja v povprečju po letalskih družbah", "distance__avg by airline"),
        ("flights", "flights over 1000 miles by airline", "rows by airline where distance__each>1000"),
        ("flights", "koliko letov je daljših od 1000 milj", "rows where distance__each>1000"),
        ("employment", "construction on average in 2009", "construction__avg in 2009-01-01..2010-01-01"),
    ],
)
def test_everyday_questions(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


def test_a_share_of_nothing_named_is_not_a_hundred_percent() -> None:
    made = plan("employment", "share of government by year")
    assert made.tiles[0].query.derived == ()
    assert "share_of_itself" in {note.code for note in made.notes}


@pytest.mark.parametrize("question", ["", " ", "?!", "。", "\u200b"])
def test_a_question_without_words_is_not_understood(question: str) -> None:
    assert canonical(plan("stocks", question)) == "!"
