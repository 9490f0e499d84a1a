// A load client for chat servers: one thread, one epoll, thousands of sockets. It speaks each server's dialect, counts
// what is delivered, and says how much of the cores it left idle. Prints one JSON object a line.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type roomCount struct{ members, senders int64 }

type load struct {
	dialect dialect
	epoll   int
	buffer  []byte
	conns   map[int]*conn
	dirty   []*conn
	began   time.Time
	now     int64 // µs since began
	turned  int64

	clients, storm, returning []*conn
	senders                   []*sender
	rooms                     map[string]*roomCount
	window                    int
	sending                   bool
	mention, epoch            string
	commands                  int64

	pending, alive, sentAway, dropped   int
	total, sent, returned, acks, frames int64
	bytes, disordered, expected         int64
	latency, arrived                    histogram
	lastArrival                         int64
	lost, refusals                      map[string]int
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func say(event string, values map[string]any) {
	values["event"] = event
	line, err := json.Marshal(values)
	check(err)
	fmt.Println(string(line))
}

func (l *load) numbered() int64 { l.commands++; return l.commands }

func (l *load) refused(what string) {
	if len(what) > 300 {
		what = what[:300]
	}
	// Ids and times apart, the same refusal is the same.
	if at := strings.Index(what, `"type":`); at >= 0 {
		what = what[at:]
	}
	if len(l.refusals) < 20 || l.refusals[what] > 0 {
		l.refusals[what]++
	}
}

// Turns begin at least so far apart: under load a socket's frames are then read together, which leaves the core idle
// time. A socket that was silent is read at once, so what this adds to a latency is less than that.
const turnUS = 250

// turn waits for the sockets, at most so long, and does what there is to do.
func (l *load) turn(wait time.Duration) {
	var events [1024]syscall.EpollEvent
	if early := turnUS - (time.Since(l.began).Microseconds() - l.turned); early > 0 {
		rest := syscall.NsecToTimespec(early * 1000)
		syscall.Nanosleep(&rest, nil)
	}
	l.turned = time.Since(l.began).Microseconds()
	n, err := syscall.EpollWait(l.epoll, events[:], int((wait+time.Millisecond-1)/time.Millisecond))
	if err != nil && err != syscall.EINTR {
		check(err)
	}
	for i := 0; i < n; i++ {
		c := l.conns[int(events[i].Fd)]
		if c == nil {
			continue
		}
		l.now = time.Since(l.began).Microseconds()
		if events[i].Events&(syscall.EPOLLOUT|syscall.EPOLLERR) != 0 && c.wantsWrite {
			c.writable()
		}
		if c.state != closed && events[i].Events&(syscall.EPOLLIN|syscall.EPOLLHUP) != 0 {
			c.readable()
		}
		l.flush()
	}
	l.now = time.Since(l.began).Microseconds()
}

func (l *load) flush() {
	for _, c := range l.dirty {
		if c.state > connecting {
			c.flush()
		}
	}
	l.dirty = l.dirty[:0]
}

// connect dials clients, so many at once, until all are live. Those sent away come back when they were told to.
func (l *load) connect(clients []*conn, atOnce int, timeout time.Duration) float64 {
	started, next := l.now, 0
	want := l.alive + len(clients)
	for l.alive < want && l.dropped == 0 && l.now-started < timeout.Microseconds() {
		for next < len(clients) && (atOnce == 0 || l.pending < atOnce) {
			clients[next].dial()
			next++
		}
		l.redial()
		l.turn(5 * time.Millisecond)
	}
	return float64(l.now-started) / 1e6
}

func (l *load) redial() {
	still := l.returning[:0]
	for _, c := range l.returning {
		if c.retryAt <= l.now {
			c.dial()
		} else {
			still = append(still, c)
		}
	}
	l.returning = still
}

// pass lets time go by; senders at a rate speak when it is their turn.
func (l *load) pass(d time.Duration, rate float64) {
	for end := l.now + d.Microseconds(); l.now < end; {
		wait := time.Duration(end-l.now) * time.Microsecond
		if wait > 100*time.Millisecond {
			wait = 100 * time.Millisecond
		}
		if rate > 0 {
			wait = time.Millisecond
			every := int64(1e6 / rate)
			for _, s := range l.senders {
				if l.sending && s.next <= l.now && s.conn.state == alive {
					s.next += every
					s.conn.speak()
				}
			}
			l.flush()
		}
		l.redial()
		l.turn(wait)
	}
}

func (l *load) read(path string, targets []string, storm bool) []*conn {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	var clients []*conn
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		for len(fields) < 4 {
			fields = append(fields, "")
		}
		target, err := strconv.Atoi(fields[0])
		check(err)
		clients = append(clients, &conn{
			load: l, target: targets[target], room: fields[1], credential: fields[2], cursors: fields[3], storm: storm,
		})
	}
	check(lines.Err())
	return clients
}

// cast gives the first so many clients a voice (all: -1), and everybody a place to count what they see.
func (l *load) cast(senders int, order bool) {
	for _, c := range l.clients {
		if l.rooms[c.room] == nil {
			l.rooms[c.room] = &roomCount{}
		}
		c.members = l.rooms[c.room]
		c.members.members++
	}
	for i, c := range l.clients {
		if senders >= 0 && i >= senders {
			break
		}
		c.sender = &sender{id: uint32(i), conn: c, place: int(c.members.senders)}
		c.members.senders++
		l.senders = append(l.senders, c.sender)
	}
	for _, c := range l.clients {
		if order {
			c.seen = make([]uint32, c.members.senders)
		}
	}
}

func main() {
	name := flag.String("dialect", "plain", "plain, stock, socketio or parley")
	targets := flag.String("to", "", "host:port, or several with commas")
	file := flag.String("clients", "", "a file with a client a line: number of the target, room, credential, cursors")
	stormFile := flag.String("storm", "", "clients that come all at once while the others talk")
	senders := flag.Int("senders", 0, "how many of the clients send; -1: all")
	window := flag.Int("window", 0, "texts a sender has under way")
	rate := flag.Float64("rate", 0, "texts a second of each sender, instead of a window")
	warm := flag.Duration("warm", 2*time.Second, "before the first measurement")
	length := flag.Duration("time", 4*time.Second, "of a measurement")
	times := flag.Int("times", 1, "measurements")
	atOnce := flag.Int("at-once", 40, "handshakes under way; 0: no bound")
	patience := flag.Duration("patience", 120*time.Second, "until all are connected")
	untilTold := flag.Bool("until-told", false, "the last measurement lasts until standard input ends")
	hold := flag.Bool("hold", false, "stay connected, silent, until standard input ends")
	epoch := flag.String("epoch", "", "of the cursors")
	mention := flag.String("mention", "", "a handle to address now and then")
	path := flag.String("path", "/ws/%s", "plain: the address of a room")
	pids := flag.String("pids", "", "processes whose CPU is measured, with commas")
	serverCore := flag.Int("server-core", 0, "")
	clientCore := flag.Int("client-core", 1, "")
	flag.Parse()

	l := &load{
		buffer: make([]byte, 1<<18), conns: map[int]*conn{}, rooms: map[string]*roomCount{}, window: *window,
		mention: *mention, epoch: *epoch, lost: map[string]int{}, refusals: map[string]int{}, began: time.Now(),
	}
	switch *name {
	case "plain":
		l.dialect = plain{path: *path}
	case "stock":
		to := strings.Split(*targets, ",")[0]
		l.dialect = plain{path: *path, origin: "http://" + to, before: `{"message": "`, after: `"}`}
	case "socketio":
		l.dialect = socketIO{}
	case "parley":
		source := rand.New(rand.NewSource(time.Now().UnixNano()))
		l.dialect = &parley{run: fmt.Sprintf("%08x-%04x-4%03x-8%03x",
			source.Uint32(), source.Intn(1<<16), source.Intn(1<<12), source.Intn(1<<12))}
	default:
		check(fmt.Errorf("there is no dialect %q", *name))
	}
	epoll, err := syscall.EpollCreate1(0)
	check(err)
	l.epoll = epoll
	l.clients = l.read(*file, strings.Split(*targets, ","), false)
	if *stormFile != "" {
		l.storm = l.read(*stormFile, strings.Split(*targets, ","), true)
	}
	l.cast(*senders, *senders != 0)
	var servers []int
	for _, pid := range strings.Split(*pids, ",") {
		if n, err := strconv.Atoi(pid); err == nil {
			servers = append(servers, n)
		}
	}

	cpu := cpuSeconds(servers)
	seconds := l.connect(l.clients, *atOnce, *patience)
	say("connected", map[string]any{
		"alive": l.alive, "of": len(l.clients), "seconds": round(seconds), "cpu_s": round(cpuSeconds(servers) - cpu),
		"lost": l.lost, "refusals": l.refusals,
	})
	if l.alive < len(l.clients) {
		os.Exit(3)
	}
	if *hold {
		l.stay()
		return
	}
	l.pass(500*time.Millisecond, 0)
	l.begin()
	l.pass(*warm, *rate)
	for i := 0; i < *times; i++ {
		var told chan bool
		if *untilTold && i == *times-1 {
			told = inputEnds()
		}
		l.measure(*length, told, *rate, servers, *serverCore, *clientCore)
	}
	l.finish()
}

// begin has every sender fill its window, or starts them one after the other over a second.
func (l *load) begin() {
	l.sending = true
	for i, s := range l.senders {
		s.next = l.now + int64(i)*1e6/int64(len(l.senders))
		for n := 0; n < l.window; n++ {
			s.conn.speak()
		}
	}
	l.flush()
}

// measure lasts so long, with a storm until it is over, with `told` until that is closed.
func (l *load) measure(length time.Duration, told chan bool, rate float64, servers []int, serverCore, clientCore int) {
	l.latency, l.arrived = histogram{}, histogram{}
	total, sent, returned, bytes, frames, began := l.total, l.sent, l.returned, l.bytes, l.frames, l.now
	server, client, cpu, own := coreTicks(serverCore), coreTicks(clientCore), cpuSeconds(servers), ownSeconds()
	away := l.sentAway
	var stormed float64
	if len(l.storm) > 0 {
		stormed = l.rush(rate, 90*time.Second)
	} else if told != nil {
		for !isClosed(told) {
			l.pass(5*time.Millisecond, rate)
		}
	} else {
		l.pass(length, rate)
	}
	seconds := float64(l.now-began) / 1e6
	used := cpuSeconds(servers) - cpu
	serverIdle, serverStolen := share(server, coreTicks(serverCore))
	clientIdle, clientStolen := share(client, coreTicks(clientCore))
	values := map[string]any{
		"seconds": round(seconds), "deliveries": l.total - total, "sent": l.sent - sent, "returned": l.returned - returned,
		"deliveries_s": round(float64(l.total-total) / seconds), "messages_s": round(float64(l.returned-returned) / seconds),
		"p50_ms": l.latency.ms(0.5), "p99_ms": l.latency.ms(0.99), "cpu_s": round(used),
		"server_core_idle": serverIdle, "server_core_stolen": serverStolen,
		"client_cpu_s": round(ownSeconds() - own), "client_core_idle": clientIdle, "client_core_stolen": clientStolen,
	}
	if l.frames > frames {
		values["bytes_frame"] = round(float64(l.bytes-bytes) / float64(l.frames-frames))
	}
	if len(l.storm) > 0 {
		values["storm"] = map[string]any{
			"clients": len(l.storm), "arrived": l.arrived.count, "seconds": round(stormed),
			"p50_ms": l.arrived.ms(0.5), "p99_ms": l.arrived.ms(0.99), "sent_away": l.sentAway - away,
			"dropped": l.dropped,
		}
	}
	say("measured", values)
}

// rush has all of the storm come at once, and answers how long it took until the last of them was live.
func (l *load) rush(rate float64, patience time.Duration) float64 {
	began, want := l.now, len(l.clients)+len(l.storm)
	l.lastArrival = began
	for _, c := range l.storm {
		c.dial()
	}
	for l.alive < want && l.now-began < patience.Microseconds() && l.pending+len(l.returning) > 0 {
		l.pass(2*time.Millisecond, rate)
	}
	return float64(l.lastArrival-began) / 1e6
}

// finish waits for what is under way, and compares what came with what had to come.
func (l *load) finish() {
	l.sending = false
	for _, s := range l.senders {
		l.expected += int64(s.number) * s.conn.members.members
	}
	for began, last, quiet := l.now, l.total, l.now; l.total < l.expected && l.now-began < 20e6 && l.now-quiet < 5e6; {
		l.pass(20*time.Millisecond, 0)
		if l.total > last {
			last, quiet = l.total, l.now
		}
	}
	say("finished", map[string]any{
		"sent": l.sent, "acks": l.acks, "delivered": l.total, "expected": l.expected, "disordered": l.disordered,
		"alive": l.alive, "lost": l.lost, "refusals": l.refusals,
	})
}

// stay answers pings until standard input ends.
func (l *load) stay() {
	for ended := inputEnds(); !isClosed(ended); {
		l.pass(100*time.Millisecond, 0)
	}
	say("finished", map[string]any{"alive": l.alive, "of": len(l.clients), "lost": l.lost})
}

// inputEnds is closed when standard input ends.
func inputEnds() chan bool {
	ended := make(chan bool)
	go func() {
		var byte [1]byte
		for {
			if n, err := os.Stdin.Read(byte[:]); n == 0 || err != nil {
				close(ended)
				return
			}
		}
	}()
	return ended
}

func isClosed(channel chan bool) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}
