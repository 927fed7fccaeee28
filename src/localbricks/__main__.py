"""`python -m localbricks`."""

from localbricks.cli import app

app()
