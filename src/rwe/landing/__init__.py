"""From landing files to raw tables: look at each new file, load it by COPY INTO, keep the books.

In this room: one streaming pass over a file (`inspect`), the decision what becomes of it
(`verdict`), the statements (`statements`) and their execution (`ingest`). Not in this room: types,
quarantine and anything else that looks into a row, which is staging's work.
"""
