"""SuiteQL: read by sqlglot, checked against the catalogue, run on SQLite."""
