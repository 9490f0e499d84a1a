package main

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"syscall"
)

type state int

const (
	waiting state = iota
	connecting
	upgrading
	greeting
	alive
	closed
)

// sender is a conn that speaks: with a window (the next text leaves when one comes back) or at a rate.
type sender struct {
	conn       *conn
	id, number uint32
	place      int
	inFlight   int
	next       int64
}

// conn is one client: a socket and what it has seen.
type conn struct {
	load       *load
	fd         int
	state      state
	target     string
	room       string
	credential string
	cursors    string
	storm      bool
	sender     *sender
	members    *roomCount
	readyHeard bool
	replays    int
	retryMS    int
	retryAt    int64
	began      int64
	in, out    []byte
	wantsWrite bool
	seen       []uint32
}

// door is how this client says who it is: bearer, ticket or session, and its text.
func (c *conn) door() (kind, value string) {
	kind, value, _ = strings.Cut(c.credential, ":")
	return
}

// dial begins to connect. Everything after this happens when the socket is ready for it.
func (c *conn) dial() {
	address, err := net.ResolveTCPAddr("tcp4", c.target)
	check(err)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	check(err)
	check(syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
	to := &syscall.SockaddrInet4{Port: address.Port}
	copy(to.Addr[:], address.IP.To4())
	c.fd, c.state, c.in, c.out, c.readyHeard, c.retryMS = fd, connecting, nil, nil, false, -1
	if c.began == 0 {
		c.began = c.load.now
	}
	c.load.pending++
	c.load.conns[fd] = c
	if err := syscall.Connect(fd, to); err != nil && err != syscall.EINPROGRESS {
		c.gone("connect: " + err.Error())
		return
	}
	c.wantsWrite = true
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLOUT, Fd: int32(fd)}
	check(syscall.EpollCtl(c.load.epoll, syscall.EPOLL_CTL_ADD, fd, &event))
}

// writable: connected at last, or there is room for what could not be written before.
func (c *conn) writable() {
	if c.state == connecting {
		if code, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
			c.gone("connect: " + syscall.Errno(code).Error())
			return
		}
		c.state = upgrading
		path, headers := c.load.dialect.upgrade(c)
		c.out = append(c.out, fmt.Sprintf(
			"GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
			path, c.target, headers)...)
	}
	c.flush()
}

// flush writes what is waiting, as far as the kernel takes it.
func (c *conn) flush() {
	for len(c.out) > 0 && c.state != closed {
		n, err := syscall.Write(c.fd, c.out)
		if err == syscall.EINTR {
			continue
		}
		if err == syscall.EAGAIN {
			break
		}
		if err != nil {
			c.gone("write: " + err.Error())
			return
		}
		c.out = c.out[n:]
	}
	if len(c.out) == 0 {
		c.out = nil
	}
	if wants := len(c.out) > 0; c.state != closed && wants != c.wantsWrite {
		c.wantsWrite = wants
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
		if wants {
			event.Events |= syscall.EPOLLOUT
		}
		check(syscall.EpollCtl(c.load.epoll, syscall.EPOLL_CTL_MOD, c.fd, &event))
	}
}

// write queues a frame; it leaves at the end of this turn.
func (c *conn) write(opcode byte, payload []byte) {
	if len(c.out) == 0 {
		c.load.dirty = append(c.load.dirty, c)
	}
	c.out = appendFrame(c.out, opcode, payload)
}

// readable takes what has come.
func (c *conn) readable() {
	n, err := syscall.Read(c.fd, c.load.buffer)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return
	}
	if err != nil || n == 0 {
		c.gone("closed by the server")
		return
	}
	data := c.load.buffer[:n]
	if len(c.in) > 0 {
		c.in = append(c.in, data...)
		data = c.in
	}
	if c.state == upgrading {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			c.keep(data)
			return
		}
		if !bytes.HasPrefix(data, []byte("HTTP/1.1 101")) {
			c.gone("handshake: " + string(data[:bytes.IndexByte(data, '\r')]))
			return
		}
		data = data[end+4:]
		c.state = greeting
		c.load.dialect.opened(c)
	}
	for c.state != closed {
		opcode, final, payload, size := nextFrame(data)
		if size == 0 {
			break
		}
		data = data[size:]
		switch {
		case !final || opcode == 0:
			c.load.refused("a fragment")
		case opcode == opPing:
			c.write(opPong, payload)
		case opcode == opClose:
			code := 1005
			if len(payload) >= 2 {
				code = int(payload[0])<<8 | int(payload[1])
			}
			c.gone(fmt.Sprintf("close %d", code))
		default:
			c.load.dialect.heard(c, payload, size)
		}
	}
	c.keep(data)
}

func (c *conn) keep(data []byte) {
	if len(data) == 0 {
		c.in = nil
	} else {
		c.in = append(make([]byte, 0, len(data)+512), data...)
	}
}

// live: this client is where it wants to be.
func (c *conn) live() {
	if c.state != greeting {
		return
	}
	c.state = alive
	c.load.pending--
	c.load.alive++
	if c.storm {
		c.load.arrived.add(c.load.now - c.began)
		c.load.lastArrival = c.load.now
	}
}

// gone: the socket is lost. One that was told when to come back does.
func (c *conn) gone(why string) {
	if c.state == closed {
		return
	}
	if c.state == alive {
		c.load.alive--
	} else {
		c.load.pending--
	}
	syscall.Close(c.fd)
	delete(c.load.conns, c.fd)
	c.state = closed
	c.load.lost[why]++
	if c.retryMS >= 0 {
		c.load.sentAway++
		c.retryAt = c.load.now + int64(c.retryMS)*1000 + 1
		c.load.returning = append(c.load.returning, c)
	} else {
		c.load.dropped++
	}
}

// delivered counts a message; size is that of its frame, or 0 if the frame was counted already.
func (c *conn) delivered(found mark, size int) {
	l := c.load
	l.total++
	l.bytes += int64(size)
	if size > 0 {
		l.frames++
	}
	l.latency.add(l.now - found.sent)
	if found.sender < uint32(len(l.senders)) {
		who := l.senders[found.sender]
		if c.seen != nil {
			slot := &c.seen[who.place]
			if found.number <= *slot {
				l.disordered++
			}
			*slot = found.number
		}
		if who.conn == c {
			who.inFlight--
			l.returned++
			if l.window > 0 && l.sending {
				c.speak()
			}
		}
	}
}

// unanswered: what was sent last will not come back.
func (c *conn) unanswered() {
	if c.sender != nil {
		c.sender.inFlight--
	}
}

// speak sends the next text.
func (c *conn) speak() {
	s := c.sender
	s.number++
	s.inFlight++
	c.load.sent++
	c.write(opText, c.load.dialect.say(c, text(s.id, s.number, c.load.now, c.load.mention)))
}
