package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync/atomic"
)

// proxy stands between the program and the server's socket and counts round
// trips: every Query, and every Sync that ends a batch of the extended protocol
// (PostgreSQL's manual, "Message Flow").
type proxy struct {
	listener net.Listener
	server   string
	trips    atomic.Int64
}

// startProxy listens in dir on the same port name as the server's socket.
func startProxy(ctx context.Context, dir, server string) (*proxy, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", filepath.Join(dir, filepath.Base(server)))
	if err != nil {
		return nil, fmt.Errorf("start the proxy: %w", err)
	}
	p := &proxy{listener: l, server: server}
	go p.accept()
	return p, nil
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		go p.serve(client)
	}
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := new(net.Dialer).DialContext(context.Background(), "unix", p.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	_ = p.forward(server, client)
}

// forward passes messages on whole: a length, or from the second on a type and a
// length, which counts itself.
func (p *proxy) forward(to io.Writer, from io.Reader) error {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return err
	}
	for kind := byte(0); ; {
		if kind == 'Q' || kind == 'S' {
			p.trips.Add(1)
		}
		message := head
		if kind != 0 {
			message = append([]byte{kind}, head...)
		}
		if _, err := to.Write(message); err != nil {
			return err
		}
		if _, err := io.CopyN(to, from, int64(binary.BigEndian.Uint32(head))-4); err != nil {
			return err
		}
		next := make([]byte, 5)
		if _, err := io.ReadFull(from, next); err != nil {
			return err
		}
		kind, head = next[0], next[1:]
	}
}
