// The Go client at a server's door: one login for each line of JSON, one line of JSON for its outcome.
// A line is a Luggage of guests.ts with the port; the answer is {} or {"refusal": what the client says}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

const patience = 3 * time.Second

type luggage struct {
	Port     int
	Host     string
	User     string
	Password string
	Token    string
	Seed     string
	TLS      *tlsLuggage
}

type tlsLuggage struct {
	CaFile   string
	CertFile string
	KeyFile  string
	First    bool
}

type outcome struct {
	Refusal string `json:"refusal,omitempty"`
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var brought luggage
		err := json.Unmarshal(lines.Bytes(), &brought)
		if err == nil {
			err = knock(brought)
		}
		result := outcome{}
		if err != nil {
			result.Refusal = err.Error()
		}
		if err := answers.Encode(result); err != nil {
			os.Exit(1)
		}
	}
}

func knock(brought luggage) error {
	options, err := optionsOf(brought)
	if err != nil {
		return err
	}
	host := brought.Host
	if host == "" {
		host = "localhost"
	}
	connection, err := nats.Connect(fmt.Sprintf("%s:%d", host, brought.Port), options...)
	if err != nil {
		return err
	}
	defer connection.Close()
	respond := func(message *nats.Msg) { message.Respond([]byte("trip")) }
	if _, err := connection.Subscribe("round", respond); err != nil {
		return err
	}
	answer, err := connection.Request("round", nil, patience)
	if err != nil {
		return err
	}
	if string(answer.Data) != "trip" {
		return fmt.Errorf("the answer is %q", answer.Data)
	}
	return nil
}

func optionsOf(brought luggage) ([]nats.Option, error) {
	options := []nats.Option{nats.NoReconnect(), nats.Timeout(patience)}
	if brought.User != "" {
		options = append(options, nats.UserInfo(brought.User, brought.Password))
	}
	if brought.Token != "" {
		options = append(options, nats.Token(brought.Token))
	}
	if brought.Seed != "" {
		pair, err := nkeys.FromSeed([]byte(brought.Seed))
		if err != nil {
			return nil, err
		}
		public, err := pair.PublicKey()
		if err != nil {
			return nil, err
		}
		options = append(options, nats.Nkey(public, pair.Sign))
	}
	if tls := brought.TLS; tls != nil {
		options = append(options, nats.Secure())
		if tls.CaFile != "" {
			options = append(options, nats.RootCAs(tls.CaFile))
		}
		if tls.CertFile != "" {
			options = append(options, nats.ClientCert(tls.CertFile, tls.KeyFile))
		}
		if tls.First {
			options = append(options, nats.TLSHandshakeFirst())
		}
	}
	return options, nil
}
