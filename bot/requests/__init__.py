"""Plans, approvals and their execution: every change that Handover makes to a system.

Promises: nothing runs without an approval bound to what was shown; each step looks up before it acts and leaves
a receipt; an outcome that nobody can tell holds the request for a person; ``messages`` is everything people
read of it.
May import: ``bot.findings``, ``bot.inventory``, ``bot.people``, ``bot.audit``.
"""
