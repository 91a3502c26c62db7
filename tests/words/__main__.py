"""Say of each file how plain it is: `python -m tests.words FILE...`, with `-v` its longest sentences too."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.words import complaints, reading_grade, wrong_words
from tests.words.prose import read
from tests.words.reading import sentences

SHOWN = 5


def main(arguments: list[str]) -> int:
    """Print what each file is to be blamed for; 1 when there is anything."""
    bad = 0
    for name in [each for each in arguments if each != "-v"]:
        passages = read(Path(name))
        texts = [one.text for one in passages]
        found = wrong_words(passages) if name.endswith((".py", ".js")) else complaints(passages)
        bad += bool(found)
        print(f"{name}: grade {reading_grade(texts)}, {len(found)} to change")
        print(*(f"  {each}" for each in found), sep="\n") if found else None
        if "-v" in arguments:
            for one in sorted(sentences(texts), key=lambda each: -each.words)[:SHOWN]:
                print(f"  {one.words} words: {one.text}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
