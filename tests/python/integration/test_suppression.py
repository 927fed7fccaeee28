"""The rules by which hidden amounts bound shares and concentration hold for whatever is hidden."""

from __future__ import annotations

from hypothesis import assume, example, given
from hypothesis import strategies as st
from suppression import cr4_bounds, hhi_bounds, largest, share_bounds

# What a competitor sold, how much of it is hidden, and what the hidden part exceeds at most, None where that is not known.
COMPETITOR = st.integers(0, 1_000).flatmap(
    lambda sold: st.tuples(st.just(sold), st.integers(0, sold), st.none() | st.integers(0, 500))
)
SLACK = 1e-6


@given(st.lists(COMPETITOR, min_size=1, max_size=9))
@example([(10, 10, None)])
@example([(0, 0, 3), (7, 7, 0), (5, 0, 0)])
def test_bounds_hold_the_truth(competitors: list[tuple[int, int, int | None]]) -> None:
    whole = sum(sold for sold, _, _ in competitors)
    assume(whole)
    truth = [sold / whole for sold, _, _ in competitors]
    bounds = share_bounds(
        [(sold - hidden, None if more is None else sold + more) for sold, hidden, more in competitors]
    )
    for share, (low, high) in zip(truth, bounds, strict=True):
        assert low - SLACK <= share <= high + SLACK
    low, high = hhi_bounds(bounds)
    assert low - SLACK <= sum((100 * share) ** 2 for share in truth) <= high + SLACK
    low, high = cr4_bounds(bounds)
    assert low - SLACK <= largest(truth) <= high + SLACK
    if all(not hidden and more == 0 for _, hidden, more in competitors):
        assert all(abs(high - low) < SLACK for low, high in bounds), "nothing is hidden, and all is known"
