"""Secret values: kept, generated, entered, shown once, and delivered to where they are read.

Promises: a secret is sealed at rest, is never part of a message, and leaves by the sealed page, the command
line or a destination only. ``vault`` carries out the steps of plans that need secrets. May import:
``bot.requests`` and below.
"""
