"""Months of prescribing in England in the layout of the English Prescribing Dataset (EPD).

In this room: which headers the years had (`columns`), what is prescribed (`presentations.csv`;
brand names and prices are invented) and the files (`writer`). Not here: a market. Shares and
prices drift so that a report has something to show.
"""
