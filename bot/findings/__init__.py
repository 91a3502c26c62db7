"""Checks, what they find, and the life of a finding.

Promises: a check is one pure function with its metadata (``check``); ``evaluation`` runs them over a complete
listing and keeps the difference; a suppressed finding comes back at its end date. May import:
``bot.inventory``, ``bot.people``, ``bot.audit``.
"""
