"""SOQL: text to syntax tree (lex, parse), tree to a plan bound to the org's schema (bind), plan to rows."""
