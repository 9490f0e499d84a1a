package main

import (
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// histogram counts microseconds in buckets that grow by 2 %.
type histogram struct {
	buckets [1100]int64
	count   int64
}

var growth = math.Log(1.02)

func (h *histogram) add(us int64) {
	bucket := 0
	if us > 1 {
		bucket = int(math.Log(float64(us)) / growth)
	}
	if bucket >= len(h.buckets) {
		bucket = len(h.buckets) - 1
	}
	h.buckets[bucket]++
	h.count++
}

// ms is the quantile in milliseconds; 0 without values.
func (h *histogram) ms(quantile float64) float64 {
	rank := int64(math.Ceil(quantile * float64(h.count)))
	for bucket, n := range h.buckets {
		if rank -= n; rank <= 0 && h.count > 0 {
			return math.Round(math.Exp((float64(bucket)+0.5)*growth)) / 1000
		}
	}
	return 0
}

// ticks is the time of a core so far: idle (waiting for a disk counts as idle), stolen by the host, all.
type ticks struct{ idle, stolen, all float64 }

func coreTicks(core int) ticks {
	data, err := os.ReadFile("/proc/stat")
	check(err)
	name := "cpu" + strconv.Itoa(core)
	for _, line := range strings.Split(string(data), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != name {
			continue
		}
		var t ticks
		for i, field := range fields[1:9] {
			n, _ := strconv.ParseFloat(field, 64)
			t.all += n
			switch i {
			case 3, 4:
				t.idle += n
			case 7:
				t.stolen += n
			}
		}
		return t
	}
	return ticks{}
}

// share is what part of the time between two readings a core was idle, and stolen.
func share(before, after ticks) (idle, stolen float64) {
	all := after.all - before.all
	if all <= 0 {
		return 0, 0
	}
	return round((after.idle - before.idle) / all), round((after.stolen - before.stolen) / all)
}

// cpuSeconds is the user and system time of processes so far.
func cpuSeconds(pids []int) float64 {
	var sum float64
	for _, pid := range pids {
		data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			continue
		}
		text := string(data)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		for _, field := range fields[11:13] {
			n, _ := strconv.ParseFloat(field, 64)
			sum += n / 100
		}
	}
	return sum
}

// ownSeconds is the user and system time of this process so far.
func ownSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func round(x float64) float64 { return math.Round(x*10000) / 10000 }
