"""Saying something, changing it, taking it back."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from accounts.models import User
from chat import payloads, policies
from chat.events import MessageCreated, MessageDeleted, MessageUpdated
from chat.mentions import HERE
from chat.models import Membership, Message, MessageEdit, RoomHead
from chat.rendering import render
from chat.selectors import access
from chat.selectors.sent import Key, sent
from chat.services.each import update_each
from chat.services.head import head_lock, head_move, heads_append, heads_lock
from chat.services.mention import (
    Addressed,
    Directory,
    Marked,
    Present,
    called_before,
    mentions_remove,
    mentions_replace,
    mentions_store,
    present,
)
from chat.services.wording import checked_text
from realtime import failpoint
from realtime.outage import is_away
from realtime.protocol.errors import Conflict, Forbidden, Internal, Invalid, NotFound, ParleyError
from realtime.publish import publish_on_commit

log = logging.getLogger(__name__)

# What policies and payloads look at; there may be hundreds of these rows in a batch.
_JUDGED = (
    *("room_id", "user_id", "role", "left_rev", "muted_until"),
    *("room__kind", "room__archived_at", "room__announcement", "room__mention_room"),
    *("user__role", "user__is_active", "user__display_name"),
)


class Draft(Struct, frozen=True, kw_only=True):
    """A message somebody wants to send. `client_id` makes sending it again harmless."""

    author_id: int
    room_id: int
    client_id: UUID
    text: str
    reply_to: int | None = None

    @property
    def key(self) -> Key:
        return self.room_id, self.author_id, self.client_id


class Appended(Struct, frozen=True, kw_only=True):
    """Where a draft stands in its room's log; `duplicate`: it had been sent before."""

    room_id: int
    seq: int
    rev: int
    duplicate: bool = False


class _Ready(Struct, frozen=True):
    draft: Draft
    text_hash: bytes
    marked: Marked


def messages_append(*, drafts: Sequence[Draft]) -> list[Appended | ParleyError]:
    """Store a batch of messages in one transaction; the answers are in the order of the drafts.

    Seven queries at most, whatever the size (SQLite takes about 70 rows per INSERT), and four more where somebody is
    addressed. Locks room heads, then the
    authors' memberships, each in id order. A draft whose (room, author, client_id) is known gets its first seq and rev
    again, before permissions are asked. Should the batch fail as a whole, each draft is tried alone; but if the
    database is away, that error is raised.
    """
    answers: dict[int, Appended | ParleyError] = {}
    ready: dict[int, _Ready] = {}
    for place, draft in enumerate(drafts):
        try:
            ready[place] = _ready(draft)
        except ParleyError as error:
            answers[place] = error
    answers |= _append(ready)
    failpoint.reach("after_commit")
    return [answers[place] for place in range(len(drafts))]


def _ready(draft: Draft) -> _Ready:
    text = checked_text(draft.text)
    return _Ready(draft, sha256(text.encode()).digest(), Marked.of(render(text, mark=True)))


def _append(ready: dict[int, _Ready]) -> dict[int, Appended | ParleyError]:
    if not ready:
        return {}
    try:
        there = present({one.draft.room_id for one in ready.values() if HERE in one.marked.keys})
        with transaction.atomic():
            return _append_locked(ready, there)
    except Exception as error:
        if is_away(error):
            raise
        if len(ready) == 1:
            log.exception("a message was not stored")
            return dict.fromkeys(ready, Internal(_("Something went wrong on our side."), retry_ms=1000))
    alone: dict[int, Appended | ParleyError] = {}
    for place, one in ready.items():
        alone |= _append({place: one})
    return alone


def _append_locked(ready: dict[int, _Ready], there: dict[int, Present]) -> dict[int, Appended | ParleyError]:
    rooms = {one.draft.room_id for one in ready.values()}
    heads = heads_lock(room_ids=rooms)
    known = sent({one.draft.key for one in ready.values()})
    stints = _stints(ready, rooms)
    refused = _refusals(ready, stints)
    directory = Directory(((one.draft.room_id, one.marked) for one in ready.values()), there)

    answers: dict[int, Appended | ParleyError] = {}
    rows: list[Message] = []
    addressing: list[tuple[Message, Addressed]] = []
    counts: defaultdict[int, int] = defaultdict(int)
    now = timezone.now()
    for place, one in ready.items():
        draft = one.draft
        if before := known.get(draft.key):
            answers[place] = _again(before, one)
            continue
        membership, head = stints.get((draft.room_id, draft.author_id)), heads.get(draft.room_id)
        if membership is None or head is None:
            answers[place] = refused[draft.room_id, draft.author_id]
            continue
        if not policies.can_post(membership.user, membership, membership.room, now=now):
            answers[place] = refusal(membership, now)
            continue
        seq = head.last_seq + counts[draft.room_id] + 1
        if draft.reply_to is not None and not 0 < draft.reply_to < seq:
            answers[place] = _no_such_reply()
            continue
        counts[draft.room_id] += 1
        rev = head.rev + counts[draft.room_id]
        whom = directory.addressed(one.marked, membership)
        row = Message(
            room_id=draft.room_id,
            seq=seq,
            rev=rev,
            created_rev=rev,
            author=membership.user,
            client_id=draft.client_id,
            text=draft.text,
            html=whom.html,
            mentioned=whom.stored,
            text_hash=one.text_hash,
            reply_to=draft.reply_to,
            created_at=now,
        )
        rows.append(row)
        if row.mentioned:
            addressing.append((row, whom))
        known[draft.key] = row
        answers[place] = Appended(room_id=draft.room_id, seq=seq, rev=rev)
    _store(rows, counts, stints)
    if addressing:
        mentions_store(addressing)
    return answers


def refusal(membership: Membership, now: datetime) -> Forbidden:
    """Why somebody who is in a room may not post there."""
    if membership.room.archived_at is not None:
        return Forbidden(_("The room is archived."))
    if policies.is_muted(membership, now):
        return Forbidden(_("You may not write here for a while."))
    return Forbidden(_("Only those who lead the room may write here."))


def _stints(ready: dict[int, _Ready], rooms: set[int]) -> dict[tuple[int, int], Membership]:
    rows = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("room", "user")
        .filter(
            room_id__among=rooms,
            user_id__among={one.draft.author_id for one in ready.values()},
            user__is_active=True,
            left_rev=None,
        )
        .only(*_JUDGED)
        .order_by("pk")
    )
    return {(row.room_id, row.user_id): row for row in rows}


def _refusals(
    ready: dict[int, _Ready], stints: dict[tuple[int, int], Membership]
) -> dict[tuple[int, int], ParleyError]:
    """Why those without a stint may not post: to most of them the room does not exist. Two queries, if any."""
    strangers = {(one.draft.room_id, one.draft.author_id) for one in ready.values()} - stints.keys()
    return access.refusals(strangers) if strangers else {}


def _again(before: Message, one: _Ready) -> Appended | ParleyError:
    if bytes(before.text_hash) != one.text_hash:
        return Conflict(_("Another message was sent with this client_id."), fields={"client_id": [_("Already used.")]})
    return Appended(room_id=before.room_id, seq=before.seq, rev=before.created_rev, duplicate=True)


def _no_such_reply() -> Invalid:
    return Invalid(_("The message answered to does not exist."), fields={"reply_to": [_("There is no such message.")]})


def _store(rows: list[Message], counts: dict[int, int], stints: dict[tuple[int, int], Membership]) -> None:
    if not rows:
        return
    Message.objects.bulk_create(rows)
    heads_append(counts=counts)
    # An own message is read, and ends the draft. No rev of the person's is taken: clients see it in the message itself.
    said = {stints[row.room_id, row.author_id].pk: row.seq for row in rows}
    update_each(Membership, said, "read_seq = given.number, sent_seq = given.number")
    publish_on_commit(
        *(
            MessageCreated(room=str(row.room_id), prev=row.rev - 1, rev=row.rev, message=payloads.message(row))
            for row in sorted(rows, key=lambda row: (row.room_id, row.rev))
        )
    )


def message_edit(*, actor: User, room_id: int, seq: int, text: str) -> payloads.Message:
    """Replace a message's text, keeping the earlier one. The same text changes nothing.

    Locks the room's head. Raises Invalid, NotFound, Forbidden; Conflict if the message was deleted.
    """
    marked = Marked.of(render(checked_text(text), mark=True))
    with transaction.atomic():
        head, membership, row = _locked(actor, room_id, seq)
        now = timezone.now()
        if not policies.can_edit(actor, membership, membership.room, author_id=row.author_id, now=now):
            own = row.author_id == actor.pk
            raise refusal(membership, now) if own else Forbidden(_("You may only edit your own messages."))
        if row.deleted_at is not None:
            raise Conflict(_("The message was deleted."))
        if row.text == text:
            return payloads.message(row)
        MessageEdit.objects.create(message=row, editor=actor, text=row.text, edited_at=now)
        membership.user = actor
        whom = Directory([(room_id, marked)], called_before(row) if HERE in marked.keys else {}).addressed(
            marked, membership
        )
        if whom.stored != row.mentioned:
            mentions_replace(message=row, whom=whom)
        row.text, row.html, row.mentioned = text, whom.html, whom.stored
        row.edited_at, row.rev = now, head.rev + 1
        row.save(update_fields=["text", "html", "mentioned", "edited_at", "rev"])
        head_move(head=head, revs=1)
        shape = payloads.message(row)
        publish_on_commit(MessageUpdated(room=str(room_id), prev=row.rev - 1, rev=row.rev, message=shape))
    return shape


def message_delete(*, actor: User, room_id: int, seq: int) -> payloads.Message:
    """Leave a tombstone: the text, its rendering and its earlier wordings are emptied. Again changes nothing.

    Locks the room's head. Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        head, membership, row = _locked(actor, room_id, seq)
        if not policies.can_delete(actor, membership, membership.room, author_id=row.author_id):
            raise Forbidden(_("You may not delete this message."))
        if row.deleted_at is not None:
            return payloads.message(row)
        MessageEdit.objects.filter(message=row).update(text="")
        if row.mentioned:
            mentions_remove(message=row)
        row.text = row.html = row.mentioned = ""
        row.deleted_at, row.rev = timezone.now(), head.rev + 1
        row.save(update_fields=["text", "html", "mentioned", "deleted_at", "rev"])
        head_move(head=head, revs=1)
        shape = payloads.message(row)
        publish_on_commit(MessageDeleted(room=str(room_id), prev=row.rev - 1, rev=row.rev, message=shape))
    return shape


def _locked(actor: User, room_id: int, seq: int) -> tuple[RoomHead, Membership, Message]:
    head = head_lock(room_id=room_id)
    membership = access.entered(person=actor, room_id=room_id)
    row = Message.objects.select_related("author").filter(room_id=room_id, seq=seq).first()
    if row is None:
        raise NotFound(_("There is no such message."))
    return head, membership, row
