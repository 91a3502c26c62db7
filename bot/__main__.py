"""``python -m bot``."""

import sys

from bot.cli.commands import main

if __name__ == "__main__":
    from bot.cli.fault import unexpected

    sys.excepthook = unexpected
    main()
