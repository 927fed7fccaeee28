"""Marts made from the fact of sales, worked out a second time in plain Python from the fact and its dimensions."""

from __future__ import annotations

import calendar
import math
from collections import Counter, defaultdict
from typing import Any

import pandas as pd
import pytest
from project_in_use import MONTHS, ProjectInUse
from suppression import cr4_bounds, hhi_bounds, share_bounds

pytestmark = [pytest.mark.server, pytest.mark.slow]
PERIOD = ["market_code", "period_grain", "period_start_date"]
LEVELS = {"molecule": "molecule_name", "brand": "brand_name", "product": "product_code"}
WINDOW = ["definition_code", "market_code", "period_grain", "window_code", "period_start_date"]
CONCENTRATION = [*WINDOW, "measure_code"]


@pytest.fixture
def sales(built: ProjectInUse) -> pd.DataFrame:
    """The latest sales with their products, and the measure of a market: value, or packs where there are no prices."""
    found = built.frame(
        "select fct_sales.market_code, period_grain, period_start_date, price_basis, is_suppressed, amount_local, count_packs, "
        "quantity_ddd, product_code, product_code_system, atc_code, molecule_name, brand_name, form_code, ddd_per_unit "
        "from market.fct_sales join market.dim_product using (product_id) where is_latest"
    )
    is_without_price = found["price_basis"] == "none"
    found["measure_code"] = is_without_price.map({True: "packs", False: "value_local"})
    found["amount"] = found["count_packs"].where(is_without_price, found["amount_local"]).astype(float)
    return found


def test_mapped_share(built: ProjectInUse, sales: pd.DataFrame) -> None:
    shown = sales[~sales["is_suppressed"]]
    has = {
        "atc": shown["atc_code"].notna(),
        "molecule": shown["molecule_name"].notna(),
        "form": shown["form_code"].notna(),
        "ddd": shown["ddd_per_unit"].notna() | shown["quantity_ddd"].notna(),
    }
    amounts = shown[[*PERIOD, "measure_code"]].assign(
        total=shown["amount"].fillna(0.0),
        count=1,
        **{name: shown["amount"].where(mask).fillna(0.0) for name, mask in has.items()},
    )
    expected = amounts.groupby([*PERIOD, "measure_code"]).sum()
    found = built.frame("select * from market.fct_mapped_share").set_index([*PERIOD, "measure_code"])
    assert len(found) == len(expected) > 100
    assert set(found.index) == set(expected.index)
    for key, row in expected.iterrows():
        mart = found.loc[key]
        assert mart["count_rows"] == row["count"]
        assert mart["amount_total"] == pytest.approx(row["total"], abs=1e-4)
        for name in has:
            if row["total"]:
                assert mart[f"share_with_{name}"] == pytest.approx(row[name] / row["total"], abs=1e-9), (key, name)
            else:
                assert math.isnan(mart[f"share_with_{name}"])


def test_launches(built: ProjectInUse, sales: pd.DataFrame) -> None:
    """Each item's first sold period, unless the market's feed begins with it, and what it sold since."""
    named = sales[
        (sales["product_code_system"] != "ATC_GROUP") & (sales["atc_code"].isna() | (sales["atc_code"].str.len() == 7))
    ]
    expected: dict[tuple[Any, ...], tuple[Any, int, float, float]] = {}
    for (market, grain), of_market in named.groupby(["market_code", "period_grain"]):
        begin = of_market["period_start_date"].min()
        for level, column in LEVELS.items():
            for (item, measure), own in of_market.groupby([column, "measure_code"]):
                amounts = own.groupby("period_start_date")["amount"].sum().sort_index()
                sold = [day for day, amount in amounts.items() if amount > 0]
                if not sold or sold[0] <= begin:
                    continue
                so_far = 0.0
                for day, amount in amounts.items():
                    so_far += amount
                    if day >= sold[0]:
                        months = (day.year - sold[0].year) * 12 + day.month - sold[0].month
                        expected[market, grain, level, item, measure, day] = (sold[0], months, amount, so_far)
    found = {
        (*(row[name] for name in (*PERIOD[:2], "launch_level", "item_name", "measure_code", "period_start_date")),): row
        for row in built.frame("select * from market.fct_launches").to_dict("records")
    }
    assert found.keys() == expected.keys()
    assert {key[2] for key in expected} == set(LEVELS)
    for key, (launch, months, amount, so_far) in expected.items():
        row = found[key]
        assert (row["launch_period_date"], row["months_since_launch"]) == (launch, months), key
        assert row["amount_period"] == pytest.approx(amount, abs=1e-4)
        assert row["amount_cumulative"] == pytest.approx(so_far, abs=1e-4)


def test_ddd_per_inhabitant(built: ProjectInUse, sales: pd.DataFrame) -> None:
    """DDDs per thousand inhabitants and day, of years that a market has whole."""
    sales["year_number"] = sales["period_start_date"].map(lambda day: day.year)
    months = {
        key: len(set(own["period_start_date"])) * MONTHS[own["period_grain"].min()]
        for key, own in sales.groupby(["market_code", "year_number"])
    }
    people = {
        (row["market_code"], row["year_number"]): row["population"]
        for row in built.rows("select market_code, year_number, population from market.dim_population")
    }
    found = built.frame("select * from market.fct_ddd_per_inhabitant").set_index(
        ["market_code", "year_number", "atc_code"]
    )
    groups = sales[sales["atc_code"].str.len() == 7].groupby(["market_code", "year_number", "atc_code"])["quantity_ddd"]
    assert len(found) == len(groups) > 100
    measured: Counter[str] = Counter()
    for key, own in groups:
        row, (market, year, _) = found.loc[key], key
        assert row["count_missing"] == own.isna().sum()
        if own.notna().any():
            assert row["quantity_ddd"] == pytest.approx(own.sum(), rel=1e-9)
        else:
            assert math.isnan(row["quantity_ddd"])
        if own.notna().any() and months[market, year] == 12 and people.get((market, year)):
            days = 365 + calendar.isleap(year)
            assert row["did"] == pytest.approx(own.sum() * 1000 / (people[market, year] * days), rel=1e-9)
            measured[market] += 1
        else:
            assert math.isnan(row["did"])
            assert row["did_missing_reason"]
    assert measured["DK"] > 60


def test_price_volume_mix(built: ProjectInUse) -> None:
    """Each effect by its own sum over competitors; the mix as the change of volume shares at old prices."""
    shares = built.frame(
        "select * from market.fct_market_share where is_complete and competitor_name != 'NOT_AVAILABLE' "
        "and amount_previous_year is not null"
    )
    values = shares[shares["measure_code"] == "value_local"].set_index([*WINDOW, "competitor_name"])
    volumes = shares[shares["measure_code"].isin(["ddd", "standard_units", "packs", "items"])]
    both = volumes.join(
        values[["amount_visible", "amount_previous_year"]], [*WINDOW, "competitor_name"], "inner", rsuffix="_value"
    )
    found = built.frame("select * from market.fct_price_volume_mix").set_index([*WINDOW, "volume_measure_code"])
    groups = both.groupby([*WINDOW, "measure_code"])
    assert len(found) == len(groups) > 50
    kinds = 0
    for key, group in groups:
        effects: dict[str, float] = defaultdict(float)
        kept = []
        for one in group.itertuples():
            value_0, value_1 = one.amount_previous_year_value, one.amount_visible_value
            volume_0, volume_1 = one.amount_previous_year, one.amount_visible
            if volume_0 > 0 and volume_1 > 0:
                kept.append((value_0, value_1, volume_0, volume_1))
            elif volume_1 > 0 and volume_0 == 0 and value_0 == 0:
                effects["launch"] += value_1
            elif volume_0 > 0 and volume_1 == 0 and value_1 == 0:
                effects["exit"] -= value_0
            else:
                effects["unmeasured"] += value_1 - value_0
        all_0, all_1 = sum(one[2] for one in kept), sum(one[3] for one in kept)
        for value_0, value_1, volume_0, volume_1 in kept:
            effects["price"] += value_1 - value_0 / volume_0 * volume_1
            effects["volume"] += (all_1 / all_0 - 1) * value_0
            effects["mix"] += (volume_1 / all_1 - volume_0 / all_0) * all_1 * value_0 / volume_0
        row = found.loc[key]
        scale = 1 + abs(row["value_previous_year"]) + abs(row["value_this_year"])
        for name in ("price", "volume", "mix", "launch", "exit", "unmeasured"):
            assert abs(row[f"{name}_effect"] - effects[name]) < 1e-9 * scale, (key, name)
        assert abs(sum(effects.values()) - row["value_change"]) < 1e-9 * scale
        kinds += effects["launch"] > 0
    assert kinds > 0, "a launch in some window"


def test_restatements(built: ProjectInUse) -> None:
    """Each version of a period against the one before, and against the first."""
    series = [*PERIOD, "geography_code"]
    sales = built.frame(
        f"select {', '.join(series)}, file_version, amount_local, count_items, count_packs, is_suppressed "
        "from market.fct_sales where file_version_at is not null"
    )
    measures = ["amount_local", "count_items", "count_packs"]
    sales[measures] = sales[measures].astype(float).fillna(0.0)
    sales["count_suppressed"] = sales["is_suppressed"].astype(int)
    measures.append("count_suppressed")
    found = built.frame("select * from market.fct_sales_restatements").set_index([*series, "file_version"])
    totals = sales.groupby([*series, "file_version"], dropna=False)[measures].sum()
    assert len(found) == len(totals) > 100
    restated = 0
    for _, versions in totals.groupby(level=series, dropna=False):
        before = first = versions.iloc[0]
        for key, now in versions.sort_index(level="file_version").iterrows():
            row = found.loc[key]
            for name in measures:
                assert row[name] == pytest.approx(now[name], abs=1e-4), (key, name)
                assert row[f"{name}_change"] == pytest.approx(now[name] - before[name], abs=1e-4), (key, name)
            assert row["amount_local_first_published"] == pytest.approx(first["amount_local"], abs=1e-4)
            restated += bool(now["amount_local"] != before["amount_local"])
            before = now
    assert restated > 0


def test_suppressed_sales(built: ProjectInUse) -> None:
    """What the nation's row of the last post leaves for what the states hide."""
    nation: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in sorted(
        built.rows(
            "select ndc, year, quarter, utilization_type, is_suppressed, count_items, quantity_units, amount_reimbursed_usd, "
            "coalesce(cast(posted_date as timestamp), _file_modified_at) as posted, _file_path "
            "from staging.stg_us_sdud__utilization where array_contains(total_kinds, 'NATION')"
        ),
        key=lambda row: (row["posted"], row["_file_path"]),
    ):
        channel = "fee_for_service" if row["utilization_type"] == "FFSU" else "managed_care"
        nation[row["ndc"], row["year"], row["quarter"], channel] = row
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in built.rows(
        "select product_code, period_start_date, channel, is_suppressed, count_items, quantity_units, amount_local "
        "from market.fct_sales join market.dim_product using (product_id) "
        "where is_latest and fct_sales.source_feed = 'us_sdud'"
    ):
        cells[row["product_code"], row["period_start_date"], row["channel"]].append(row)
    hidden = {key: rows for key, rows in cells.items() if any(row["is_suppressed"] for row in rows)}
    found = {
        (row["product_code"], row["period_start_date"], row["channel"]): row
        for row in built.rows("select * from market.fct_suppressed_sales join market.dim_product using (product_id)")
    }
    assert found.keys() == hidden.keys()
    assert len(found) > 20
    for (code, day, channel), rows in hidden.items():
        row, total = found[code, day, channel], nation.get((code, day.year, (day.month + 2) // 3, channel))
        items, units, amount = (
            sum(one[name] or 0 for one in rows) for name in ("count_items", "quantity_units", "amount_local")
        )
        assert row["count_suppressed"] == row["hidden_items_low"] == sum(one["is_suppressed"] for one in rows)
        if total is None:
            expected = ("NONE", None, None, None)
        elif total["is_suppressed"]:
            expected = ("NATION_SUPPRESSED", 10 - items, None, None)
        else:
            left = (total["quantity_units"] - units, total["amount_reimbursed_usd"] - amount)
            expected = ("NATION", total["count_items"] - items, *left)
        names = ("bound_basis", "hidden_items_high", "hidden_units_high", "hidden_amount_high")
        assert tuple(row[name] for name in names) == expected


def test_bounds_of_shares(built: ProjectInUse) -> None:
    """By what the competitors of a period sold at least and at most."""
    cells = built.frame(
        "select cells.*, shares.share_low, shares.share_high from market.fct_definition_sales as cells "
        "join market.fct_market_share as shares using "
        "(definition_code, market_code, period_grain, period_start_date, measure_code, competitor_name) "
        "where window_code = 'PERIOD' and share is not null"
    )
    hidden = 0
    for _, group in cells.groupby(["definition_code", "measure_code", *PERIOD]):
        amounts = [
            (float(low), None if pd.isna(high) else float(high))
            for low, high in zip(group["amount_low"], group["amount_high"], strict=True)
        ]
        for found, expected in zip(
            group[["share_low", "share_high"]].itertuples(index=False, name=None), share_bounds(amounts), strict=True
        ):
            assert found == pytest.approx(expected, abs=1e-9)
        hidden += group["count_suppressed"].sum() > 0
    assert hidden > 10


def test_bounds_of_concentration(built: ProjectInUse) -> None:
    """By the competitors' bounds, and by what shares that add up to one allow."""
    shares = built.frame("select * from market.fct_market_share where share is not null")
    found = built.frame("select * from market.fct_market_concentration where hhi is not null").set_index(CONCENTRATION)
    hidden = 0
    for key, group in shares.groupby(CONCENTRATION):
        row = found.loc[key]
        if not group["count_suppressed"].sum():
            assert (row["hhi_low"], row["hhi_high"]) == (row["hhi"], row["hhi"])
            assert (row["cr4_low"], row["cr4_high"]) == (row["cr4"], row["cr4"])
            continue
        bounds = group[["share_low", "share_high"]]
        assert bounds.notna().all(axis=None), "every bound is known: a share is one at most"
        ranges = list(bounds.itertuples(index=False, name=None))
        assert (row["hhi_low"], row["hhi_high"]) == pytest.approx(hhi_bounds(ranges), rel=1e-9)
        assert (row["cr4_low"], row["cr4_high"]) == pytest.approx(cr4_bounds(ranges), abs=1e-12)
        hidden += 1
    assert hidden > 10
