"""What a run of tests says when one of them fails, and how it ends when it is told to."""

from __future__ import annotations

import signal

import pytest


class FailureAtOnce:
    """Shows a failure when it happens: a run that is stopped from outside has at least said that."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        """Write to pytest's own terminal."""
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the failure, without what the test printed."""
        if report.failed:
            self.terminal.write_sep("!", f"{report.when} of {report.nodeid} failed", red=True)
            self.terminal.write_line(report.longreprtext)


def show_at_once(config: pytest.Config) -> None:
    """Show failures at once, and end as on Ctrl-C when the run is told to stop: with a summary, and without servers.

    Call it last of all that configures: the terminal must be there.
    """
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailureAtOnce(terminal))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
