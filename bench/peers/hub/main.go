// The rival in its plainest form: a gorilla/websocket hub. Rooms by address, no sign-in, nothing stored. What somebody
// says goes to everybody in the room. With -join the frames that wait for a socket leave in one write.
package main

import (
	"encoding/binary"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	queue    = 256
	pingSoon = 30 * time.Second
)

type client struct {
	conn  *websocket.Conn
	queue chan *message
}

// message is framed once for all readers.
type message struct {
	prepared *websocket.PreparedMessage
	frame    []byte
}

type room struct {
	clients map[*client]bool
	come    chan *client
	leave   chan *client
	said    chan *message
}

func (r *room) run() {
	for {
		select {
		case c := <-r.come:
			r.clients[c] = true
		case c := <-r.leave:
			if r.clients[c] {
				delete(r.clients, c)
				close(c.queue)
			}
		case m := <-r.said:
			for c := range r.clients {
				c.queue <- m // waits for who is slow: nothing is lost
			}
		}
	}
}

func (c *client) read(r *room) {
	defer func() { r.leave <- c }()
	c.conn.SetReadLimit(1 << 20)
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
		if err != nil {
			return
		}
		r.said <- &message{prepared, frame(data)}
	}
}

func (c *client) write(join bool) {
	ping := time.NewTicker(pingSoon)
	defer ping.Stop()
	defer func() {
		c.conn.Close()
		for range c.queue { // until the room has noticed
		}
	}()
	var joined []byte
	for {
		select {
		case m, open := <-c.queue:
			if !open {
				return
			}
			if !join {
				if c.conn.WritePreparedMessage(m.prepared) != nil {
					return
				}
				continue
			}
			joined = append(joined[:0], m.frame...)
			for n := len(c.queue); n > 0; n-- {
				if m, open = <-c.queue; open {
					joined = append(joined, m.frame...)
				}
			}
			if _, err := c.conn.UnderlyingConn().Write(joined); err != nil {
				return
			}
		case <-ping.C:
			if c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) != nil {
				return
			}
		}
	}
}

func frame(data []byte) []byte {
	head := []byte{0x81}
	switch n := len(data); {
	case n < 126:
		head = append(head, byte(n))
	case n < 1<<16:
		head = append(head, 126, byte(n>>8), byte(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	return append(head, data...)
}

func main() {
	address := flag.String("listen", "127.0.0.1:8080", "")
	join := flag.Bool("join", false, "")
	flag.Parse()
	rooms := make(map[string]*room)
	upgrades := make(chan func())
	go func() {
		for do := range upgrades {
			do()
		}
	}()
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	http.HandleFunc("/ws/", func(w http.ResponseWriter, request *http.Request) {
		conn, err := upgrader.Upgrade(w, request, nil)
		if err != nil {
			return
		}
		c := &client{conn, make(chan *message, queue)}
		entered := make(chan *room)
		upgrades <- func() {
			r := rooms[request.URL.Path]
			if r == nil {
				r = &room{make(map[*client]bool), make(chan *client), make(chan *client), make(chan *message, 256)}
				rooms[request.URL.Path] = r
				go r.run()
			}
			entered <- r
		}
		r := <-entered
		r.come <- c
		go c.write(*join)
		go c.read(r)
	})
	log.Fatal(http.ListenAndServe(*address, nil))
}
