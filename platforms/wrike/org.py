"""What plans and their steps are made from: one account, read live."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import BadArgument, Forbidden, NotFound
from bot.platform.plan import Confirmation, Outcome
from bot.platform.ports import Memory, Turns
from bot.text import Secret, clean, fold
from platforms.wrike import audit, people
from platforms.wrike.client import Client
from platforms.wrike.config import Settings
from platforms.wrike.declared import Flow, Register
from platforms.wrike.people import Contact, Directory


@dataclass(frozen=True, slots=True)
class Org:
    """One account, and what is declared of it."""

    client: Client
    settings: Settings
    register: Register
    memory: Memory
    turns: Turns

    async def flow(self, name: str) -> Flow:
        """The declared flow of that name or id, as it stands now.

        Raises:
            NotFound: nobody declared it.
        """
        wanted = fold(name.removeprefix("flow:"))
        flows = await self.register.known_flows()
        found = next((flow for flow in flows if fold(flow.name) == wanted), None)
        if found is None:
            there = ", ".join(clean(flow.name, 40) for flow in flows[:10]) or "none yet"
            raise NotFound(f"flow: none called “{clean(name, 60)}” is declared. There is: {there}")
        return found

    def first_secret(self, name: str) -> Secret | None:
        """The secret that the configuration has for a flow, whomever it acts as by now."""
        return next((flow.secret for flow in self.settings.flows if flow.name == name), None)

    async def sees_audit(self) -> bool:
        """Whether the audit log is open to us. One request."""
        try:
            await audit.events(self.client, self.client.wire.now())
        except Forbidden:
            return False
        return True

    def writing_folders(self) -> str:
        """The name of the one turn for changes to folders: Wrike takes one at a time in an account."""
        return f"{self.client.connection}:folders"


def find(directory: Directory, named: str) -> Contact:
    """
    The one contact that an e-mail address or id names; one that is not deleted, if there is one.

    Raises:
        NotFound, BadArgument: nobody, or several.
    """
    wanted = named.strip()
    if wanted in directory.contacts and directory.contacts[wanted].type != people.GROUP:
        return directory.contacts[wanted]
    found = directory.by_email(wanted)
    alive = [one for one in found if not one.deleted] or list(found)
    if not alive:
        raise NotFound(
            f"user: Wrike has no user “{clean(wanted, 80)}”. Give the e-mail address as Wrike shows it"
        )
    if len(alive) > 1:
        raise BadArgument(f"user: several users have the address “{clean(wanted, 80)}”: give the id")
    return alive[0]


def label(contact: Contact) -> str:
    """How people know an account."""
    return contact.email or contact.name or contact.id


def done(detail: str, record: str = "", **facts: str) -> Confirmation:
    """It is so."""
    return Confirmation(outcome=Outcome.DONE, detail=detail, record_id=record, facts=facts)


def not_done(detail: str) -> Confirmation:
    """It is not so."""
    return Confirmation(outcome=Outcome.NOT_DONE, detail=detail)


def unknown(detail: str) -> Confirmation:
    """Could not look."""
    return Confirmation(outcome=Outcome.UNKNOWN, detail=detail)
