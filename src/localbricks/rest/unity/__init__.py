"""Unity Catalog API: catalogs, schemas, tables, volumes and functions.

Reads ask the catalog itself. Writes are SQL statements, so that they do what SQL does; names and texts go into them
as quoted identifiers and literals only.
"""

from starlette.routing import Route

from localbricks.rest.services import Services
from localbricks.rest.unity import functions, schemas, tables, volumes


def routes(services: Services) -> list[Route]:
    """Routes of this family."""
    return [
        *schemas.routes(services),
        *tables.routes(services),
        *volumes.routes(services),
        *functions.routes(services),
    ]
