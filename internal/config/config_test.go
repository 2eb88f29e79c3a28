package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"rigg"
	"rigg/internal/config"
)

func load(t *testing.T, file string, env []string, flags map[string]string) (*config.Config, error) {
	t.Helper()
	s := config.Sources{Defaults: rigg.DefaultConfig, Env: env, Flags: flags}
	if file != "" {
		s.File = write(t, "rigg.yaml", file)
	}
	return config.Load(s)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreWhole(t *testing.T) {
	t.Parallel()
	c, err := load(t, "", []string{"HOME=/nowhere", "PATH=/bin"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	minute := config.Schedule{Cron: "* * * * *", Zone: "Europe/Stockholm"}
	want := &config.Config{
		Listen:    "127.0.0.1:8080",
		BaseURL:   "http://127.0.0.1:8080",
		Database:  config.Database{MaxConns: 20},
		Log:       config.Log{Level: "info", Format: "text"},
		Web:       config.Web{BodyLimit: 1 << 20, RequestTimeout: 15 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute},
		Mail:      config.Mail{Port: 587, TLS: "starttls", FromName: "Rigg"},
		Jobs:      config.Jobs{Workers: 8, Listen: true},
		Schedules: config.Schedules{Sweep: minute, Reminders: minute, CleanUp: config.Schedule{Cron: "20 4 * * *", Zone: "Europe/Stockholm"}},
		Reminders: config.Reminders{Before: []time.Duration{24 * time.Hour}},
		Waiting:   config.Waiting{Offer: 4 * time.Hour},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("defaults %+v\nwant %+v", c, want)
	}
}

// Every key that can be set is in the shipped file, where people look for it.
func TestTheDefaultFileNamesEveryKey(t *testing.T) {
	t.Parallel()
	text := string(rigg.DefaultConfig)
	const line = "  host: \"\"\n"
	if strings.Count(text, line) != 1 {
		t.Fatalf("the file has no single %q to take out", line)
	}
	_, err := config.Load(config.Sources{Defaults: []byte(strings.Replace(text, line, "", 1))})
	if err == nil || err.Error() != "default config.yaml: mail.host is missing" {
		t.Errorf("without mail.host: %v", err)
	}
}

func TestTheLaterSourceWins(t *testing.T) {
	t.Parallel()
	file := "listen: 0.0.0.0:1\nlog:\n  level: warn\n  format: json\nreminders: {before: [48h, 2h]}\n"
	env := []string{"RIGG_LISTEN=:2", "RIGG_LOG_LEVEL=debug", "RIGG_REMINDERS_BEFORE=72h, 1h", "RIGGED=no", "RIGG_MAIL_PASSWORD=s3cret"}
	c, err := load(t, file, env, map[string]string{"listen": "127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3" || c.Log.Level != "debug" || c.Log.Format != "json" {
		t.Errorf("listen %s (want the flag's), level %s (want the environment's), format %s (want the file's)", c.Listen, c.Log.Level, c.Log.Format)
	}
	if want := []time.Duration{72 * time.Hour, time.Hour}; !reflect.DeepEqual(c.Reminders.Before, want) {
		t.Errorf("reminders %v, want %v", c.Reminders.Before, want)
	}
	if c.Mail.Password != "s3cret" || c.Web.IdleTimeout != 2*time.Minute {
		t.Errorf("password %q, idle %v", c.Mail.Password, c.Web.IdleTimeout)
	}
	if c.BaseURL != "http://127.0.0.1:3" {
		t.Errorf("base url %s does not follow the address", c.BaseURL)
	}
	named, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig, Env: []string{"RIGG_CONFIG=" + write(t, "named.yaml", file)}})
	if err != nil || named.Listen != "0.0.0.0:1" || len(named.Reminders.Before) != 2 {
		t.Errorf("by RIGG_CONFIG: %+v, %v", named, err)
	}
}

func TestAnEmptyFileAndListAreFine(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"\n", "# nothing yet\n", "mail:\n  # host: later\nlisten: :8080\n", "base_url:\n"} {
		if _, err := load(t, file, nil, nil); err != nil {
			t.Errorf("%q: %v", file, err)
		}
	}
	c, err := load(t, "reminders:\n  before: []\nbase_url: https://rigg.example/\ndata_dir: here\n", nil, nil)
	if err != nil || len(c.Reminders.Before) != 0 || c.BaseURL != "https://rigg.example" || !filepath.IsAbs(c.DataDir) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestPasswordComesFromAFile(t *testing.T) {
	t.Parallel()
	secret := write(t, "password", "s3cret\n")
	c, err := load(t, "mail: {host: mail.example, from: rigg@host.example, password_file: "+secret+"}\n", nil, nil)
	if err != nil || c.Mail.Password != "s3cret" {
		t.Errorf("password %q, %v", c.Mail.Password, err)
	}
}

func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	file := `listen: 8080
database:
  urll: postgres://db.example/rigg
  max_conns: 2
log: loud
schedules:
  sweep:
    cron: "61 * * * *"
  clean_up:
    zone: Europe/Mölndal
mail:
  port: 25
  port: 26
`
	_, err := load(t, file, []string{"RIGG_LOG_LEVEL=shout", "RIGG_LISTN=:80"}, map[string]string{"web.body_limit": "1GB"})
	if err == nil {
		t.Fatal("nothing was refused")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{
		"rigg.yaml:1: listen: ", "rigg.yaml:3: unknown key database.urll", "rigg.yaml:4: database.max_conns: ",
		"rigg.yaml:5: log is a section", "rigg.yaml:8: schedules.sweep.cron: ", "rigg.yaml:10: schedules.clean_up.zone: ",
		"rigg.yaml:13: mail.port is there twice", "RIGG_LISTN: unknown variable", "RIGG_LOG_LEVEL: log.level: ",
		"--web-body-limit: web.body_limit: ",
	}
	if len(lines) != len(want) {
		t.Errorf("%d complaints, want %d:\n%v", len(lines), len(want), err)
	}
	for i := range min(len(lines), len(want)) {
		if !strings.Contains(lines[i], want[i]) {
			t.Errorf("complaint %d is %q, want %q", i, lines[i], want[i])
		}
	}
}

func TestBadValuesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"not YAML", "listen: [\n", "rigg.yaml:"},
		{"not keys", "- listen\n", "rigg.yaml:1: want keys"},
		{"two documents", "listen: :1\n---\nlisten: :2\n", "more than one document"},
		{"a reference", "log: &a {level: info}\nmail: *a\n", "rigg.yaml:2: mail"},
		{"a nested list", "reminders:\n  before: [[24h]]\n", "rigg.yaml:2: reminders.before"},
		{"a section too deep", "listen:\n  host: here\n", "rigg.yaml:2: unknown key listen.host"},
		{"a password", "mail:\n  password: s3cret\n", "rigg.yaml:2: mail.password: a password does not belong here"},
		{"a password in an address", "database:\n  url: postgres://rigg:s3cret@db.example/rigg\n", "rigg.yaml:2: database.url: "},
		{"a password in a query", "database:\n  url: postgres://rigg@db.example/rigg?sslmode=require&password=s3cret\n", "rigg.yaml:2: database.url: an address with a password"},
		{"a password in words", "database:\n  url: host=db.example user=rigg password = 's3cret'\n", "rigg.yaml:2: database.url: an address with a password"},
		{"a key's password", "database:\n  url: postgres://rigg@db.example/rigg?sslpassword=s3cret\n", "rigg.yaml:2: database.url: an address with a password"},
		{"mail without a sender", "mail:\n  host: mail.example\n", "rigg.yaml:2: mail.from: "},
		{"no such password file", "mail:\n  password_file: /nowhere/password\n", "rigg.yaml:2: mail.password_file: "},
		{"a name with the address", "mail: {from: 'Rigg <rigg@host.example>'}\n", "rigg.yaml:1: mail.from"},
		{"a path in the base", "base_url: https://rigg.example/app\n", "rigg.yaml:1: base_url"},
		{"a scheme", "base_url: ftp://rigg.example\n", "rigg.yaml:1: base_url"},
		{"a day that never comes", "schedules: {sweep: {cron: '0 0 30 2 *'}}\n", "no such day"},
		{"the machine's zone", "schedules: {sweep: {zone: Local}}\n", "schedules.sweep.zone"},
		{"a negative time", "reminders: {before: [-1h]}\n", "reminders.before"},
		{"a truth", "jobs: {listen: maybe}\n", "jobs.listen"},
		{"an empty number", "jobs:\n  workers:\n", "rigg.yaml:2: jobs.workers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.file, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the complaint tells the secret: %v", err)
			}
		})
	}
	if _, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig, File: "/nowhere/rigg.yaml"}); err == nil {
		t.Error("a file that is not there was accepted")
	}
}
