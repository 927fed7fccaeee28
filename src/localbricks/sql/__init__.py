"""SQL rules: what Databricks' SQL has and open-source Spark lacks, or answers differently.

A statement is tokenised, its first words pick the rules that may serve it, and a rule either answers it, turns
it into SQL that Spark runs, or leaves it. What no rule takes goes to Spark as it came.
"""
