package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A dialect is how one kind of server wants to be talked to.
type dialect interface {
	// upgrade is the path and the headers of the handshake.
	upgrade(c *conn) (path, headers string)
	// opened is called when the handshake is done.
	opened(c *conn)
	// heard takes a text frame; marks in messages are given to c.delivered.
	heard(c *conn, payload []byte, size int)
	// say is the frame that sends a text.
	say(c *conn, text []byte) []byte
}

// plain: a text frame is a message, and comes back to everybody in the room of the address.
type plain struct{ path, origin, before, after string }

func (d plain) upgrade(c *conn) (string, string) {
	headers := ""
	if d.origin != "" {
		headers = "Origin: " + d.origin + "\r\n"
	}
	if kind, value := c.door(); kind == "session" {
		headers += "Cookie: sessionid=" + value + "\r\n"
	}
	return fmt.Sprintf(d.path, c.room), headers
}

func (d plain) opened(c *conn) { c.live() }

func (d plain) heard(c *conn, payload []byte, size int) {
	// A server may join messages in one frame.
	for {
		found, rest, ok := nextMark(payload)
		if !ok {
			return
		}
		c.delivered(found, size)
		size, payload = 0, rest
	}
}

func (d plain) say(c *conn, text []byte) []byte {
	return []byte(d.before + string(text) + d.after)
}

// socketIO: engine.io 4 straight on a WebSocket.
type socketIO struct{}

func (socketIO) upgrade(c *conn) (string, string) {
	return "/socket.io/?EIO=4&transport=websocket", ""
}

func (socketIO) opened(c *conn) {}

func (socketIO) heard(c *conn, payload []byte, size int) {
	switch {
	case len(payload) == 0:
	case payload[0] == '0':
		c.write(opText, []byte("40"))
	case payload[0] == '2':
		c.write(opText, []byte("3"))
	case bytes.HasPrefix(payload, []byte("40")):
		c.write(opText, []byte(`420["join","`+c.room+`"]`))
	case bytes.HasPrefix(payload, []byte("430")):
		c.live()
	case bytes.HasPrefix(payload, []byte("42")):
		if found, _, ok := nextMark(payload); ok {
			c.delivered(found, size)
		}
	default:
		c.load.refused("socket.io: " + string(payload))
	}
}

func (socketIO) say(c *conn, text []byte) []byte {
	return []byte(`42["send","` + string(text) + `"]`)
}

// parley: docs/protocol.md.
type parley struct{ run string }

var (
	typeKey   = []byte(`"type":"`)
	pong      = []byte(`{"id":"p","type":"pong"}`)
	prefixes  = [][]byte{[]byte("message.created\""), []byte("ack\""), []byte("ping\""), []byte("room.synced\""), []byte("ready\""), []byte("error\""), []byte("bye\""), []byte("room.reset\"")}
	retryKey  = []byte(`"retry_ms":`)
	quoteGone = []byte(`:"gone"`)
)

func (d *parley) upgrade(c *conn) (string, string) {
	headers := "Sec-WebSocket-Protocol: parley.v1.json\r\n"
	switch kind, value := c.door(); kind {
	case "bearer":
		headers += "Authorization: Bearer " + value + "\r\n"
	case "session":
		headers += "Origin: http://" + c.target + "\r\nCookie: sessionid=" + value + "\r\n"
	case "ticket":
		headers += "Origin: http://" + c.target + "\r\n"
	}
	return "/ws/", headers
}

func (d *parley) opened(c *conn) {
	hello := `{"id":"h","type":"hello","payload":{"client":"bench","network":"lan"`
	if kind, value := c.door(); kind == "ticket" {
		hello += `,"ticket":"` + value + `"`
	}
	if c.cursors != "" {
		hello += `,"epoch":"` + c.load.epoch + `","cursors":` + c.cursors
		c.replays = strings.Count(c.cursors, ":")
	}
	c.write(opText, []byte(hello+"}}"))
}

func (d *parley) heard(c *conn, payload []byte, size int) {
	at := bytes.Index(payload, typeKey)
	if at < 0 {
		return
	}
	rest := payload[at+len(typeKey):]
	kind := -1
	for i, prefix := range prefixes {
		if bytes.HasPrefix(rest, prefix) {
			kind = i
			break
		}
	}
	switch kind {
	case 0:
		if found, _, ok := nextMark(rest); ok {
			c.delivered(found, size)
		}
	case 1:
		c.load.acks++
	case 2:
		c.write(opText, pong)
	case 3, 7:
		if c.state == greeting {
			c.replays--
			if c.replays == 0 && c.readyHeard {
				c.live()
			}
		}
	case 4:
		c.readyHeard = true
		c.replays -= bytes.Count(rest, quoteGone)
		if c.replays <= 0 {
			c.live()
		}
	case 5:
		c.load.refused("error: " + string(payload))
		c.unanswered()
	case 6:
		c.load.refused("bye: " + string(payload))
		if at := bytes.Index(rest, retryKey); at >= 0 {
			digits := rest[at+len(retryKey):]
			end := bytes.IndexAny(digits, ",}")
			ms, _ := strconv.Atoi(string(digits[:end]))
			c.retryMS = ms
		}
	}
}

func (d *parley) say(c *conn, text []byte) []byte {
	number := c.load.numbered()
	return []byte(fmt.Sprintf(
		`{"id":"%x","type":"message.send","payload":{"room":"%s","client_id":"%s-%012x","text":"%s"}}`,
		number, c.room, d.run, number, text,
	))
}
