package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"rigg/internal/config"
	"rigg/web"
)

// stopLimit is how long a stop waits for requests and jobs under way.
const stopLimit = 20 * time.Second

// Listen opens the address to answer on and writes it into the configuration:
// port 0 becomes the port that it is, and a base URL that follows from the
// address follows the real one. So it comes before Open, whose services make
// links.
func Listen(ctx context.Context, c *config.Config) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	derived := c.BaseURL == "http://"+c.Listen
	c.Listen = l.Addr().String()
	if derived {
		c.BaseURL = "http://" + reachable(l.Addr())
	}
	return l, nil
}

// reachable is the address as a browser on this machine can open it: nobody can
// open "all addresses".
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// Serving is how to serve.
type Serving struct {
	Listener net.Listener // of Listen
	Out      io.Writer    // is told "listening on http://ADDRESS" when it is so
	Demo     bool         // one click to be any of the people
}

// Serve answers requests and works the queue until ctx ends. Then it takes no
// more of either and finishes those under way, for 20 s at most.
func (a *App) Serve(ctx context.Context, s Serving) (err error) {
	defer func() { _ = s.Listener.Close() }() // the server does it too, once it runs
	server, err := a.server(s.Demo)
	if err != nil {
		return err
	}
	if err := a.Queue.Start(ctx); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.Listener) }()
	_, err = fmt.Fprintf(s.Out, "listening on http://%s\n", reachable(s.Listener.Addr()))
	if err == nil {
		select {
		case <-ctx.Done():
			a.Log.Info("stopping")
		case err = <-served: // of itself: it cannot go on
		}
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return errors.Join(err, server.Shutdown(limit), a.Queue.Stop(limit))
}

func (a *App) server(demo bool) (*web.Server, error) {
	counters := prometheus.NewRegistry()
	counters.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return web.New(web.Services{
		DB: a.DB, Access: a.Access, Booking: a.Booking, Calendar: a.Calendar, Notify: a.Notify,
		Ready: a.Queue.Healthy, Metrics: counters, Log: a.Log, Config: a.Config,
		Offset: a.Clock.Offset(), Demo: demo,
	})
}
