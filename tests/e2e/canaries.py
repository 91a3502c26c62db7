"""What is planted, and the search for it: in every spelling in which bytes travel."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

LEAST = 8  # characters: anything shorter turns up in random bytes


def spellings(canary: str) -> set[bytes]:
    """A text as it is, escaped for JSON and for addresses, in hex, and in base64 at each of the three offsets."""
    raw = canary.encode()
    found = {raw, canary.replace("\n", "\\n").encode(), quote(canary, safe="").encode(), raw.hex().encode()}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        whole = coded[4 if offset else 0 : -4]  # the ends depend on what stands beside it
        found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return {spelling.lower() for spelling in found if len(spelling) >= LEAST}


class Canaries:
    """Texts under names, to be found nowhere, or to be found after all so that the search proves itself."""

    def __init__(self, planted: Mapping[str, Collection[str]]) -> None:
        self._spelled = {
            name: {spelling for text in texts if len(text) >= LEAST for spelling in spellings(text)}
            for name, texts in planted.items()
        }

    def in_bytes(self, haystack: bytes) -> set[str]:
        """The names of what some bytes hold, whatever the case of letters."""
        folded = haystack.lower()
        return {name for name, all_of in self._spelled.items() if any(one in folded for one in all_of)}

    def in_files(self, paths: Iterable[Path]) -> dict[str, set[str]]:
        """What each file holds; files that hold nothing are left out."""
        found = {str(path): self.in_bytes(path.read_bytes()) for path in paths if path.is_file()}
        return {path: names for path, names in found.items() if names}
