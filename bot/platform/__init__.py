"""What a platform is: its ports, the snapshot model, plans as data, and what platforms share.

Promises: ``ports`` is everything the rest may ask of a vendor's system; ``model`` is what a listing holds;
``plan`` is an ordered set of target states with their undo steps. Nothing here knows a vendor.
May import: ``bot.text``, ``bot.clock``, ``bot.chat``. Imported by the subjects and by ``platforms``.
"""
