"""The command people type, and what it stands on: feed contracts, landing files, demo files."""
