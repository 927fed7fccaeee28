"""The products that every market of the demo sells, and how much of each.

The same molecules in all markets, so that shares compare; names, codes and packs are each market's own. Volumes are
a product's weight, a market's size, a trend, a season and noise that depends on names alone. In this room: products
and quantities. Not here: how a market writes them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files

from rwe.demo.rng import Draws


@dataclass(frozen=True)
class Product:
    """One pack."""

    number: int
    """Its place in the catalogue, from 0."""
    key: str
    """Short name."""
    molecule: str
    """Molecule in English, combinations with a plus sign."""
    atc: str
    """ATC code of WHO."""
    brand: str
    """Brand name, empty for a generic."""
    company: str
    """Who sells it."""
    strength: str
    """Strength as an English label has it."""
    form: str
    """tablet, capsule, suspension, pen or patch."""
    units: str
    """Pieces in the pack, or `1x100ml` for liquids: containers and their content."""
    price: int
    """Price of a pack in cents."""
    weight: int
    """How much is sold of it, 1 to 9."""
    start: int
    """Month of the launch, counted from the first of a market's history."""
    end: int | None
    """Month from which it is not sold any more."""

    @property
    def pieces(self) -> int:
        """Tablets, capsules, pens, patches or bottles in the pack."""
        return int(self.units.split("x", maxsplit=1)[0])

    @property
    def millilitres(self) -> float | None:
        """Content of one container, None for what is counted."""
        return float(self.units.split("x")[1].removesuffix("ml")) if "x" in self.units else None

    def is_sold(self, month: int) -> bool:
        """Whether it is on the market in a month of the history."""
        return month >= self.start and (self.end is None or month < self.end)


@cache
def products() -> tuple[Product, ...]:
    """The catalogue."""
    text = package_files(__package__).joinpath("catalogue.csv").read_text(encoding="utf-8")
    return tuple(
        Product(
            number=number,
            key=row["key"],
            molecule=row["molecule"],
            atc=row["atc"],
            brand=row["brand"],
            company=row["company"],
            strength=row["strength"],
            form=row["form"],
            units=row["units"],
            price=int(row["price"]),
            weight=int(row["weight"]),
            start=int(row["start"]),
            end=int(row["end"]) if row["end"] else None,
        )
        for number, row in enumerate(csv.DictReader(text.splitlines()))
    )


def words(text: str) -> tuple[str, ...]:
    """The words of a text, such as the names of a header."""
    return tuple(text.split())


def packs_sold(draws: Draws, product: Product, month: int, size: float) -> int:
    """Packs sold in a month of the history, in a place of some size. 0 where the product is not on the market."""
    if not product.is_sold(month):
        return 0
    age = month - product.start
    uptake = min(1.0, 0.15 + age / 12) if product.start else 1.0
    trend = 1 + month / 120 if product.brand else 1 - month / 200
    season = 1 + 0.25 * (product.atc.startswith("J01") and month % 12 in (0, 1, 2, 10, 11))
    return round(product.weight * size * uptake * trend * season * (0.85 + 0.3 * draws.share()))


def price_of(product: Product, month: int, level: float) -> int:
    """Price of a pack in cents of the market's currency: generics fall, brands rise."""
    drift = 1 + month / 300 if product.brand else 1 - month / 400
    return max(1, round(product.price * level * drift))
