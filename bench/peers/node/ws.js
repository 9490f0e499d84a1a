// A `ws` loop: rooms by address, no sign-in, nothing stored. What somebody says goes to everybody in the room.
const { WebSocketServer, WebSocket } = require("ws");

const [port] = process.argv.slice(2).map(Number);
const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port, backlog: 4096 });

server.on("connection", (socket, request) => {
  const room = rooms.get(request.url) ?? rooms.set(request.url, new Set()).get(request.url);
  room.add(socket);
  socket.on("message", (data, isBinary) => {
    for (const other of room) if (other.readyState === WebSocket.OPEN) other.send(data, { binary: isBinary });
  });
  socket.on("close", () => room.delete(socket));
  socket.on("error", () => {});
});
