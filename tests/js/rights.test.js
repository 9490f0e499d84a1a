import assert from "node:assert/strict";
import { test } from "node:test";
import { isLastOwner, rightsOf } from "parley/views/rights.js";

const named = ["update", "rules", "archive", "roles", "bans", "link", "add", "leave"];
const mine = (room, role = "member") => {
  const rights = rightsOf({ kind: "private", role: "member", archived: false, ...room }, { id: "1", role });
  return named.filter((name) => rights[name]);
};
const over = (room, target, role = "member") => rightsOf({ archived: false, ...room }, { id: "1", role }).over({ user: { id: target.id ?? "2" }, role: target.role });

test("owners own, moderators lead, members take part, guests lead nothing", () => {
  assert.deepEqual(mine({ role: "owner" }), named);
  assert.deepEqual(mine({ role: "moderator" }), ["update", "rules", "bans", "link", "add", "leave"]);
  assert.deepEqual(mine({}), ["leave"]);
  assert.deepEqual(mine({ kind: "public" }), ["add", "leave"]);
  assert.deepEqual(mine({ kind: "public" }, "guest"), ["leave"]);
  assert.deepEqual(mine({ role: "owner" }, "guest"), ["leave"]);
});

test("who runs the workspace runs its public rooms, and no others", () => {
  for (const role of ["owner", "admin"]) {
    assert.deepEqual(mine({ kind: "public" }, role), named);
    assert.deepEqual(mine({ kind: "private" }, role), ["leave"]);
  }
});

test("nobody comes into an archived room; a group is everybody's, a pair nobody leaves", () => {
  assert.deepEqual(mine({ role: "owner", archived: true }), ["update", "rules", "archive", "roles", "bans", "leave"]);
  assert.deepEqual(mine({ kind: "group" }), ["update", "leave"]);
  assert.deepEqual(mine({ kind: "direct" }), []);
});

test("moderators are over members, owners over everybody, nobody over herself", () => {
  for (const [role, expected] of [["owner", [true, true, true]], ["moderator", [true, false, false]], ["member", [false, false, false]]]) {
    const room = { kind: "private", role };
    assert.deepEqual(["member", "moderator", "owner"].map((one) => over(room, { role: one })), expected, role);
    assert.equal(over(room, { id: "1", role: "member" }), false);
  }
});

test("the last owner is she who leaves others behind without one", () => {
  const owner = { user: { id: "1" }, role: "owner" };
  const other = (role) => ({ user: { id: "2" }, role });
  assert.equal(isLastOwner([owner], "1", {}), false);
  assert.equal(isLastOwner([owner, other("moderator")], "1", {}), true);
  assert.equal(isLastOwner([owner, other("owner")], "1", {}), false);
  assert.equal(isLastOwner([owner, other("member")], "2", {}), false);
  assert.equal(isLastOwner([owner, other("owner"), { user: { id: "3", bot: true }, role: "member" }], "1", {}), false);
  const gone = { "2": { id: "2", deactivated: true } };
  assert.equal(isLastOwner([owner, other("owner"), { user: { id: "3" }, role: "member" }], "1", gone), true, "a closed account owns nothing");
  assert.equal(isLastOwner([owner, other("member")], "1", gone), false, "nor could it");
});
