package main

import (
	"bytes"
	"fmt"
)

// A text is 100 bytes and begins with a mark: "zq", who sent it, its number, and when (µs since the client began).
const (
	textBytes = 100
	markBytes = 2 + 4 + 6 + 12
)

var markBegin = []byte("zq")

type mark struct {
	sender, number uint32
	sent           int64
}

// text is what a sender says next. Every 8th has Markdown in it and, with somebody to address, every 32nd a mention.
func text(sender, number uint32, now int64, mention string) []byte {
	words := "the quick brown fox jumps over the lazy dog while nobody looks at it for a long time"
	if number%8 == 3 {
		words = "the **quick** brown `fox` jumps over the *lazy* dog while nobody looks at it for a while"
	}
	if mention != "" && number%32 == 5 {
		words = "@" + mention + " " + words
	}
	line := fmt.Sprintf("zq%04x%06x%012x %s", sender, number&0xffffff, now, words)
	return []byte(line)[:textBytes]
}

// nextMark finds the next mark in data; the rest follows it.
func nextMark(data []byte) (found mark, rest []byte, ok bool) {
	for {
		at := bytes.Index(data, markBegin)
		if at < 0 || len(data) < at+markBytes {
			return mark{}, nil, false
		}
		digits := data[at+2:]
		sender, good1 := hex(digits[:4])
		number, good2 := hex(digits[4:10])
		sent, good3 := hex(digits[10:22])
		if good1 && good2 && good3 {
			return mark{uint32(sender), uint32(number), sent}, data[at+markBytes:], true
		}
		data = data[at+2:]
	}
}

func hex(digits []byte) (value int64, good bool) {
	for _, digit := range digits {
		switch {
		case digit >= '0' && digit <= '9':
			value = value<<4 | int64(digit-'0')
		case digit >= 'a' && digit <= 'f':
			value = value<<4 | int64(digit-'a'+10)
		default:
			return 0, false
		}
	}
	return value, true
}
