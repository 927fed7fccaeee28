"""Feed contracts: what each source delivers, said once in `feeds/<feed>.yml`.

In this room: the schema of a contract, the loader with its cross checks, the recognition of a
file's header, and the dbt source files that are generated from the contracts. Not in this room:
reading landing files (`rwe.landing`) and typing rows (the dbt staging macros).
"""

from rwe.feeds.contract import Column, Contract, Entity, Format, Generation, Rule
from rwe.feeds.load import ContractError, load_contract, load_contracts

__all__ = [
    "Column",
    "Contract",
    "ContractError",
    "Entity",
    "Format",
    "Generation",
    "Rule",
    "load_contract",
    "load_contracts",
]
