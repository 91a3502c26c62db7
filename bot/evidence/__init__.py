"""Evidence packs: everything about one request, signed, for an auditor who does not trust us.

Promises: a pack verifies offline with ``deploy/verify_evidence.py`` and nothing of ours. May import:
``bot.requests`` and below.
"""
