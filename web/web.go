// Package web is the server: the JSON API and the pages over the same services.
// Every route is in routes.go, every error is answered in errors.go, and who
// asks is found in auth.go. It must hold no rule of its own: what may be done is
// asked of the packages below, for API and pages alike.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"rigg/access"
	"rigg/booking"
	"rigg/calendar"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/notify"
)

// Services is what the server is built over.
type Services struct {
	DB       *database.DB
	Access   *access.Service
	Booking  *booking.Service
	Calendar *calendar.Service
	Notify   *notify.Service
	Ready    func(context.Context) error // the database and the queue answer
	Metrics  *prometheus.Registry
	Log      *slog.Logger
	Config   *config.Config
	Offset   time.Duration // of the program's clock, shown on every page
	Demo     bool          // one click to be any of the people
}

// Server answers requests until it is shut down.
type Server struct {
	Services
	app     *fiber.App
	pages   *pages
	counted *metrics
}

// New builds the server; templates and texts are checked now, not when asked for.
func New(s Services) (*Server, error) {
	srv := &Server{Services: s, counted: newMetrics(s.Metrics)}
	var err error
	if srv.pages, err = loadPages(); err != nil {
		return nil, err
	}
	srv.app = fiber.New(fiber.Config{
		AppName:               "Rigg",
		DisableStartupMessage: true,
		Immutable:             true, // strings outlive the handler
		CaseSensitive:         true,
		StrictRouting:         true,
		UnescapePath:          true,
		BodyLimit:             s.Config.Web.BodyLimit,
		ReadTimeout:           s.Config.Web.ReadTimeout,
		WriteTimeout:          s.Config.Web.WriteTimeout,
		IdleTimeout:           s.Config.Web.IdleTimeout,
		ErrorHandler:          srv.answerError,
	})
	srv.roomForFiles()
	srv.middleware()
	srv.routes()
	return srv, nil
}

// Serve answers on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Shutdown takes no new requests and waits for those under way until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut down the server: %w", err)
	}
	return nil
}
