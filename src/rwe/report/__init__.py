"""The quality report: one page that shows what became of every record.

In this room: which tables of `quality` the page shows, and its layout. Not here: how the tables come about (the dbt project).
"""

from rwe.report.page import Page, write_page
from rwe.report.sections import SECTIONS, ReportError, Section, query_sections

__all__ = ["SECTIONS", "Page", "ReportError", "Section", "query_sections", "write_page"]
