// A reader of monitors that knows them by nats-server's own types, as nats-top and other programs in Go do.
// Reads questions from its standard input, one a line, and answers each with a line of JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// What a question is answered with.
type answer struct {
	// Why the page could not be read; empty when it could.
	Error string `json:"error,omitempty"`
	// What Go makes of the page when it writes it again.
	Text string `json:"text,omitempty"`
}

// One page of a live view: what nats-top shows, with rates since the page before.
type view struct {
	Error       string           `json:"error,omitempty"`
	Seconds     float64          `json:"seconds"`
	InMsgs      int64            `json:"in_msgs"`
	OutMsgs     int64            `json:"out_msgs"`
	InBytes     int64            `json:"in_bytes"`
	OutBytes    int64            `json:"out_bytes"`
	Server      string           `json:"server"`
	Uptime      string           `json:"uptime"`
	Mem         int64            `json:"mem"`
	CPU         float64          `json:"cpu"`
	Slow        int64            `json:"slow"`
	Connections []*connectionRow `json:"connections"`
}

type connectionRow struct {
	Cid      uint64   `json:"cid"`
	Host     string   `json:"host"`
	Name     string   `json:"name"`
	Lang     string   `json:"lang"`
	Version  string   `json:"version"`
	Subs     uint32   `json:"subs"`
	Subjects []string `json:"subjects"`
	InMsgs   int64    `json:"in_msgs"`
	OutMsgs  int64    `json:"out_msgs"`
	IdleMs   int64    `json:"idle_ms"`
}

// The version of Midge is the one field that nats-server's type does not have.
type varz struct {
	server.Varz
	Midge string `json:"midge,omitempty"`
}

func target(path string) any {
	switch strings.SplitN(path, "?", 2)[0] {
	case "/varz":
		return new(varz)
	case "/connz":
		return new(server.Connz)
	case "/routez":
		return new(server.Routez)
	case "/subsz", "/subscriptionsz":
		return new(server.Subsz)
	case "/gatewayz":
		return new(server.Gatewayz)
	case "/leafz":
		return new(server.Leafz)
	case "/accountz":
		return new(server.Accountz)
	case "/accstatz":
		return new(server.AccountStatz)
	case "/jsz":
		return new(server.JSInfo)
	case "/healthz":
		return new(server.HealthStatus)
	case "/ipqueuesz":
		return new(server.IpqueueszStatus)
	}
	return nil
}

func read(url string, into any) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, body)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func reread(base, path string) answer {
	into := target(path)
	if into == nil {
		return answer{Error: "there is no type for it"}
	}
	if err := read(base+path, into); err != nil {
		return answer{Error: err.Error()}
	}
	text, err := json.MarshalIndent(into, "", "  ")
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Text: string(text)}
}

// The last page that was looked at.
var last varz

func look(base string) view {
	var now varz
	var connections server.Connz
	if err := read(base+"/varz", &now); err != nil {
		return view{Error: err.Error()}
	}
	if err := read(base+"/connz?limit=1024&sort=cid&subs=1", &connections); err != nil {
		return view{Error: err.Error()}
	}
	page := view{
		Seconds:  now.Now.Sub(last.Now).Seconds(),
		InMsgs:   now.InMsgs - last.InMsgs,
		OutMsgs:  now.OutMsgs - last.OutMsgs,
		InBytes:  now.InBytes - last.InBytes,
		OutBytes: now.OutBytes - last.OutBytes,
		Server:   now.Name,
		Uptime:   now.Uptime,
		Mem:      now.Mem,
		CPU:      now.CPU,
		Slow:     now.SlowConsumers,
	}
	for _, each := range connections.Conns {
		page.Connections = append(page.Connections, &connectionRow{
			Cid:      each.Cid,
			Host:     fmt.Sprintf("%s:%d", each.IP, each.Port),
			Name:     each.Name,
			Lang:     each.Lang,
			Version:  each.Version,
			Subs:     each.NumSubs,
			Subjects: each.Subs,
			InMsgs:   each.InMsgs,
			OutMsgs:  each.OutMsgs,
			IdleMs:   connections.Now.Sub(each.LastActivity).Truncate(time.Millisecond).Milliseconds(),
		})
	}
	last = now
	return page
}

// `<base> <path>` asks for a page, `<base>` alone for the next view.
func main() {
	questions := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for questions.Scan() {
		base, path, isPage := strings.Cut(questions.Text(), " ")
		var err error
		if isPage {
			err = answers.Encode(reread(base, path))
		} else {
			err = answers.Encode(look(base))
		}
		if err != nil {
			return
		}
	}
}
