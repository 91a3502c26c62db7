"""The sealed database: engines, keys, sealing, transactions, the outbox, migrations. Knows no subject.

Promises: ``Store`` is the one way in; ``unit[SomeRepository]`` is one subject's rows inside a transaction;
personal and confidential content is sealed row by row (``docs/adr/0003-sealed-rows.md``). Each subject declares
its own tables in its ``repository``; ``bot.store`` lists them all.
"""
