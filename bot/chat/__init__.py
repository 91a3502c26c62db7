"""What people and the bot say to each other, with no chat system in sight.

Promises: a ``Reply``, ``Form`` or ``Request`` (``model``) is data that every edge can render; ``codec`` turns a
reply into bytes and back; ``tokens`` and ``grammar`` understand what is typed. Pure: no I/O, no clock.
May import: ``bot.text``, ``bot.errors``. May be imported by everybody above.
"""
