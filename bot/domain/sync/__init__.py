"""The NetSuite → Nexonia user sync as rules: who qualifies, who is matched, and what a sync would do."""
