"""Alerts: when one opens, whom it reaches, and how it ends.

Promises: one incident is one message, edited in place (``lifecycle``); ``triggers`` decides what opens and
resolves one; ``escalation`` and ``digests`` reach the next person; ``messages``, ``notes`` and
``usage_messages`` hold the texts.
May import: ``bot.requests``, ``bot.findings``, ``bot.inventory``, ``bot.people``, ``bot.audit``.
"""
