// Package config is what the operator decides: the commented default file, a
// file of the operator's own, the environment and the flags, in that order. It
// refuses what it does not know, and must never hold what a manager may want to
// change while the program runs (that lives in the database).
package config

import "time"

// Config is the whole configuration, read and checked.
type Config struct {
	Listen    string // host:port
	BaseURL   string // scheme and host, no slash at the end
	DataDir   string // absolute; empty is the usual place
	Database  Database
	Log       Log
	Web       Web
	Mail      Mail
	Jobs      Jobs
	Schedules Schedules
	Reminders Reminders
	Waiting   Waiting
}

// Database says where PostgreSQL is; no URL is the private cluster.
type Database struct {
	URL      string
	MaxConns int
}

// Log is how the program's log is written.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // text, json
}

// Web holds the limits of a request.
type Web struct {
	BodyLimit      int // bytes
	RequestTimeout time.Duration
	ReadTimeout    time.Duration
	WriteTimeout   time.Duration
	IdleTimeout    time.Duration
}

// Mail is the server that sends; no host is none.
type Mail struct {
	Host     string
	Port     int
	TLS      string // none, starttls, tls
	Username string
	Password string // from the environment or from PasswordFile
	From     string // an address
	FromName string

	PasswordFile string
}

// Jobs is the share of the queue that this process works.
type Jobs struct {
	Workers int
	Listen  bool
}

// Schedules are the sweeps that run by the clock.
type Schedules struct {
	Sweep     Schedule
	Reminders Schedule
	CleanUp   Schedule
}

// Schedule is five cron fields in local time of a zone.
type Schedule struct {
	Cron string
	Zone string
}

// Reminders is when bookers are reminded, before the start.
type Reminders struct {
	Before []time.Duration
}

// Waiting is how the waiting list works.
type Waiting struct {
	Offer time.Duration // how long a time is held for the first in line
}

// settings is every key there is, and how its text is read into the field.
func (c *Config) settings() map[string]setter {
	return map[string]setter{
		"listen":                   address(&c.Listen),
		"base_url":                 baseURL(&c.BaseURL),
		"data_dir":                 directory(&c.DataDir),
		"database.url":             words(&c.Database.URL),
		"database.max_conns":       number(&c.Database.MaxConns, 3, 1000),
		"log.level":                oneOf(&c.Log.Level, "debug", "info", "warn", "error"),
		"log.format":               oneOf(&c.Log.Format, "text", "json"),
		"web.body_limit":           size(&c.Web.BodyLimit, 1<<10, 64<<20),
		"web.request_timeout":      duration(&c.Web.RequestTimeout, time.Second, 5*time.Minute),
		"web.read_timeout":         duration(&c.Web.ReadTimeout, time.Second, 5*time.Minute),
		"web.write_timeout":        duration(&c.Web.WriteTimeout, time.Second, 10*time.Minute),
		"web.idle_timeout":         duration(&c.Web.IdleTimeout, time.Second, time.Hour),
		"mail.host":                words(&c.Mail.Host),
		"mail.port":                number(&c.Mail.Port, 1, 65535),
		"mail.tls":                 oneOf(&c.Mail.TLS, "none", "starttls", "tls"),
		"mail.username":            words(&c.Mail.Username),
		"mail.password":            words(&c.Mail.Password),
		"mail.password_file":       words(&c.Mail.PasswordFile),
		"mail.from":                mailbox(&c.Mail.From),
		"mail.from_name":           words(&c.Mail.FromName),
		"jobs.workers":             number(&c.Jobs.Workers, 1, 1000),
		"jobs.listen":              truth(&c.Jobs.Listen),
		"schedules.sweep.cron":     cronFields(&c.Schedules.Sweep.Cron),
		"schedules.sweep.zone":     zone(&c.Schedules.Sweep.Zone),
		"schedules.reminders.cron": cronFields(&c.Schedules.Reminders.Cron),
		"schedules.reminders.zone": zone(&c.Schedules.Reminders.Zone),
		"schedules.clean_up.cron":  cronFields(&c.Schedules.CleanUp.Cron),
		"schedules.clean_up.zone":  zone(&c.Schedules.CleanUp.Zone),
		"waiting.offer":            duration(&c.Waiting.Offer, 15*time.Minute, 14*24*time.Hour),
		"reminders.before":         durations(&c.Reminders.Before, time.Minute, 90*24*time.Hour),
	}
}
