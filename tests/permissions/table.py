"""Who may do what: every endpoint, every command and everything that is heard, for everybody in every kind of room.

Written by hand, from the documents; it imports nothing, least of all the policies. A cell is what she is told:

    ok      it is done (and unless it only reads, something has changed)
    same    it is allowed, and changes nothing
    401     she is nobody: not signed in, or her account is closed
    403     she may know of it, but may not do it
    404     there is no such room (link, invitation …): the same bytes as for one that does not exist
    who?    there is no such person: the same bytes as for one who does not exist
    409     it contradicts what is stored
    yes/no  it is shown to her (she hears it, her words address everybody), or not
    -       nobody can be in this position

The columns of a room:

    anonymous   nobody: no credentials
    stranger    a member of the workspace who was never in the room
    outsider    a guest who was never in the room
    guest       a guest who is in the room
    member      a member of the workspace who is a plain member of the room
    moderator   leads it
    owner       owns it (as another one does, so she may go)
    removed     a member of the workspace who was in the room and was removed; in a group: who left
    ousted      a guest who was in the room and was removed; in a group: who left
    banned      a member of the workspace who was in the room and was banned
    closed      was a member of the room when her account was closed
    staff       may open the admin; otherwise a stranger
    admin       an administrator of the workspace who was never in the room

`archived` and `announcement` are public rooms. The columns of the workspace: a guest, a member, a member of the staff,
a bot, an administrator, an owner; each shares a room with one person (the friend) and none with another (the stranger).
"""

ROOM_COLUMNS = "anonymous stranger outsider guest member moderator owner removed ousted banned closed staff admin"

PUBLIC = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  ok   404  ok   ok   ok   ok   ok   404  ok   401  ok   ok
PATCH  rooms/{room}/ (topic)                    |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (who may post)             |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (archived or not)          |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/join/                       |401  ok   404  same same same same ok   404  403  401  ok   ok
POST   rooms/{room}/leave/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/join/                              |401  ok   ok   same same same same ok   ok   403  401  ok   ok
POST   rooms/join/preview/                      |401  same same same same same same same same same 401  same same
GET    rooms/{room}/links/                      |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/links/                      |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/links/{link}/               |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# one's own place in it
GET    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/read/rewind/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/preferences/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/draft/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
# its people
GET    rooms/{room}/memberships/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  ok
GET    rooms/{room}/receipts/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/memberships/ (a member)     |401  403  404  who? ok   ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/memberships/ (a guest)      |401  403  404  who? 403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/memberships/ (the banned)   |401  403  404  who? 409  409  409  403  404  403  401  403  409
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  403  404  403  403  403  ok   403  404  403  401  403  ok
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/         |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (a lead)|401  403  404  403  403  403  ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (owner) |401  403  404  403  403  403  ok   403  404  403  401  403  ok
GET    rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a lead)              |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a stranger)          |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/bans/{user}/                |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# what is said
GET    rooms/{room}/messages/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/ (since_rev)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/messages/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/messages/ (muted)           |401  403  404  403  403  403  403  403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/             |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/history/     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  403  403  403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (own)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  ok   ok   403  404  403  401  403  403
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  403  404  yes  yes  yes  yes  403  404  403  401  403  403
addresses @room (as those who lead may)         |401  403  404  no   no   yes  yes  403  404  403  401  403  403
addresses @here (as anybody may)                |401  403  404  yes  yes  yes  yes  403  404  403  401  403  403
addresses @here (as those who lead may)         |401  403  404  no   no   yes  yes  403  404  403  401  403  403
# commands
message.send                                    |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
message.send (muted)                            |401  403  404  403  403  403  403  403  404  403  401  403  403
message.edit (own)                              |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
message.edit (another's)                        |401  403  404  403  403  403  403  403  404  403  401  403  403
message.delete (own)                            |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
message.delete (another's)                      |401  403  404  403  403  ok   ok   403  404  403  401  403  403
read.mark                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
read.rewind                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
room.prefer                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
draft.set                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
sync                                            |401  404  404  same same same same 404  404  404  401  404  404
room.focus                                      |401  404  404  same same same same 404  404  404  401  404  404
typing.start                                    |401  404  404  same same same same 404  404  404  401  404  404
typing.start (muted)                            |401  404  404  403  403  403  403  404  404  404  401  404  404
typing.stop                                     |401  404  404  same same same same 404  404  404  401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows rooms/browse/                             |401  yes  no   no   yes  yes  yes  yes  no   yes  401  yes  yes
shows mentions/                                 |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows presence.watch                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows ready                                     |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
# what comes by itself
hears message.created                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.updated                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.deleted                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears room.updated                              |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.joined                             |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.left                               |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears receipt                                   |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears typing                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears presence                                  |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears person.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
"""

PRIVATE = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/ (topic)                    |401  404  404  403  403  ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/ (who may post)             |401  404  404  403  403  ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/ (archived or not)          |401  404  404  403  403  403  ok   404  404  404  401  404  404
POST   rooms/{room}/join/                       |401  404  404  same same same same 404  404  404  401  404  404
POST   rooms/{room}/leave/                      |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
POST   rooms/join/                              |401  ok   ok   same same same same ok   ok   403  401  ok   ok
POST   rooms/join/preview/                      |401  same same same same same same same same same 401  same same
GET    rooms/{room}/links/                      |401  404  404  403  403  ok   ok   404  404  404  401  404  404
POST   rooms/{room}/links/                      |401  404  404  403  403  ok   ok   404  404  404  401  404  404
DELETE rooms/{room}/links/{link}/               |401  404  404  403  403  ok   ok   404  404  404  401  404  404
# one's own place in it
GET    rooms/{room}/read/                       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PUT    rooms/{room}/read/                       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
POST   rooms/{room}/read/rewind/                |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/preferences/                |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PUT    rooms/{room}/draft/                      |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
# its people
GET    rooms/{room}/memberships/                |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
GET    rooms/{room}/receipts/                   |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
POST   rooms/{room}/memberships/ (a member)     |401  404  404  who? 403  ok   ok   404  404  404  401  404  404
POST   rooms/{room}/memberships/ (a guest)      |401  404  404  who? 403  ok   ok   404  404  404  401  404  404
POST   rooms/{room}/memberships/ (the banned)   |401  404  404  who? 403  409  409  404  404  404  401  404  404
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  404  404  403  403  403  ok   404  404  404  401  404  404
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  404  404  403  403  ok   ok   404  404  404  401  404  404
DELETE rooms/{room}/memberships/{user}/         |401  404  404  403  403  ok   ok   404  404  404  401  404  404
DELETE rooms/{room}/memberships/{user}/ (a lead)|401  404  404  403  403  403  ok   404  404  404  401  404  404
DELETE rooms/{room}/memberships/{user}/ (owner) |401  404  404  403  403  403  ok   404  404  404  401  404  404
GET    rooms/{room}/bans/                       |401  404  404  403  403  ok   ok   404  404  404  401  404  404
POST   rooms/{room}/bans/                       |401  404  404  403  403  ok   ok   404  404  404  401  404  404
POST   rooms/{room}/bans/ (a lead)              |401  404  404  403  403  403  ok   404  404  404  401  404  404
POST   rooms/{room}/bans/ (a stranger)          |401  404  404  403  403  ok   ok   404  404  404  401  404  404
DELETE rooms/{room}/bans/{user}/                |401  404  404  403  403  ok   ok   404  404  404  401  404  404
# what is said
GET    rooms/{room}/messages/                   |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
GET    rooms/{room}/messages/ (since_rev)       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
POST   rooms/{room}/messages/                   |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
POST   rooms/{room}/messages/ (muted)           |401  404  404  403  403  403  403  404  404  404  401  404  404
GET    rooms/{room}/messages/{seq}/             |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
GET    rooms/{room}/messages/{seq}/history/     |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  403  403  404  404  404  401  404  404
DELETE rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
DELETE rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  ok   ok   404  404  404  401  404  404
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  404  404  yes  yes  yes  yes  404  404  404  401  404  404
addresses @room (as those who lead may)         |401  404  404  no   no   yes  yes  404  404  404  401  404  404
addresses @here (as anybody may)                |401  404  404  yes  yes  yes  yes  404  404  404  401  404  404
addresses @here (as those who lead may)         |401  404  404  no   no   yes  yes  404  404  404  401  404  404
# commands
message.send                                    |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
message.send (muted)                            |401  404  404  403  403  403  403  404  404  404  401  404  404
message.edit (own)                              |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
message.edit (another's)                        |401  404  404  403  403  403  403  404  404  404  401  404  404
message.delete (own)                            |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
message.delete (another's)                      |401  404  404  403  403  ok   ok   404  404  404  401  404  404
read.mark                                       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
read.rewind                                     |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
room.prefer                                     |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
draft.set                                       |401  404  404  ok   ok   ok   ok   404  404  404  401  404  404
sync                                            |401  404  404  same same same same 404  404  404  401  404  404
room.focus                                      |401  404  404  same same same same 404  404  404  401  404  404
typing.start                                    |401  404  404  same same same same 404  404  404  401  404  404
typing.start (muted)                            |401  404  404  403  403  403  403  404  404  404  401  404  404
typing.stop                                     |401  404  404  same same same same 404  404  404  401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows rooms/browse/                             |401  no   no   no   no   no   no   no   no   no   401  no   no
shows mentions/                                 |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows presence.watch                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows ready                                     |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
# what comes by itself
hears message.created                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.updated                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.deleted                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears room.updated                              |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.joined                             |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.left                               |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears receipt                                   |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears typing                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears presence                                  |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears person.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
"""

# A pair: she and one other, both plain members. Nobody leads it, leaves it, or can be put out of it.
DIRECT = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PATCH  rooms/{room}/ (topic)                    |401  404  404  403  403  -    -    -    -    -    401  404  404
PATCH  rooms/{room}/ (who may post)             |401  404  404  403  403  -    -    -    -    -    401  404  404
PATCH  rooms/{room}/ (archived or not)          |401  404  404  403  403  -    -    -    -    -    401  404  404
POST   rooms/{room}/join/                       |401  404  404  same same -    -    -    -    -    401  404  404
POST   rooms/{room}/leave/                      |401  404  404  409  409  -    -    -    -    -    401  404  404
POST   rooms/join/                              |-    -    -    -    -    -    -    -    -    -    -    -    -
POST   rooms/join/preview/                      |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/links/                      |401  404  404  403  403  -    -    -    -    -    401  404  404
POST   rooms/{room}/links/                      |401  404  404  403  403  -    -    -    -    -    401  404  404
DELETE rooms/{room}/links/{link}/               |401  404  404  403  403  -    -    -    -    -    401  404  404
# one's own place in it
GET    rooms/{room}/read/                       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PUT    rooms/{room}/read/                       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
POST   rooms/{room}/read/rewind/                |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PATCH  rooms/{room}/preferences/                |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PUT    rooms/{room}/draft/                      |401  404  404  ok   ok   -    -    -    -    -    401  404  404
# its people
GET    rooms/{room}/memberships/                |401  404  404  ok   ok   -    -    -    -    -    401  404  404
GET    rooms/{room}/receipts/                   |401  404  404  ok   ok   -    -    -    -    -    401  404  404
POST   rooms/{room}/memberships/ (a member)     |401  404  404  who? 403  -    -    -    -    -    401  404  404
POST   rooms/{room}/memberships/ (a guest)      |401  404  404  who? 403  -    -    -    -    -    401  404  404
POST   rooms/{room}/memberships/ (the banned)   |-    -    -    -    -    -    -    -    -    -    -    -    -
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  404  404  403  403  -    -    -    -    -    401  404  404
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  404  404  403  403  -    -    -    -    -    401  404  404
DELETE rooms/{room}/memberships/{user}/         |401  404  404  403  403  -    -    -    -    -    401  404  404
DELETE rooms/{room}/memberships/{user}/ (a lead)|-    -    -    -    -    -    -    -    -    -    -    -    -
DELETE rooms/{room}/memberships/{user}/ (owner) |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/bans/                       |401  404  404  403  403  -    -    -    -    -    401  404  404
POST   rooms/{room}/bans/                       |401  404  404  403  403  -    -    -    -    -    401  404  404
POST   rooms/{room}/bans/ (a lead)              |-    -    -    -    -    -    -    -    -    -    -    -    -
POST   rooms/{room}/bans/ (a stranger)          |401  404  404  403  403  -    -    -    -    -    401  404  404
DELETE rooms/{room}/bans/{user}/                |401  404  404  403  403  -    -    -    -    -    401  404  404
# what is said
GET    rooms/{room}/messages/                   |401  404  404  ok   ok   -    -    -    -    -    401  404  404
GET    rooms/{room}/messages/ (since_rev)       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
POST   rooms/{room}/messages/                   |401  404  404  ok   ok   -    -    -    -    -    401  404  404
POST   rooms/{room}/messages/ (muted)           |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/messages/{seq}/             |401  404  404  ok   ok   -    -    -    -    -    401  404  404
GET    rooms/{room}/messages/{seq}/history/     |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  -    -    -    -    -    401  404  404
DELETE rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
DELETE rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  -    -    -    -    -    401  404  404
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  404  404  yes  yes  -    -    -    -    -    401  404  404
addresses @room (as those who lead may)         |-    -    -    -    -    -    -    -    -    -    -    -    -
addresses @here (as anybody may)                |401  404  404  yes  yes  -    -    -    -    -    401  404  404
addresses @here (as those who lead may)         |-    -    -    -    -    -    -    -    -    -    -    -    -
# commands
message.send                                    |401  404  404  ok   ok   -    -    -    -    -    401  404  404
message.send (muted)                            |-    -    -    -    -    -    -    -    -    -    -    -    -
message.edit (own)                              |401  404  404  ok   ok   -    -    -    -    -    401  404  404
message.edit (another's)                        |401  404  404  403  403  -    -    -    -    -    401  404  404
message.delete (own)                            |401  404  404  ok   ok   -    -    -    -    -    401  404  404
message.delete (another's)                      |401  404  404  403  403  -    -    -    -    -    401  404  404
read.mark                                       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
read.rewind                                     |401  404  404  ok   ok   -    -    -    -    -    401  404  404
room.prefer                                     |401  404  404  ok   ok   -    -    -    -    -    401  404  404
draft.set                                       |401  404  404  ok   ok   -    -    -    -    -    401  404  404
sync                                            |401  404  404  same same -    -    -    -    -    401  404  404
room.focus                                      |401  404  404  same same -    -    -    -    -    401  404  404
typing.start                                    |401  404  404  same same -    -    -    -    -    401  404  404
typing.start (muted)                            |-    -    -    -    -    -    -    -    -    -    -    -    -
typing.stop                                     |401  404  404  same same -    -    -    -    -    401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  -    -    -    -    -    401  no   no
shows rooms/browse/                             |401  no   no   no   no   -    -    -    -    -    401  no   no
shows mentions/                                 |401  no   no   yes  yes  -    -    -    -    -    401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  -    -    -    -    -    401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  -    -    -    -    -    401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  -    -    -    -    -    401  no   no
shows presence.watch                            |401  no   no   yes  yes  -    -    -    -    -    401  no   no
shows ready                                     |401  no   no   yes  yes  -    -    -    -    -    401  no   no
# what comes by itself
hears message.created                           |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears message.updated                           |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears message.deleted                           |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears room.updated                              |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.joined                             |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.updated                            |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.left                               |-    -    -    -    -    -    -    -    -    -    -    -    -
hears receipt                                   |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears typing                                    |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears presence                                  |401  no   no   yes  yes  -    -    -    -    -    401  no   no
hears person.updated                            |401  no   no   yes  yes  -    -    -    -    -    401  no   no
"""

# A few, all plain members: everybody may name it and leave it, nobody is added, put out or banned.
GROUP = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PATCH  rooms/{room}/ (topic)                    |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PATCH  rooms/{room}/ (who may post)             |401  404  404  403  403  -    -    404  404  -    401  404  404
PATCH  rooms/{room}/ (archived or not)          |401  404  404  403  403  -    -    404  404  -    401  404  404
POST   rooms/{room}/join/                       |401  404  404  same same -    -    404  404  -    401  404  404
POST   rooms/{room}/leave/                      |401  404  404  ok   ok   -    -    404  404  -    401  404  404
POST   rooms/join/                              |-    -    -    -    -    -    -    -    -    -    -    -    -
POST   rooms/join/preview/                      |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/links/                      |401  404  404  403  403  -    -    404  404  -    401  404  404
POST   rooms/{room}/links/                      |401  404  404  403  403  -    -    404  404  -    401  404  404
DELETE rooms/{room}/links/{link}/               |401  404  404  403  403  -    -    404  404  -    401  404  404
# one's own place in it
GET    rooms/{room}/read/                       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PUT    rooms/{room}/read/                       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
POST   rooms/{room}/read/rewind/                |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PATCH  rooms/{room}/preferences/                |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PUT    rooms/{room}/draft/                      |401  404  404  ok   ok   -    -    404  404  -    401  404  404
# its people
GET    rooms/{room}/memberships/                |401  404  404  ok   ok   -    -    404  404  -    401  404  404
GET    rooms/{room}/receipts/                   |401  404  404  ok   ok   -    -    404  404  -    401  404  404
POST   rooms/{room}/memberships/ (a member)     |401  404  404  who? 403  -    -    404  404  -    401  404  404
POST   rooms/{room}/memberships/ (a guest)      |401  404  404  who? 403  -    -    404  404  -    401  404  404
POST   rooms/{room}/memberships/ (the banned)   |-    -    -    -    -    -    -    -    -    -    -    -    -
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  404  404  403  403  -    -    404  404  -    401  404  404
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  404  404  403  403  -    -    404  404  -    401  404  404
DELETE rooms/{room}/memberships/{user}/         |401  404  404  403  403  -    -    404  404  -    401  404  404
DELETE rooms/{room}/memberships/{user}/ (a lead)|-    -    -    -    -    -    -    -    -    -    -    -    -
DELETE rooms/{room}/memberships/{user}/ (owner) |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/bans/                       |401  404  404  403  403  -    -    404  404  -    401  404  404
POST   rooms/{room}/bans/                       |401  404  404  403  403  -    -    404  404  -    401  404  404
POST   rooms/{room}/bans/ (a lead)              |-    -    -    -    -    -    -    -    -    -    -    -    -
POST   rooms/{room}/bans/ (a stranger)          |401  404  404  403  403  -    -    404  404  -    401  404  404
DELETE rooms/{room}/bans/{user}/                |401  404  404  403  403  -    -    404  404  -    401  404  404
# what is said
GET    rooms/{room}/messages/                   |401  404  404  ok   ok   -    -    404  404  -    401  404  404
GET    rooms/{room}/messages/ (since_rev)       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
POST   rooms/{room}/messages/                   |401  404  404  ok   ok   -    -    404  404  -    401  404  404
POST   rooms/{room}/messages/ (muted)           |-    -    -    -    -    -    -    -    -    -    -    -    -
GET    rooms/{room}/messages/{seq}/             |401  404  404  ok   ok   -    -    404  404  -    401  404  404
GET    rooms/{room}/messages/{seq}/history/     |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  -    -    404  404  -    401  404  404
DELETE rooms/{room}/messages/{seq}/ (own)       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
DELETE rooms/{room}/messages/{seq}/ (another's) |401  404  404  403  403  -    -    404  404  -    401  404  404
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  404  404  yes  yes  -    -    404  404  -    401  404  404
addresses @room (as those who lead may)         |-    -    -    -    -    -    -    -    -    -    -    -    -
addresses @here (as anybody may)                |401  404  404  yes  yes  -    -    404  404  -    401  404  404
addresses @here (as those who lead may)         |-    -    -    -    -    -    -    -    -    -    -    -    -
# commands
message.send                                    |401  404  404  ok   ok   -    -    404  404  -    401  404  404
message.send (muted)                            |-    -    -    -    -    -    -    -    -    -    -    -    -
message.edit (own)                              |401  404  404  ok   ok   -    -    404  404  -    401  404  404
message.edit (another's)                        |401  404  404  403  403  -    -    404  404  -    401  404  404
message.delete (own)                            |401  404  404  ok   ok   -    -    404  404  -    401  404  404
message.delete (another's)                      |401  404  404  403  403  -    -    404  404  -    401  404  404
read.mark                                       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
read.rewind                                     |401  404  404  ok   ok   -    -    404  404  -    401  404  404
room.prefer                                     |401  404  404  ok   ok   -    -    404  404  -    401  404  404
draft.set                                       |401  404  404  ok   ok   -    -    404  404  -    401  404  404
sync                                            |401  404  404  same same -    -    404  404  -    401  404  404
room.focus                                      |401  404  404  same same -    -    404  404  -    401  404  404
typing.start                                    |401  404  404  same same -    -    404  404  -    401  404  404
typing.start (muted)                            |-    -    -    -    -    -    -    -    -    -    -    -    -
typing.stop                                     |401  404  404  same same -    -    404  404  -    401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  -    -    no   no   -    401  no   no
shows rooms/browse/                             |401  no   no   no   no   -    -    no   no   -    401  no   no
shows mentions/                                 |401  no   no   yes  yes  -    -    no   no   -    401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  -    -    yes  no   -    401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  -    -    yes  no   -    401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  -    -    no   no   -    401  no   no
shows presence.watch                            |401  no   no   yes  yes  -    -    no   no   -    401  no   no
shows ready                                     |401  no   no   yes  yes  -    -    no   no   -    401  no   no
# what comes by itself
hears message.created                           |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears message.updated                           |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears message.deleted                           |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears room.updated                              |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears member.joined                             |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.updated                            |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.left                               |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears receipt                                   |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears typing                                    |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears presence                                  |401  no   no   yes  yes  -    -    no   no   -    401  no   no
hears person.updated                            |401  no   no   yes  yes  -    -    no   no   -    401  no   no
"""

# Kept and read, found by who knows where it is, but nothing is said in it and nobody comes in.
ARCHIVED = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  ok   404  ok   ok   ok   ok   ok   404  ok   401  ok   ok
PATCH  rooms/{room}/ (topic)                    |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (who may post)             |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (archived or not)          |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/join/                       |401  409  404  same same same same 409  404  409  401  409  409
POST   rooms/{room}/leave/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/join/                              |401  404  404  404  404  404  404  404  404  404  401  404  404
POST   rooms/join/preview/                      |401  404  404  404  404  404  404  404  404  404  401  404  404
GET    rooms/{room}/links/                      |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/links/                      |401  403  404  403  403  409  409  403  404  403  401  403  409
DELETE rooms/{room}/links/{link}/               |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# one's own place in it
GET    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/read/rewind/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/preferences/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/draft/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
# its people
GET    rooms/{room}/memberships/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  ok
GET    rooms/{room}/receipts/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/memberships/ (a member)     |401  403  404  who? 409  409  409  403  404  403  401  403  409
POST   rooms/{room}/memberships/ (a guest)      |401  403  404  who? 409  409  409  403  404  403  401  403  409
POST   rooms/{room}/memberships/ (the banned)   |401  403  404  who? 409  409  409  403  404  403  401  403  409
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  403  404  403  403  403  ok   403  404  403  401  403  ok
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/         |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (a lead)|401  403  404  403  403  403  ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (owner) |401  403  404  403  403  403  ok   403  404  403  401  403  ok
GET    rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a lead)              |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a stranger)          |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/bans/{user}/                |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# what is said
GET    rooms/{room}/messages/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/ (since_rev)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/messages/                   |401  403  404  403  403  403  403  403  404  403  401  403  403
POST   rooms/{room}/messages/ (muted)           |401  403  404  403  403  403  403  403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/             |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/history/     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  403  404  403  403  403  403  403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  403  403  403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (own)       |401  403  404  403  403  403  403  403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  403  403  403  404  403  401  403  403
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  403  404  403  403  403  403  403  404  403  401  403  403
addresses @room (as those who lead may)         |401  403  404  403  403  403  403  403  404  403  401  403  403
addresses @here (as anybody may)                |401  403  404  403  403  403  403  403  404  403  401  403  403
addresses @here (as those who lead may)         |401  403  404  403  403  403  403  403  404  403  401  403  403
# commands
message.send                                    |401  403  404  403  403  403  403  403  404  403  401  403  403
message.send (muted)                            |401  403  404  403  403  403  403  403  404  403  401  403  403
message.edit (own)                              |401  403  404  403  403  403  403  403  404  403  401  403  403
message.edit (another's)                        |401  403  404  403  403  403  403  403  404  403  401  403  403
message.delete (own)                            |401  403  404  403  403  403  403  403  404  403  401  403  403
message.delete (another's)                      |401  403  404  403  403  403  403  403  404  403  401  403  403
read.mark                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
read.rewind                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
room.prefer                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
draft.set                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
sync                                            |401  404  404  same same same same 404  404  404  401  404  404
room.focus                                      |401  404  404  same same same same 404  404  404  401  404  404
typing.start                                    |401  404  404  403  403  403  403  404  404  404  401  404  404
typing.start (muted)                            |401  404  404  403  403  403  403  404  404  404  401  404  404
typing.stop                                     |401  404  404  same same same same 404  404  404  401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows rooms/browse/                             |401  no   no   no   no   no   no   no   no   no   401  no   no
shows mentions/                                 |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows presence.watch                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows ready                                     |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
# what comes by itself
hears message.created                           |-    -    -    -    -    -    -    -    -    -    -    -    -
hears message.updated                           |-    -    -    -    -    -    -    -    -    -    -    -    -
hears message.deleted                           |-    -    -    -    -    -    -    -    -    -    -    -    -
hears room.updated                              |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.joined                             |-    -    -    -    -    -    -    -    -    -    -    -    -
hears member.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.left                               |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears receipt                                   |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears typing                                    |401  no   no   no   no   no   no    no   no   no   401  no   no
hears presence                                  |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears person.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
"""

# Public, but only those who lead it say something.
ANNOUNCEMENT = """
                                                |anon stra outs gues memb mode owne remo oust bann clos staf admi
# the room
GET    rooms/{room}/                            |401  ok   404  ok   ok   ok   ok   ok   404  ok   401  ok   ok
PATCH  rooms/{room}/ (topic)                    |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (who may post)             |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
PATCH  rooms/{room}/ (archived or not)          |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/join/                       |401  ok   404  same same same same ok   404  403  401  ok   ok
POST   rooms/{room}/leave/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/join/                              |401  ok   ok   same same same same ok   ok   403  401  ok   ok
POST   rooms/join/preview/                      |401  same same same same same same same same same 401  same same
GET    rooms/{room}/links/                      |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/links/                      |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/links/{link}/               |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# one's own place in it
GET    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/read/                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/read/rewind/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/preferences/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PUT    rooms/{room}/draft/                      |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
# its people
GET    rooms/{room}/memberships/                |401  403  404  ok   ok   ok   ok   403  404  403  401  403  ok
GET    rooms/{room}/receipts/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/memberships/ (a member)     |401  403  404  who? ok   ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/memberships/ (a guest)      |401  403  404  who? 403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/memberships/ (the banned)   |401  403  404  who? 409  409  409  403  404  403  401  403  409
PATCH  rooms/{room}/memberships/{user}/ (role)  |401  403  404  403  403  403  ok   403  404  403  401  403  ok
PATCH  rooms/{room}/memberships/{user}/ (mute)  |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/         |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (a lead)|401  403  404  403  403  403  ok   403  404  403  401  403  ok
DELETE rooms/{room}/memberships/{user}/ (owner) |401  403  404  403  403  403  ok   403  404  403  401  403  ok
GET    rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/                       |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a lead)              |401  403  404  403  403  403  ok   403  404  403  401  403  ok
POST   rooms/{room}/bans/ (a stranger)          |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
DELETE rooms/{room}/bans/{user}/                |401  403  404  403  403  ok   ok   403  404  403  401  403  ok
# what is said
GET    rooms/{room}/messages/                   |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/ (since_rev)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
POST   rooms/{room}/messages/                   |401  403  404  403  403  ok   ok   403  404  403  401  403  403
POST   rooms/{room}/messages/ (muted)           |401  403  404  403  403  403  403  403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/             |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
GET    rooms/{room}/messages/{seq}/history/     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (own)       |401  403  404  403  403  ok   ok   403  404  403  401  403  403
PATCH  rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  403  403  403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (own)       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
DELETE rooms/{room}/messages/{seq}/ (another's) |401  403  404  403  403  ok   ok   403  404  403  401  403  403
# whether her @room and @here are addressed to everybody
addresses @room (as anybody may)                |401  403  404  403  403  yes  yes  403  404  403  401  403  403
addresses @room (as those who lead may)         |401  403  404  403  403  yes  yes  403  404  403  401  403  403
addresses @here (as anybody may)                |401  403  404  403  403  yes  yes  403  404  403  401  403  403
addresses @here (as those who lead may)         |401  403  404  403  403  yes  yes  403  404  403  401  403  403
# commands
message.send                                    |401  403  404  403  403  ok   ok   403  404  403  401  403  403
message.send (muted)                            |401  403  404  403  403  403  403  403  404  403  401  403  403
message.edit (own)                              |401  403  404  403  403  ok   ok   403  404  403  401  403  403
message.edit (another's)                        |401  403  404  403  403  403  403  403  404  403  401  403  403
message.delete (own)                            |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
message.delete (another's)                      |401  403  404  403  403  ok   ok   403  404  403  401  403  403
read.mark                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
read.rewind                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
room.prefer                                     |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
draft.set                                       |401  403  404  ok   ok   ok   ok   403  404  403  401  403  403
sync                                            |401  404  404  same same same same 404  404  404  401  404  404
room.focus                                      |401  404  404  same same same same 404  404  404  401  404  404
typing.start                                    |401  404  404  403  403  same same 404  404  404  401  404  404
typing.start (muted)                            |401  404  404  403  403  403  403  404  404  404  401  404  404
typing.stop                                     |401  404  404  same same same same 404  404  404  401  404  404
# what shows the room, or somebody in it
shows rooms/                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows rooms/browse/                             |401  yes  no   no   yes  yes  yes  yes  no   yes  401  yes  yes
shows mentions/                                 |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows people/ (by name)                         |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/ (by id)                           |401  yes  no   yes  yes  yes  yes  yes  no   yes  401  yes  yes
shows people/{user}/rooms/                      |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows presence.watch                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
shows ready                                     |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
# what comes by itself
hears message.created                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.updated                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears message.deleted                           |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears room.updated                              |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.joined                             |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears member.left                               |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears receipt                                   |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears typing                                    |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears presence                                  |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
hears person.updated                            |401  no   no   yes  yes  yes  yes  no   no   no   401  no   no
"""

ROOMS = {
    "public": PUBLIC,
    "private": PRIVATE,
    "direct": DIRECT,
    "group": GROUP,
    "archived": ARCHIVED,
    "announcement": ANNOUNCEMENT,
}

WORKSPACE_COLUMNS = "anonymous guest member staff bot admin owner closed"

# Members do not invite unless a setting lets them, which is not set here. There are two owners.
WORKSPACE = """
                                                |anon gues memb staf bot  admi owne clos
# oneself
GET    me/                                      |401  ok   ok   ok   ok   ok   ok   401
PATCH  me/                                      |401  ok   ok   ok   ok   ok   ok   401
PUT    me/picture/                              |401  ok   ok   ok   ok   ok   ok   401
DELETE me/picture/                              |401  same same same same same same 401
GET    me/devices/                              |401  ok   ok   ok   ok   ok   ok   401
DELETE me/devices/{device}/ (own)               |401  ok   ok   ok   403  ok   ok   401
DELETE me/devices/{device}/ (another's)         |401  404  404  404  403  404  404  401
DELETE me/devices/                              |401  ok   ok   ok   403  ok   ok   401
GET    me/tokens/                               |401  ok   ok   ok   403  ok   ok   401
POST   me/tokens/                               |401  ok   ok   ok   403  ok   ok   401
DELETE me/tokens/{token}/ (own)                 |401  ok   ok   ok   403  ok   ok   401
DELETE me/tokens/{token}/ (another's)           |401  404  404  404  403  404  404  401
POST   ws-ticket/                               |401  ok   ok   ok   ok   ok   ok   401
POST   auth/token/                              |401  ok   ok   ok   401  ok   ok   401
POST   auth/token/refresh/                      |401  ok   ok   ok   401  ok   ok   401
POST   auth/token/revoke/                       |401  ok   ok   ok   ok   ok   ok   401
# the workspace's doors
GET    invitations/                             |401  403  403  403  403  ok   ok   401
POST   invitations/ (a guest)                   |401  403  403  403  403  ok   ok   401
POST   invitations/ (an administrator)          |401  403  403  403  403  ok   ok   401
DELETE invitations/{invitation}/                |401  404  404  404  404  ok   ok   401
# its bots
GET    bots/                                    |401  403  403  403  403  ok   ok   401
POST   bots/                                    |401  403  403  403  403  ok   ok   401
PATCH  bots/{bot}/                              |401  403  403  403  403  ok   ok   401
GET    bots/{bot}/tokens/                       |401  403  403  403  403  ok   ok   401
POST   bots/{bot}/tokens/                       |401  403  403  403  403  ok   ok   401
DELETE bots/{bot}/tokens/{token}/               |401  403  403  403  403  ok   ok   401
# its people
GET    admin/people/                            |401  403  403  403  403  ok   ok   401
PATCH  admin/people/{user}/ (a guest)           |401  403  403  403  403  ok   ok   401
PATCH  admin/people/{user}/ (an administrator)  |401  403  403  403  403  403  ok   401
PATCH  admin/people/{user}/ (an owner)          |401  403  403  403  403  403  ok   401
PATCH  admin/people/{user}/ (made owner)        |401  403  403  403  403  403  ok   401
PATCH  admin/people/{user}/ (closed)            |401  403  403  403  403  ok   ok   401
PATCH  admin/people/{user}/ (an owner, closed)  |401  403  403  403  403  403  ok   401
PATCH  admin/people/{user}/ (reopened)          |401  403  403  403  403  ok   ok   401
POST   admin/people/close/                      |401  403  403  403  403  ok   ok   401
POST   admin/people/close/ (an owner among them)|401  403  403  403  403  403  ok   401
# rooms and conversations
GET    rooms/                                   |401  ok   ok   ok   ok   ok   ok   401
POST   rooms/                                   |401  403  ok   ok   ok   ok   ok   401
POST   rooms/ (with a stranger in it)           |401  403  ok   ok   ok   ok   ok   401
GET    rooms/browse/                            |401  ok   ok   ok   ok   ok   ok   401
GET    mentions/                                |401  ok   ok   ok   ok   ok   ok   401
GET    people/                                  |401  ok   ok   ok   ok   ok   ok   401
GET    people/{user}/rooms/                     |401  ok   ok   ok   ok   ok   ok   401
POST   direct/ (the friend)                     |401  ok   ok   ok   ok   ok   ok   401
POST   direct/ (the stranger)                   |401  who? ok   ok   ok   ok   ok   401
POST   direct/ (a closed account)               |401  who? who? who? who? who? who? 401
POST   groups/ (friends)                        |401  ok   ok   ok   ok   ok   ok   401
POST   groups/ (a stranger among them)          |401  who? ok   ok   ok   ok   ok   401
# commands
hello                                           |401  ok   ok   ok   ok   ok   ok   401
ping                                            |401  same same same same same same 401
pong                                            |401  same same same same same same 401
presence.set                                    |401  same same same same same same 401
presence.watch                                  |401  same same same same same same 401
# who is shown
shows people/ (the friend by name)              |401  yes  yes  yes  yes  yes  yes  401
shows people/ (the friend by id)                |401  yes  yes  yes  yes  yes  yes  401
shows people/ (the stranger by name)            |401  no   yes  yes  yes  yes  yes  401
shows people/ (the stranger by id)              |401  no   yes  yes  yes  yes  yes  401
shows people/ (a closed account by name)        |401  no   no   no   no   no   no   401
shows people/ (a closed account by id)          |401  no   yes  yes  yes  yes  yes  401
shows presence.watch (the friend)               |401  yes  yes  yes  yes  yes  yes  401
shows presence.watch (the stranger)             |401  no   no   no   no   no   no   401
shows presence.watch (a closed account)         |401  no   no   no   no   no   no   401
shows admin/people/ (e-mail addresses)          |401  403  403  403  403  yes  yes  401
"""

TOKEN_COLUMNS = "read write admin signed-in"

# How far an API token goes. It is the token of an owner of the workspace, who may all of this if she signs in.
TOKENS = """
                                                |read writ admi sign
GET    me/                                      |ok   ok   ok   ok
PATCH  me/                                      |403  ok   ok   ok
PUT    me/picture/                              |403  ok   ok   ok
DELETE me/picture/                              |403  ok   ok   ok
GET    me/devices/                              |ok   ok   ok   ok
DELETE me/devices/                              |403  403  403  ok
DELETE me/devices/{device}/                     |403  403  403  ok
GET    me/tokens/                               |403  403  403  ok
POST   me/tokens/                               |403  403  403  ok
DELETE me/tokens/{token}/                       |403  403  403  ok
POST   ws-ticket/                               |ok   ok   ok   ok
POST   auth/token/revoke/                       |ok   ok   ok   ok
GET    invitations/                             |403  403  ok   ok
POST   invitations/                             |403  403  ok   ok
DELETE invitations/{invitation}/                |403  403  ok   ok
GET    bots/                                    |403  403  ok   ok
POST   bots/                                    |403  403  ok   ok
PATCH  bots/{bot}/                              |403  403  ok   ok
GET    bots/{bot}/tokens/                       |403  403  403  ok
POST   bots/{bot}/tokens/                       |403  403  403  ok
DELETE bots/{bot}/tokens/{token}/               |403  403  403  ok
GET    admin/people/                            |403  403  ok   ok
PATCH  admin/people/{user}/                     |403  403  ok   ok
POST   admin/people/close/                      |403  403  ok   ok
GET    rooms/                                   |ok   ok   ok   ok
POST   rooms/                                   |403  ok   ok   ok
GET    rooms/browse/                            |ok   ok   ok   ok
POST   rooms/join/                              |403  ok   ok   ok
POST   rooms/join/preview/                      |403  ok   ok   ok
GET    rooms/{room}/                            |ok   ok   ok   ok
PATCH  rooms/{room}/                            |403  ok   ok   ok
POST   rooms/{room}/join/                       |403  ok   ok   ok
POST   rooms/{room}/leave/                      |403  ok   ok   ok
GET    rooms/{room}/read/                       |ok   ok   ok   ok
PUT    rooms/{room}/read/                       |403  ok   ok   ok
POST   rooms/{room}/read/rewind/                |403  ok   ok   ok
GET    rooms/{room}/receipts/                   |ok   ok   ok   ok
PATCH  rooms/{room}/preferences/                |403  ok   ok   ok
PUT    rooms/{room}/draft/                      |403  ok   ok   ok
GET    rooms/{room}/bans/                       |ok   ok   ok   ok
POST   rooms/{room}/bans/                       |403  ok   ok   ok
DELETE rooms/{room}/bans/{user}/                |403  ok   ok   ok
GET    rooms/{room}/links/                      |ok   ok   ok   ok
POST   rooms/{room}/links/                      |403  ok   ok   ok
DELETE rooms/{room}/links/{link}/               |403  ok   ok   ok
GET    rooms/{room}/memberships/                |ok   ok   ok   ok
POST   rooms/{room}/memberships/                |403  ok   ok   ok
PATCH  rooms/{room}/memberships/{user}/         |403  ok   ok   ok
DELETE rooms/{room}/memberships/{user}/         |403  ok   ok   ok
GET    rooms/{room}/messages/                   |ok   ok   ok   ok
POST   rooms/{room}/messages/                   |403  ok   ok   ok
GET    rooms/{room}/messages/{seq}/             |ok   ok   ok   ok
PATCH  rooms/{room}/messages/{seq}/             |403  ok   ok   ok
DELETE rooms/{room}/messages/{seq}/             |403  ok   ok   ok
GET    rooms/{room}/messages/{seq}/history/     |ok   ok   ok   ok
POST   direct/                                  |403  ok   ok   ok
POST   groups/                                  |403  ok   ok   ok
GET    mentions/                                |ok   ok   ok   ok
GET    people/                                  |ok   ok   ok   ok
GET    people/{user}/rooms/                     |ok   ok   ok   ok
hello                                           |ok   ok   ok   ok
ping                                            |ok   ok   ok   ok
pong                                            |ok   ok   ok   ok
sync                                            |ok   ok   ok   ok
room.focus                                      |ok   ok   ok   ok
presence.watch                                  |ok   ok   ok   ok
presence.set                                    |403  ok   ok   ok
typing.start                                    |403  ok   ok   ok
typing.stop                                     |403  ok   ok   ok
message.send                                    |403  ok   ok   ok
message.edit                                    |403  ok   ok   ok
message.delete                                  |403  ok   ok   ok
read.mark                                       |403  ok   ok   ok
read.rewind                                     |403  ok   ok   ok
room.prefer                                     |403  ok   ok   ok
draft.set                                       |403  ok   ok   ok
"""

# Only who comes with a password or a refresh token, and no header, is answered by these.
NO_TOKEN_ASKED = """
POST   auth/token/
POST   auth/token/refresh/
"""

# Frames that go to the one socket, or the one person, they are about.
FRAMES_OF_ONES_OWN = """
ready ready.rooms room.synced room.reset user.state ack error ping pong bye
"""

PAGE_COLUMNS = "anonymous guest member staff admin owner closed"

# Pages. 302: to the page where one signs in.
PAGES = """
                                                |anon gues memb staf admi owne clos
/                                               |302  ok   ok   ok   ok   ok   302
/rooms/{room}/                                  |302  ok   ok   ok   ok   ok   302
/rooms/join/                                    |ok   ok   ok   ok   ok   ok   ok
/pictures/{picture}/96.webp                     |401  ok   ok   ok   ok   ok   401
/admin/                                         |302  302  302  ok   302  302  302
/admin/ (every list)                            |302  302  302  ok   302  302  302
/admin/ (every row)                             |302  302  302  ok   302  302  302
/admin/chat/room/{room}/read/ (a public one)    |302  302  302  ok   302  302  302
/admin/chat/room/{room}/read/ (a private one)   |302  302  302  403  302  302  302
/admin/chat/room/{room}/read/ (a pair's)        |302  302  302  403  302  302  302
/admin/chat/room/{room}/read/ (a group's)       |302  302  302  403  302  302  302
"""
