"""The program inside an interpreter: takes sources from the runner over a socket and runs them.

One process, one execution context; `main` says how it comes to be. It imports nothing of localbricks outside
this package, so that what a model sees is what the environment has, and it starts with the packages that models
import anyway.
"""
