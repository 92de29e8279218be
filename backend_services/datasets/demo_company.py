"""Orders of a company that does not exist, made by a seeded generator for trying things out.

Every figure comes from hashes of the order's number and the seed, so the same seed and last day give the same table.
The days follow growth, seasons and weekdays; cities, products, channels and customers have weights of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend_services.datasets.naming import literal

Chance = Callable[..., str]

SEED = 20_260_101
ORDERS = 200_000
DAYS = 1096
CUSTOMERS = 9_000

_CITIES = (
    ("Slovenia", "Ljubljana", 17.0), ("Slovenia", "Maribor", 7.0), ("Slovenia", "Celje", 3.5), ("Slovenia", "Kranj", 3.0),  # noqa: E501 - one line an entry
    ("Slovenia", "Koper", 2.5), ("Slovenia", "Novo mesto", 2.0), ("Austria", "Vienna", 9.0), ("Austria", "Graz", 5.0),
    ("Germany", "Berlin", 7.0), ("Germany", "Munich", 8.0), ("Germany", "Hamburg", 5.0), ("Italy", "Milan", 6.0),
    ("Italy", "Rome", 4.0), ("Italy", "Trieste", 3.0), ("Croatia", "Zagreb", 6.5), ("Croatia", "Split", 2.5),
    ("France", "Paris", 4.0), ("Hungary", "Budapest", 3.0), ("Czechia", "Prague", 2.0),
)  # fmt: skip
_PRODUCTS = (
    ("Espresso Blend 1 kg", "Coffee", 18.90, 0.52, 16.0), ("Filter Roast 500 g", "Coffee", 11.50, 0.50, 12.0),
    ("Decaf Roast 500 g", "Coffee", 12.20, 0.54, 5.0), ("Single Origin 250 g", "Coffee", 9.80, 0.48, 9.0),
    ("Coffee Subscription Box", "Coffee", 29.00, 0.55, 6.0), ("Green Tea 100 g", "Tea", 7.40, 0.42, 7.0),
    ("Earl Grey 100 g", "Tea", 6.90, 0.41, 6.0), ("Herbal Mix 100 g", "Tea", 6.20, 0.40, 6.0),
    ("Matcha 50 g", "Tea", 21.00, 0.47, 4.0), ("Hand Grinder", "Equipment", 64.00, 0.61, 4.0),
    ("Electric Grinder", "Equipment", 139.00, 0.66, 2.5), ("Espresso Machine", "Equipment", 489.00, 0.72, 1.2),
    ("French Press", "Equipment", 32.00, 0.55, 4.5), ("Pour-over Set", "Equipment", 38.50, 0.54, 4.0),
    ("Milk Frother", "Equipment", 27.90, 0.57, 4.0), ("Paper Filters", "Accessories", 4.50, 0.35, 9.0),
    ("Ceramic Cup", "Accessories", 12.90, 0.38, 6.0), ("Travel Mug", "Accessories", 24.90, 0.45, 5.0),
    ("Barista Towel", "Accessories", 8.90, 0.33, 2.5), ("Gift Card", "Accessories", 50.00, 1.00, 2.0),
)  # fmt: skip


def _values(rows: tuple[tuple[object, ...], ...]) -> str:
    def cell(value: object) -> str:
        return literal(value) if isinstance(value, str) else str(value)

    return ", ".join(f"({', '.join(cell(value) for value in row)})" for row in rows)


def _weighted(name: str, columns: str, rows: tuple[tuple[object, ...], ...]) -> str:
    """Return a table of ``rows`` (their last column is the weight) with ``low``, where each one's share begins."""
    return (
        f"{name} AS (SELECT *, (sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight) / sum(weight) OVER () AS low "  # noqa: S608 - made of our own names and quoted literals
        f"FROM (VALUES {_values(rows)}) AS t({columns}, weight))"
    )


def demo_orders_sql(*, last_day: date, seed: int = SEED, orders: int = ORDERS) -> str:
    """Return the query whose rows are the demo company's orders up to and including ``last_day``."""

    def chance(salt: int, of: str = "n") -> str:
        """Return SQL of a number from 0 to 1 that depends on ``of``, the salt and the seed."""
        return f"((hash({of}::BIGINT * 1000003 + {salt * 7919 + seed}) >> 11)::DOUBLE / 9007199254740992.0)"

    first = f"(DATE {literal(last_day.isoformat())} - {DAYS - 1})"
    return _decided(chance, first, orders) + _written(chance, first)


def _decided(chance: Chance, first: str, orders: int) -> str:
    """Return the tables that decide when, who, what and for how much."""
    season = "(1 + 0.16 * cos(2 * pi() * (dayofyear(day) - 345) / 365.0))"
    weekday = "(CASE WHEN isodow(day) >= 6 THEN 0.72 WHEN isodow(day) = 1 THEN 1.12 ELSE 1.0 END)"
    holidays = "(CASE WHEN month(day) = 12 AND day(day) <= 20 THEN 1.45 WHEN month(day) = 11 THEN 1.12 ELSE 1.0 END)"
    wobble = f"(0.9 + 0.2 * {chance(1, of='i')})"
    return f"""
WITH days AS (
  SELECT day, (sum(weight) OVER (ORDER BY day) - weight) / sum(weight) OVER () AS low FROM (
    SELECT i, {first} + i::INTEGER AS day, (1 + 0.55 * i / {DAYS}.0) * {season} * {weekday} * {holidays} * {wobble}
      AS weight FROM (SELECT range AS i FROM range({DAYS})) AS counted
      CROSS JOIN LATERAL (SELECT {first} + i::INTEGER AS day) AS dated)),
{_weighted("cities", "country, city", _CITIES)},
{_weighted("products", "product, category, price, cost_share", _PRODUCTS)},
numbered AS (
  SELECT range AS n, {chance(2, of="range")} AS day_chance, {chance(3, of="range")} AS product_chance,
    floor({CUSTOMERS} * power({chance(4, of="range")}, 1.7))::BIGINT AS customer FROM range({orders})),
dated AS (SELECT numbered.*, days.day FROM numbered ASOF JOIN days ON numbered.day_chance >= days.low),
housed AS (
  SELECT dated.*, cities.country, cities.city FROM
    (SELECT *, {chance(5, of="customer")} AS city_chance FROM dated) AS dated
    ASOF JOIN cities ON dated.city_chance >= cities.low),
bought AS (
  SELECT housed.*, products.product, products.category, products.price, products.cost_share
  FROM housed ASOF JOIN products ON housed.product_chance >= products.low),
counted AS (
  SELECT *, row_number() OVER (ORDER BY day, n) AS place,
    CASE WHEN price > 100 THEN 1 ELSE 1 + floor(4 * power({chance(6)}, 2.2))::INTEGER END AS quantity,
    round(price * (1 + 0.03 * (year(day) - year({first}))), 2) AS unit_price,
    CASE WHEN {chance(7)} < 0.22 OR (month(day) = 11 AND {chance(7)} < 0.5)
      THEN 0.05 + 0.05 * floor(4 * {chance(8)}) ELSE 0 END AS discount_share,
    {chance(9, of="customer")} AS segment_chance, {chance(10)} AS channel_chance, {chance(11)} AS payment_chance,
    {chance(12)} AS refund_chance, {chance(13)} AS rating_chance, {chance(14)} AS rated_chance
  FROM bought),
priced AS (
  SELECT *, round(quantity * unit_price, 2) AS gross, round(quantity * unit_price * discount_share, 2) AS discount,
    refund_chance < CASE category WHEN 'Equipment' THEN 0.058 WHEN 'Accessories' THEN 0.03 ELSE 0.018 END AS refunded
  FROM counted)
"""  # noqa: S608 - no input of people in it


def _written(chance: Chance, first: str) -> str:
    """Return the columns of an order, from what was decided."""
    return f"""
SELECT 'O-' || lpad(place::VARCHAR, 7, '0') AS order_id,
  day + to_seconds((25200 + 57600 * (0.5 + 0.5 * sin(6.2832 * {chance(15)} - 1.5708)))::BIGINT) AS ordered_at,
  'C-' || lpad(customer::VARCHAR, 5, '0') AS customer_id,
  CASE WHEN segment_chance < 0.68 THEN 'Consumer' WHEN segment_chance < 0.93 THEN 'Business' ELSE 'Reseller' END
    AS customer_segment,
  country, city,
  CASE WHEN channel_chance < 0.46 + 0.16 * (day - {first}) / {DAYS}.0 THEN 'Web shop' WHEN channel_chance < 0.86
    THEN 'Store' WHEN channel_chance < 0.95 THEN 'Marketplace' ELSE 'Phone' END AS channel,
  CASE WHEN payment_chance < 0.55 THEN 'Card' WHEN payment_chance < 0.75 THEN 'PayPal' WHEN payment_chance < 0.92
    THEN 'Invoice' ELSE 'Cash on delivery' END AS payment_method,
  category, product, quantity, unit_price::DECIMAL(18,2) AS unit_price, discount::DECIMAL(18,2) AS discount_amount,
  (gross - discount)::DECIMAL(18,2) AS revenue,
  round(gross * cost_share, 2)::DECIMAL(18,2) AS cost,
  (gross - discount - round(gross * cost_share, 2))::DECIMAL(18,2) AS profit,
  refunded AS is_refunded,
  (CASE WHEN refunded THEN gross - discount ELSE 0 END)::DECIMAL(18,2) AS refund_amount,
  CASE WHEN rated_chance < 0.4 THEN CASE WHEN refunded THEN 1 + floor(3 * rating_chance)::INTEGER
    ELSE 5 - floor(3.2 * power(rating_chance, 2.4))::INTEGER END END AS rating
FROM priced ORDER BY place
"""  # noqa: S608 - no input of people in it
