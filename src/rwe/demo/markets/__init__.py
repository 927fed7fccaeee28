"""Landing files of the national sales feeds beside England's prescribing: made-up products in every market's own words.

In this room: one module a feed, and the catalogue of products that all of them sell. What a writer returns are the
reports of its files and the totals of what must arrive, from its own arithmetic.
"""

from rwe.demo.markets.landing import write_markets

__all__ = ["write_markets"]
