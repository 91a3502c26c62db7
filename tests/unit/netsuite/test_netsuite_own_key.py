"""Which key the bot signs in with, over rotations and changes of the configuration."""

from __future__ import annotations

from bot.text import Secret
from platforms.netsuite.config import Settings, parse
from platforms.netsuite.own_key import OwnKey, OwnKeys


class Notes:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    async def recall(self, name: str) -> Secret | None:
        return self.kept.get(name)

    async def keep(self, name: str, value: Secret) -> None:
        self.kept[name] = value


def settings(certificate: str = "first") -> Settings:
    table = {"account": "1", "client_id": "c", "certificate_id": certificate}
    return parse("netsuite:prod", table, lambda name: Secret("configured"))


async def test_a_rotation_outlives_the_process_and_can_be_taken_back() -> None:
    """The adopted key is used by whoever shares the memory; one step back is the key before it."""
    notes = Notes()
    keys = OwnKeys(settings(), notes)
    assert (await keys.current()).certificate_id == "first"
    await keys.adopt(OwnKey("second", Secret("2")))
    await keys.adopt(OwnKey("third", Secret("3")))
    again = OwnKeys(settings(), notes)
    assert (await again.current()).private_key.reveal() == "3"
    await again.step_back()
    assert (await keys.current()).certificate_id == "second"
    await again.step_back()
    assert (await keys.current()).certificate_id == "second"  # one step is all there is


async def test_adopting_twice_is_once() -> None:
    """A step that is taken again after a crash does not lose the key before it."""
    keys = OwnKeys(settings(), Notes())
    for _ in range(2):
        await keys.adopt(OwnKey("second", Secret("2")))
    await keys.step_back()
    assert (await keys.current()).certificate_id == "first"


async def test_the_configuration_outdoes_a_rotation() -> None:
    """Another certificate in the configuration is what counts, whatever was adopted before."""
    notes = Notes()
    await OwnKeys(settings(), notes).adopt(OwnKey("second", Secret("2")))
    assert (await OwnKeys(settings("other"), notes).current()).certificate_id == "other"
