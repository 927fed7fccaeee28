"""A small feed `shop`, and an empty landing folder for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rwe.feeds import Contract, load_contract

sys.path.insert(0, str(Path(__file__).parent))

from landing_stand_in import Landing

SHOP = """\
feed: shop
title: Sales of a shop
publisher: The shop
licence: None
country: GB
cadence: monthly
restatement: none
coverage: All sales.
format: {encoding: UTF-8, delimiter: ",", quote: '"', escape: '"', header: true, multiline: false, decimal: "."}
null_tokens: [""]
entities:
  sale:
    description: One row per sale.
    files: ["*.csv"]
    optional: true
    generations:
      - {id: "1", valid: first, columns: [ID, Item Name, AMOUNT]}
      - {id: "2", valid: then, columns: [ID, ITEM, AMOUNT, NOTE]}
    columns:
      - {name: sale_id, synonyms: [ID], type: text, required: true, description: Number of the sale.}
      - {name: item, synonyms: [ITEM_NAME, ITEM], type: text, description: What was sold.}
      - {name: amount, synonyms: [AMOUNT], type: "decimal(9,2)", description: Price in GBP.}
      - {name: note, synonyms: [NOTE], type: text, description: Anything else.}
    key: [sale_id]
  closing:
    description: One row per day.
    files: ["closing.txt"]
    optional: true
    generations:
      - {id: "1", valid: always, columns: [DAY]}
    columns:
      - {name: day, synonyms: [DAY], type: date, required: true, description: The day.}
"""


@pytest.fixture
def shop_of(tmp_path: Path) -> Callable[..., Contract]:
    """Make the shop's contract, with texts of it replaced."""

    def make(**replaced: str) -> Contract:
        text = SHOP
        for old, new in {
            "encoding: UTF-8": replaced.get("encoding"),
            "multiline: false": replaced.get("multiline"),
            "header: true": replaced.get("header"),
            'delimiter: ","': replaced.get("delimiter"),
            "quote: '\"', escape: '\"'": replaced.get("quote"),
        }.items():
            text = text.replace(old, new) if new else text
        path = tmp_path / "shop.yml"
        path.write_text(text, encoding="utf-8")
        return load_contract(path)

    return make


@pytest.fixture
def shop(shop_of: Callable[..., Contract]) -> Contract:
    """The shop's contract as it stands."""
    return shop_of()


@pytest.fixture
def landing(tmp_path: Path, shop: Contract) -> Landing:
    """An empty landing folder of the shop."""
    return Landing(tmp_path / "landing", shop)
