"""The market marts on the demo, worked out a second time with pandas from the staged rows and from the writer's truth."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from project_in_use import MONTHS, ProjectInUse
from suppression import largest

from rwe.demo.markets import us_sdud
from rwe.demo.report import read_report

pytestmark = [pytest.mark.server, pytest.mark.slow]
FISCAL = {"AU": 7, "GB": 4, "US": 10}
KEY = ["definition_code", "market_code", "period_grain", "measure_code"]


def test_latest_versions_are_what_the_writer_sold(built: ProjectInUse, landing: Path) -> None:
    expected = read_report(landing).expected.market_totals
    found = {
        row["source_feed"]: row
        for row in built.rows(
            "select fct_sales.source_feed, sum(count_source_rows) as n, sum(count_items) as items, count_if(is_suppressed) as hidden, "
            "sum(if(is_packs_derived, null, count_packs)) as packs, sum(amount_reimbursed_local) as reimbursed, "
            "sum(amount_retail_local) as retail, sum(amount_list_local) as list "
            "from market.fct_sales join market.dim_product using (product_id) "
            "where is_latest and product_code_system != 'ATC_GROUP' group by fct_sales.source_feed"
        )
    }
    us, fr, au, br, dk = (found[feed] for feed in ("us_sdud", "fr_open_medic", "au_pbs", "br_sngpc", "dk_medstat"))
    assert (us["n"], us["hidden"]) == (
        int(expected["us_sdud"]["count_latest_rows"]),
        int(expected["us_sdud"]["count_suppressed"]),
    )
    assert us["items"] == int(expected["us_sdud"]["count_items"])
    assert us["reimbursed"] == Decimal(expected["us_sdud"]["amount_reimbursed_local"])
    assert (fr["n"], fr["packs"]) == (
        int(expected["fr_open_medic"]["count_rows"]),
        int(expected["fr_open_medic"]["count_packs"]),
    )
    assert fr["reimbursed"] == Decimal(expected["fr_open_medic"]["amount_reimbursed_local"])
    assert fr["list"] == Decimal(expected["fr_open_medic"]["amount_list_local"])
    assert (au["n"], au["items"]) == (
        int(expected["au_pbs"]["count_latest_rows"]),
        int(expected["au_pbs"]["count_items"]),
    )
    assert au["retail"] == Decimal(expected["au_pbs"]["amount_retail_local"])
    assert (br["n"], br["packs"]) == (int(expected["br_sngpc"]["count_rows"]), int(expected["br_sngpc"]["count_packs"]))
    assert dk["n"] == int(expected["dk_medstat"]["count_rows"])
    assert abs(dk["retail"] / 1000 - Decimal(expected["dk_medstat"]["turnover_thousand"])) < Decimal("0.001")


def test_definition_sales_are_the_sums_of_the_fact(built: ProjectInUse) -> None:
    sales = built.frame(
        "select definition_code, fct_sales.market_code, period_grain, period_start_date, competitor_name, "
        "amount_local as value_local, amount_eur_constant as value_eur_constant, quantity_ddd as ddd, "
        "standard_unit_approx as standard_units, count_packs as packs, count_items as items "
        "from market.fct_sales join market.dim_definition_product using (product_id) where is_latest",
    )
    measures = ["value_local", "value_eur_constant", "ddd", "standard_units", "packs", "items"]
    long = sales.melt(
        id_vars=[c for c in sales.columns if c not in measures], var_name="measure_code", value_name="amount"
    )
    long["amount"] = pd.to_numeric(long["amount"])
    expected = long.groupby([*KEY, "competitor_name", "period_start_date"])["amount"].sum()
    found = built.frame("select * from market.fct_definition_sales").set_index(
        [*KEY, "competitor_name", "period_start_date"]
    )
    both = found[["amount_visible"]].join(expected.rename("expected"), how="left").fillna(0.0)
    assert len(both) > 1000
    assert (abs(both["amount_visible"] - both["expected"]) <= 1e-6 * both["expected"].abs() + 1e-6).all()
    # Nothing but all-null measures is missing from the mart.
    left = expected[~expected.index.isin(found.index)]
    assert (left == 0).all()


def windows(series: dict[int, Any], step: int, index: int, code: str, fiscal: int) -> list[int] | None:
    """Month numbers of a window that ends with one, None where the market lacks one of them."""
    month = index % 12
    months = {
        "PERIOD": step,
        "R3M": 3 if step == 1 else None,
        "YTD": month + step,
        "FYTD": (month - fiscal + 1) % 12 + step,
        "MAT": 12,
    }[code]
    if months is None:
        return None
    wanted = list(range(index, index - months + step - 1, -step))
    return wanted if len(wanted) * step == months and all(one in series for one in wanted) else None


def test_shares_growth_and_rank_by_plain_loops(built: ProjectInUse) -> None:
    cells = built.frame("select * from market.fct_definition_sales")
    cells["month_index"] = cells["period_start_date"].map(lambda day: day.year * 12 + day.month - 1)
    found = {
        (*(row[k] for k in KEY), row["window_code"], row["period_start_date"], row["competitor_name"]): row
        for row in built.frame("select * from market.fct_market_share").to_dict("records")
    }
    checked = 0
    for key, group in cells.groupby(KEY):
        step = MONTHS[key[2]]
        fiscal = FISCAL.get(key[1], 1)
        amounts: dict[str, dict[int, float]] = defaultdict(dict)
        hidden: dict[int, int] = defaultdict(int)
        for row in group.itertuples():
            amounts[row.competitor_name][row.month_index] = row.amount_visible
            hidden[row.month_index] += row.count_suppressed
        any_series = next(iter(amounts.values()))
        days = dict(zip(group["month_index"], group["period_start_date"], strict=True))
        for index in any_series:
            for code in ("PERIOD", "R3M", "YTD", "FYTD", "MAT"):
                if code == "R3M" and step != 1:
                    continue
                now = windows(any_series, step, index, code, fiscal)
                before = windows(any_series, step, index - 12, code, fiscal) if index - 12 in any_series else None
                total = sum(amounts[c][m] for c in amounts for m in now or ())
                total_before = sum(amounts[c][m] for c in amounts for m in before or ())
                for competitor, own in amounts.items():
                    row = found[(*key, code, days[index], competitor)]
                    if now is None or competitor == "NOT_AVAILABLE" or total <= 0:
                        assert math.isnan(row["share"]), (key, code, index)
                        continue
                    amount = sum(own[m] for m in now)
                    assert row["share"] == pytest.approx(amount / total)
                    larger = {sum(other[m] for m in now) for other in amounts.values()}
                    rank = 1 + sum(one > amount + 1e-9 for one in larger)
                    if amount > 0:
                        assert row["rank_number"] == rank
                    clean = before and not any(hidden[m] for m in [*now, *before])
                    base = sum(own[m] for m in before or ())
                    if clean and base > 0 and total_before > 0:
                        growth = 100 * (amount / base - 1)
                        assert row["growth_percent"] == pytest.approx(growth, abs=1e-6)
                        index_expected = 100 * (amount / total) / (base / total_before)
                        assert row["evolution_index"] == pytest.approx(index_expected, abs=1e-6)
                        assert row["contribution_points"] == pytest.approx(
                            100 * (amount - base) / total_before, abs=1e-6
                        )
                    else:
                        assert math.isnan(row["growth_percent"])
                    checked += 1
    assert checked > 5000


def test_shares_across_markets_by_plain_loops(built: ProjectInUse) -> None:
    """Whole calendar years of every market, summed here; values of several price bases are there by name alone."""
    cells = built.frame(
        "select * from market.fct_definition_sales where measure_code in ('value_eur_constant', 'ddd', 'standard_units')",
    )
    cells["year"] = cells["period_start_date"].map(lambda day: day.year)
    whole = cells.groupby([*KEY, "competitor_name", "year"]).filter(
        lambda group: len(group) * MONTHS[group.name[2]] == 12
    )
    refused, shown = 0, 0
    for model in ("fct_cross_market_share", "fct_cross_market_share_mixed_prices"):
        found = built.frame(f"select * from market.{model}")
        rows = {
            (row["definition_code"], row["measure_code"], row["year_start_date"].year, row["competitor_name"]): row
            for row in found.to_dict("records")
        }
        for (definition, measure, year), group in whole.groupby(["definition_code", "measure_code", "year"]):
            pool = group[group["competitor_name"] != "NOT_AVAILABLE"]
            bases = set(pool["price_basis"]) if measure.startswith("value") else set()
            for name, own in group.groupby("competitor_name"):
                row = rows.pop((definition, measure, year, name))
                assert row["market_codes"].split() == sorted(set(pool["market_code"]))
                assert set(row["price_bases"].split()) == bases
                total = pool["amount_visible"].sum()
                refuses = len(bases) > 1 and model == "fct_cross_market_share"
                assert math.isnan(row["pool_amount"]) == refuses
                if name == "NOT_AVAILABLE":
                    assert math.isnan(row["share"]) and row["share_missing_reason"] == "GRAIN_NOT_AVAILABLE"
                elif refuses:
                    assert math.isnan(row["share"]) and row["share_missing_reason"] == "MIXED_PRICE_BASIS"
                    refused += 1
                elif total <= 0:
                    assert math.isnan(row["share"])
                else:
                    assert row["share"] == pytest.approx(own["amount_visible"].sum() / total)
                    shown += 1
        assert rows == {}, "rows of years that are not whole"
    assert refused > 10
    assert shown > 50


def test_concentration_by_pandas(built: ProjectInUse) -> None:
    shares = built.frame("select * from market.fct_market_share where share is not null")
    group = shares.groupby([*KEY, "window_code", "period_start_date"])["share"]
    expected = pd.DataFrame(
        {"hhi": group.agg(lambda s: ((100 * s) ** 2).sum()), "cr4": group.agg(lambda s: s.nlargest(4).sum())}
    )
    found = built.frame("select * from market.fct_market_concentration where hhi is not null").set_index(
        expected.index.names
    )
    both = found.join(expected, rsuffix="_expected")
    assert len(both) == len(expected) > 500
    assert (abs(both["hhi"] - both["hhi_expected"]) < 1e-6).all()
    assert (abs(both["cr4"] - both["cr4_expected"]) < 1e-9).all()
    assert (both["hhi_low"] <= both["hhi"] + 1e-9)[both["count_suppressed"] == 0].all()


def test_bounds_hold_the_truth_behind_suppression(built: ProjectInUse, landing: Path) -> None:
    """Prescriptions and value of every definition and quarter of the United States, with nothing hidden."""
    seed = read_report(landing).seed
    last = us_sdud.posts()[-1]
    truth: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for quarter in range(us_sdud.COUNT_QUARTERS):
        post = min(last, max(quarter + us_sdud.RESTATED_QUARTERS, us_sdud.posts()[0]))
        start = f"{us_sdud.FIRST_YEAR + quarter // 4}-{quarter % 4 * 3 + 1:02d}-01"
        for cell in us_sdud.truth(seed, 1.0, quarter, post):
            key = ("".join(us_sdud.ndc_of(cell.product)), start)
            before = truth[key]
            truth[key] = (before[0] + cell.prescriptions, before[1] + cell.total)
    products = built.rows(
        "select definition_code, competitor_name, product_code from market.dim_definition_product "
        "join market.dim_product using (product_id) where dim_definition_product.market_code = 'US'"
    )
    expected: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    markets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in products:
        for (code, start), (items, cents) in truth.items():
            if code == row["product_code"]:
                for totals in (
                    expected[row["definition_code"], row["competitor_name"], start],
                    markets[row["definition_code"], start],
                ):
                    totals[0] += items
                    totals[1] += cents
    checked = 0
    for row in built.rows(
        "select cells.*, shares.share_low, shares.share_high from market.fct_definition_sales as cells "
        "join market.fct_market_share as shares using "
        "(definition_code, market_code, period_grain, period_start_date, measure_code, competitor_name) "
        "where market_code = 'US' and measure_code in ('items', 'value_local') and window_code = 'PERIOD'"
    ):
        start = row["period_start_date"].isoformat()
        place = 0 if row["measure_code"] == "items" else 1
        value = expected[row["definition_code"], row["competitor_name"], start][place]
        whole = markets[row["definition_code"], start][place]
        true = Decimal(value) if place == 0 else Decimal(value) / 100
        assert row["amount_low"] <= true
        assert row["amount_high"] is None or true <= row["amount_high"]
        if whole and row["share_low"] is not None:
            assert row["share_low"] - 1e-9 <= value / whole <= row["share_high"] + 1e-9
        checked += row["count_suppressed"] > 0
    assert checked > 20
    _concentration_holds_the_truth(built, expected, markets)


def _concentration_holds_the_truth(
    built: ProjectInUse, sold: dict[tuple[str, str, str], list[int]], markets: dict[tuple[str, str], list[int]]
) -> None:
    checked = 0
    for row in built.rows(
        "select * from market.fct_market_concentration where market_code = 'US' and window_code = 'PERIOD' "
        "and measure_code in ('items', 'value_local') and concentration_missing_reason is null"
    ):
        definition, start = row["definition_code"], row["period_start_date"].isoformat()
        place = 0 if row["measure_code"] == "items" else 1
        whole = markets[definition, start][place]
        shares = [totals[place] / whole for key, totals in sold.items() if (key[0], key[2]) == (definition, start)]
        assert row["hhi_low"] - 1e-6 <= sum((100 * share) ** 2 for share in shares) <= row["hhi_high"] + 1e-6
        assert row["cr4_low"] - 1e-9 <= largest(shares) <= row["cr4_high"] + 1e-9
        checked += row["count_suppressed"] > 0
    assert checked > 10


def test_restated_quarter_differs_by_the_restatement_alone(built: ProjectInUse, landing: Path) -> None:
    seed, last = read_report(landing).seed, us_sdud.posts()[-1]
    quarter = last - 1
    first, newest = (us_sdud.truth(seed, 1.0, quarter, post) for post in (last - 1, last))
    expected = []
    for cells in (first, newest):
        hidden = us_sdud.hidden(cells)
        shown = [c for c in cells if (c.utilization_type, c.state, c.product.key) not in hidden]
        expected.append(sum(cell.prescriptions for cell in shown))
    start = f"{us_sdud.FIRST_YEAR + quarter // 4}-{quarter % 4 * 3 + 1:02d}-01"
    row = built.row(
        "select sum(if(is_first_published, count_items, 0)) as first, sum(if(is_latest, count_items, 0)) as latest "
        f"from market.fct_sales where source_feed = 'us_sdud' and period_start_date = date '{start}'"
    )
    assert [row["first"], row["latest"]] == expected
    change = built.row(
        "select sum(count_items_change) as n from market.fct_sales_restatements "
        f"where market_code = 'US' and period_start_date = date '{start}'"
    )
    assert change["n"] == expected[1] - expected[0] != 0


def test_nearly_all_sales_are_mapped(built: ProjectInUse) -> None:
    mapped = built.frame(
        "select market_code, avg(share_with_atc) as atc, avg(share_with_form) as form from market.fct_mapped_share group by all"
    ).set_index("market_code")
    assert (mapped["atc"][["DK", "FR", "BR", "US"]] > 0.99).all()
    assert mapped["form"]["FR"] > 0.99


def test_what_texts_say_is_read_or_has_a_reason(built: ProjectInUse) -> None:
    """The shares of docs/markets.md; the texts of the demo are the same for every number of patients.

    The faulty files of these tests add one text, `some bnf_description`, which says nothing.
    """
    texts = built.frame("select * from intermediate.int_market__presentations_parsed")
    of_demo = len(texts) - 1
    shares = {}
    for value, reason in (
        ("form_code", "form_reason"),
        ("strength_mg", "strength_reason"),
        ("units_per_pack", "pack_reason"),
        ("molecule_name", "molecule_reason"),
    ):
        assert (texts[value].isna() == texts[reason].notna()).all()
        shares[value] = round(100 * texts[value].notna().sum() / of_demo)
    assert (of_demo, shares) == (
        122,
        {"form_code": 76, "strength_mg": 74, "units_per_pack": 30, "molecule_name": 91},
    )


def test_launches_leave_out_what_a_feed_begins_with(built: ProjectInUse) -> None:
    rows = built.rows(
        "select distinct item_name, launch_period_date from market.fct_launches "
        "where market_code = 'AU' and launch_level = 'molecule'"
    )
    # Months 6 and 3 of the demo's history, which begins in July 2021.
    assert {(row["item_name"], row["launch_period_date"].isoformat()) for row in rows} == {
        ("semaglutide", "2022-01-01"),
        ("dapagliflozin", "2021-10-01"),
    }
