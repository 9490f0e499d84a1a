"""What a public room is found by."""

from django.db import models

from accounts.names import KEY_LENGTH, keys

from .room import Room


class RoomKey(models.Model):
    """One beginning of a public room's name. As `accounts.models.NameKey`."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.CharField(max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "key"], name="room_key_once")]
        indexes = [models.Index(fields=["key", "room"], name="room_key_begins")]

    def __str__(self) -> str:
        return f"{self.key} of room {self.room_id}"

    @classmethod
    def of(cls, room: Room) -> "list[RoomKey]":
        """The keys of this room as it is called now, not stored; none if it is not public."""
        return [cls(room=room, key=key) for key in keys(room.name)] if room.kind == Room.Kind.PUBLIC else []
