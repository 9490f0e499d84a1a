// A link into a room, opened by somebody who is not signed in: its token stands behind the #, where no server sees it, and
// would be lost on the way through the sign-in. It is kept in this tab until the room's page takes it.

const token = location.hash.slice(1);
if (token) {
  sessionStorage.setItem("parley.link", token);
  history.replaceState(null, "", location.pathname);
}
