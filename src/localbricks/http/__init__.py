"""The HTTP door: one app on loopback, a bearer token before everything, Thrift and REST behind it."""
