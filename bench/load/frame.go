package main

import "encoding/binary"

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// A constant mask: servers undo it as they would any other.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// appendFrame appends a masked client frame.
func appendFrame(out []byte, opcode byte, payload []byte) []byte {
	out = append(out, 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = append(out, 0x80|126, byte(n>>8), byte(n))
	default:
		out = append(out, 0x80|127)
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	out = append(out, mask[:]...)
	for i, b := range payload {
		out = append(out, b^mask[i&3])
	}
	return out
}

// nextFrame reads a server frame from the beginning of data: its size is 0 if it is not complete yet.
func nextFrame(data []byte) (opcode byte, final bool, payload []byte, size int) {
	if len(data) < 2 {
		return
	}
	head, length := 2, int(data[1]&0x7f)
	switch length {
	case 126:
		if len(data) < 4 {
			return
		}
		head, length = 4, int(binary.BigEndian.Uint16(data[2:]))
	case 127:
		if len(data) < 10 {
			return
		}
		head, length = 10, int(binary.BigEndian.Uint64(data[2:]))
	}
	if len(data) < head+length {
		return
	}
	return data[0] & 0x0f, data[0]&0x80 != 0, data[head : head+length], head + length
}
