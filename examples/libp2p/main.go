// A node of a libp2p mesh without discovery: it dials those that it is told to and nobody else, publishes numbered
// messages by gossipsub, and tells of all that it writes and reads as JSON lines.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const topicName = "messages"

// What travels in a message, beside its padding.
type message struct {
	From string `json:"from"`
	ID   string `json:"id"`
}

// One line for each event, whole.
type teller struct{ mutex sync.Mutex }

func nowMs() float64 { return float64(time.Now().UnixNano()) / 1e6 }

func (t *teller) tell(event map[string]any) {
	event["at"] = nowMs()
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "libp2p:", err)
		os.Exit(1)
	}
}

// Address of a node in libp2p's own form.
func multiaddress(address, id string) string {
	host, port, _ := strings.Cut(address, ":")
	kind := "ip4"
	if strings.Trim(host, "0123456789.") != "" {
		kind = "dns4"
	}
	return fmt.Sprintf("/%s/%s/tcp/%s/p2p/%s", kind, host, port, id)
}

// Of a node that is named by address and identifier, host:port/ID; or else by its HTTP address, where it is asked.
func find(ctx context.Context, named string) (*peer.AddrInfo, error) {
	if address, id, ok := strings.Cut(named, "/"); ok {
		return peer.AddrInfoFromString(multiaddress(address, id))
	}
	return ask(ctx, named)
}

// The address of a node that is asked for it at its HTTP address, as soon as it answers.
func ask(ctx context.Context, address string) (*peer.AddrInfo, error) {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/id", nil)
		if err != nil {
			return nil, err
		}
		if reply, err := http.DefaultClient.Do(request); err == nil {
			text, err := io.ReadAll(io.LimitReader(reply.Body, 4096))
			reply.Body.Close()
			if err == nil && reply.StatusCode == http.StatusOK {
				return peer.AddrInfoFromString(strings.TrimSpace(string(text)))
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Keeps a connection to one other node.
func keepDialled(ctx context.Context, node host.Host, address string) {
	for ctx.Err() == nil {
		found, err := find(ctx, address)
		if err == nil && node.Network().Connectedness(found.ID) != network.Connected {
			_ = node.Connect(ctx, *found)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func main() {
	name := flag.String("name", "", "name of this node")
	listen := flag.String("listen", "", "host:port for libp2p, by TCP")
	advertise := flag.String("advertise", "", "host:port at which others reach it")
	rpc := flag.String("http", "", "host:port of /id, /status and /metrics")
	dial := flag.String("dial", "", "nodes to connect to, comma-separated: host:port/ID, or the HTTP address where one is asked for it")
	rate := flag.Float64("rate", 0, "messages per second; 0: only relay")
	size := flag.Int("size", 100, "bytes of a message")
	seed := flag.String("seed", "", "of the random gaps")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	told := &teller{}
	told.tell(map[string]any{"type": "start", "flavour": "release"})

	listenHost, listenPort, ok := strings.Cut(*listen, ":")
	if !ok {
		fail(fmt.Errorf("--listen: host:port is missing"))
	}
	node, err := libp2p.New(
		libp2p.ListenAddrStrings(fmt.Sprintf("/ip4/%s/tcp/%s", listenHost, listenPort)),
		libp2p.DisableRelay(),
		libp2p.Ping(false),
	)
	fail(err)
	defer node.Close()

	// A node in the centre of a star must pass messages on to all others. By default it keeps 12 of them in its mesh, and
	// the rest hears of messages once a second, if at all.
	params := pubsub.DefaultGossipSubParams()
	params.Dhi = 1024
	router, err := pubsub.NewGossipSub(ctx, node, pubsub.WithGossipSubParams(params))
	fail(err)
	topic, err := router.Join(topicName)
	fail(err)
	subscription, err := topic.Subscribe()
	fail(err)

	serve(node, *rpc, *advertise)
	for _, address := range strings.Split(*dial, ",") {
		if address != "" {
			go keepDialled(ctx, node, address)
		}
	}
	go read(ctx, subscription, *name, told)
	if *rate > 0 {
		go write(ctx, topic, *name, *rate, *size, *seed, told)
	}
	<-ctx.Done()
}

func serve(node host.Host, address, advertise string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/id", func(reply http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(reply, multiaddress(advertise, node.ID().String()))
	})
	mux.HandleFunc("/status", func(reply http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(reply).Encode(map[string]any{
			"clock":       nowMs(),
			"id":          node.ID().String(),
			"connections": len(node.Network().Peers()),
		})
	})
	mux.Handle("/metrics", promhttp.Handler())
	go func() { fail(http.ListenAndServe(address, mux)) }()
}

func read(ctx context.Context, subscription *pubsub.Subscription, name string, told *teller) {
	for {
		received, err := subscription.Next(ctx)
		if err != nil {
			return
		}
		var found message
		text, _, _ := strings.Cut(string(received.Data), "\n")
		if json.Unmarshal([]byte(text), &found) == nil && found.From != name {
			told.tell(map[string]any{"type": "read", "id": found.ID, "from": found.From})
		}
	}
}

// Random gaps with the mean that the rate asks for; a write that comes late shifts none of the later ones.
func write(ctx context.Context, topic *pubsub.Topic, name string, rate float64, size int, seed string, told *teller) {
	hash := int64(1469598103934665603)
	for _, letter := range seed + " " + name {
		hash = (hash ^ int64(letter)) * 1099511628211
	}
	random := rand.New(rand.NewSource(hash))
	due := time.Now()
	for number := 0; ; number++ {
		gap := 0.99 - random.Float64()*0.98
		due = due.Add(time.Duration(gap / 0.5 / rate * float64(time.Second)))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		id := fmt.Sprintf("%d-%d", os.Getpid(), number)
		head, _ := json.Marshal(message{From: name, ID: id})
		data := append(head, '\n')
		if missing := size - len(data); missing > 0 {
			data = append(data, make([]byte, missing)...)
		}
		told.tell(map[string]any{"type": "write", "id": id, "size": len(data), "due": float64(due.UnixNano()) / 1e6})
		if err := topic.Publish(ctx, data); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "publish:", err)
		}
	}
}
