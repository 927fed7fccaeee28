"""The quality report: one page that shows what became of every record.

In this room: which tables of `quality` the page shows, and its layout. Not here: how the tables come about (the dbt project).
"""

from rwe.report.page import write_page, write_report
from rwe.report.sections import ReportError, Section, query_sections

__all__ = ["ReportError", "Section", "query_sections", "write_page", "write_report"]
