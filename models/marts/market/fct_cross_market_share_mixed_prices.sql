{{ cross_market_share(allows_mixed_prices=true) }}
