"""The same talk on servers with a bug: each time the checker must say so."""

from tests.chaos.planted import COMMIT_LATE_S
from tests.chaos.registry import scenario
from tests.chaos.scene import Scene


@scenario(fast=True, planted="ack_before_commit", caught_as=("acked is stored",))
async def bug_ack_before_commit(scene: Scene) -> None:
    """A process that acknowledges before it commits is killed."""
    await scene.wait(1 + COMMIT_LATE_S)
    await scene.stage.kill(0)
    await scene.stage.kill(1)
    await scene.wait(0.5)
    await scene.hush()
    for member in scene.members:
        for said in member.journal.said:
            said.refused = said.refused or ("" if said.acked_at is not None else "the run is over")


@scenario(fast=True, planted="no_gap_repair", caught_as=("members agree",))
async def bug_no_gap_repair(scene: Scene) -> None:
    """Publishes are lost and nobody reads what is missing."""
    for line in scene.stage.redis_lines:
        line.lost = 0.3
    await scene.wait(1.5)


@scenario(planted="delivered_as_it_comes", caught_as=("chains are unbroken",))
async def bug_delivered_as_it_comes(scene: Scene) -> None:
    """Publishes are lost and what follows is delivered all the same."""
    for line in scene.stage.redis_lines:
        line.lost = 0.3
    await scene.wait(1.5)


@scenario(fast=True, planted="double_delivery", caught_as=("nothing twice",))
async def bug_double_delivery(scene: Scene) -> None:
    """Some bursts are written twice."""
    await scene.wait(1.5)


@scenario(fast=True, planted="resurrected_membership", caught_as=("nothing after a removal",))
async def bug_resurrected_membership(scene: Scene) -> None:
    """Somebody is removed and comes back with a new socket, to a process that remembers her rooms."""
    await scene.wait(0.5)
    out = scene.members[2]
    await scene.remove(out, scene.rooms[0])
    await scene.wait(0.5)
    for door in scene.stage.doors:
        door.cut()
    await scene.wait(2)


@scenario(planted="reopened_stint", caught_as=("stints stay closed",))
async def bug_reopened_stint(scene: Scene) -> None:
    """Somebody is removed and let in again through the API, and gets her old stint back."""
    from accounts.models import User
    from accounts.services.token import token_issue
    from tests.wire.client import Rest

    out, room = scene.members[2], scene.rooms[0]
    removal = await scene.remove(out, room)
    await scene.wait(0.5)
    pair = await scene.store(lambda: token_issue(user=User.objects.get(pk=scene.owner.id), label="owner"))
    removal.back_at = 0.0
    rest = Rest(scene.stage.processes[0].url, token=pair.access)
    await rest.post(f"rooms/{room}/memberships/", {"user": out.user})
    await scene.wait(1)
