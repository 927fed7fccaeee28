"""`rwe feeds …`: check the contracts, write what is generated from them, list them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rwe.feeds.contract import Contract
from rwe.feeds.load import ContractError, load_contracts
from rwe.feeds.schema import SCHEMA_PATH, render_schema
from rwe.feeds.sources import stale_files, write_sources

app = typer.Typer(name="feeds", help="Feed contracts: check, generate, list.", no_args_is_help=True)

Root = Annotated[
    Path,
    typer.Option(
        "--project",
        help="The project's root, the folder that holds feeds/ and models/.",
    ),
]


@app.command()
def check(project: Root = Path()) -> None:
    """Check every contract and that the generated files are fresh. Exit code 1 if not."""
    contracts = _load(project)
    stale = [str(path) for path in stale_files(contracts, project)]
    if _schema_is_stale(project):
        stale.append(f"{SCHEMA_PATH}")
    for path in stale:
        typer.echo(
            f"{path}: found another text than feeds/ gives, expected the generated one. Run `rwe feeds sync`.",
            err=True,
        )
    if stale:
        raise typer.Exit(1)
    entities = sum(len(contract.entities) for contract in contracts.values())
    typer.echo(f"{len(contracts)} contracts with {entities} entities are sound, files are fresh.")


@app.command()
def sync(project: Root = Path()) -> None:
    """Write the dbt source files and the JSON schema anew where they are stale."""
    contracts = _load(project)
    written = write_sources(contracts, project)
    if _schema_is_stale(project):
        (project / SCHEMA_PATH).write_text(render_schema(), encoding="utf-8")
        written.append(SCHEMA_PATH)
    for path in written:
        typer.echo(f"wrote {path}")
    if not written:
        typer.echo("everything was fresh")


@app.command("list")
def list_feeds(project: Root = Path()) -> None:
    """List feeds and their entities with columns, generations, key and rules."""
    for contract in _load(project).values():
        typer.echo(f"{contract.feed}: {contract.title} ({contract.cadence}, {contract.licence})")
        for name, entity in contract.entities.items():
            generations = ", ".join(generation.id for generation in entity.generations)
            typer.echo(
                f"  {name}: {', '.join(entity.files)}; {len(entity.columns)} columns; "
                f"generations {generations}; key {', '.join(entity.key) or 'none'}; "
                f"{len(entity.rules)} rules"
            )


@app.command()
def schema() -> None:
    """Print the JSON schema of a contract, for editors."""
    typer.echo(render_schema(), nl=False)


def _load(project: Path) -> dict[str, Contract]:
    try:
        return load_contracts(project / "feeds")
    except ContractError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(1) from error


def _schema_is_stale(project: Path) -> bool:
    path = project / SCHEMA_PATH
    return not path.is_file() or path.read_text(encoding="utf-8") != render_schema()
