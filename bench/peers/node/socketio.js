// Socket.IO rooms; a message is inserted into PostgreSQL before it is sent to the room. No sign-in, no permissions.
const { createServer } = require("node:http");
const { Pool } = require("pg");
const { Server } = require("socket.io");

const [port, database] = process.argv.slice(2);
const pool = new Pool({ connectionString: database, max: 16 });
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
const insert = {
  name: "insert",
  text: "INSERT INTO message (room, author, text, created_at) VALUES ($1, $2, $3, now()) RETURNING id",
};

io.on("connection", (socket) => {
  let room = "";
  socket.on("join", async (name, joined) => {
    room = name;
    await socket.join(name);
    joined();
  });
  socket.on("send", async (text) => {
    await pool.query({ ...insert, values: [room, socket.id, text] });
    io.to(room).emit("message", text);
  });
});

async function main() {
  await pool.query(
    "CREATE TABLE IF NOT EXISTS message (id bigserial PRIMARY KEY, room text NOT NULL, author text NOT NULL, " +
      "text text NOT NULL, created_at timestamptz NOT NULL)",
  );
  await pool.query("CREATE INDEX IF NOT EXISTS message_room ON message (room, id)");
  http.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 });
}

main();
