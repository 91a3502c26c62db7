"""``python -m bot``."""

import sys

from bot.cli.commands import main, unexpected

if __name__ == "__main__":
    sys.excepthook = unexpected
    main()
