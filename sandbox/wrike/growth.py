"""A big account in an instant, for benches: generated users and folders."""

from __future__ import annotations

from sandbox.wrike.entities import Contact, Folder
from sandbox.wrike.tenant import Tenant

FOLDERS_PER_PARENT = 20


def grow(tenant: Tenant, *, contacts: int, folders: int) -> None:
    """
    Add users and folders until there are this many of each; the plan gets the seats for them.

    Folders hang under one new public space, twenty to a parent, each shared with two users; every other id is
    of the new shape.
    """
    made = [
        Contact(tenant.mint.new("contact"), f"Staff{number:05d}", "Generated", f"w{number:05d}@bulk.example")
        for number in range(max(0, contacts - len(tenant.contacts)))
    ]
    for contact in made:
        tenant.contacts[contact.id] = contact
    tenant.plan.seats = max(tenant.plan.seats, tenant.seats_taken() + 10)
    wanted = folders - len(tenant.folders)
    if wanted <= 0:
        return
    everybody = list(tenant.contacts)
    level: list[Folder] = []
    for number in range(wanted):
        parent = level[(number - 1) // FOLDERS_PER_PARENT] if level else tenant.root
        folder = Folder(
            id=tenant.mint.new_long("folder") if number % 2 else tenant.mint.new("folder"),
            title=f"Bulk {number:05d}" if level else "Bulk",
            created=tenant.now,
            updated=tenant.now,
            author_id=everybody[0],
            parent_ids=[parent.id],
            shared=[everybody[number % len(everybody)], everybody[(number * 7 + 1) % len(everybody)]],
            access=None if level else "Public",
        )
        parent.child_ids.append(folder.id)
        tenant.folders[folder.id] = folder
        level.append(folder)
    tenant.touch()
