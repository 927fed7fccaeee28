{{ cross_market_share() }}
