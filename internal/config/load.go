package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	shipped   = "default config.yaml"
	envPrefix = "RIGG_"
	envFile   = "RIGG_CONFIG"
	maxFile   = 1 << 20 // bytes; far more than any configuration

	passwordKey = "mail.password" // never in a file
)

// Sources is everything that configuration is read from; the later wins.
type Sources struct {
	Defaults []byte            // the shipped config.yaml
	File     string            // --config; empty is what RIGG_CONFIG names, if anything
	Env      []string          // NAME=value, as of os.Environ
	Flags    map[string]string // by key, such as "database.url"; only those given
}

// reader collects what is set where, and everything that is wrong.
type reader struct {
	settings map[string]setter
	origin   map[string]string // of each key: file and line, variable or flag
	wrong    []error
}

// Load reads the sources. The error names everything that is wrong, each with
// its file and line, its variable or its flag.
func Load(s Sources) (*Config, error) {
	var c Config
	r := &reader{settings: c.settings(), origin: map[string]string{}}
	r.readYAML(shipped, s.Defaults)
	r.missing()
	env := environment(s.Env)
	if s.File == "" {
		s.File = env[envFile]
	}
	if s.File != "" {
		r.readFile(s.File)
	}
	r.readEnv(env)
	for _, key := range slices.Sorted(maps.Keys(s.Flags)) {
		r.set(key, s.Flags[key], "--"+strings.ReplaceAll(strings.ReplaceAll(key, ".", "-"), "_", "-"))
	}
	r.finish(&c)
	if err := errors.Join(r.wrong...); err != nil {
		return nil, err
	}
	return &c, nil
}

func (r *reader) fail(origin, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("%s: "+format, append([]any{origin}, args...)...))
}

func (r *reader) set(key, value, origin string) {
	set, known := r.settings[key]
	if !known {
		r.fail(origin, "unknown key %s", key)
		return
	}
	r.origin[key] = origin
	if err := set(value); err != nil {
		r.fail(origin, "%s: %w", key, err)
	}
}

// missing makes sure that the shipped file shows every key that may stand there.
func (r *reader) missing() {
	for _, key := range slices.Sorted(maps.Keys(r.settings)) {
		if r.origin[key] == "" && key != passwordKey {
			r.fail(shipped, "%s is missing", key)
		}
	}
}

func (r *reader) readFile(path string) {
	text, err := readSmall(path)
	if err != nil {
		r.fail(path, "%w", err)
		return
	}
	r.readYAML(path, text)
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("longer than %d bytes", maxFile)
	}
	return os.ReadFile(path)
}

func environment(list []string) map[string]string {
	out := map[string]string{}
	for _, pair := range list {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, envPrefix) {
			out[name] = value
		}
	}
	return out
}

func (r *reader) readEnv(env map[string]string) {
	keys := map[string]string{}
	for key := range r.settings {
		keys[envPrefix+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if name == envFile {
			continue
		}
		key, known := keys[name]
		if !known {
			r.fail(name, "unknown variable")
			continue
		}
		r.set(key, env[name], name)
	}
}

// finish fills what depends on something else and checks what needs two keys.
func (r *reader) finish(c *Config) {
	if c.BaseURL == "" {
		c.BaseURL = "http://" + c.Listen
	}
	if c.Mail.Host != "" && c.Mail.From == "" {
		r.fail(r.origin["mail.host"], "mail.from: needed when there is a mail.host")
	}
	if c.Mail.PasswordFile != "" && c.Mail.Password == "" {
		text, err := readSmall(c.Mail.PasswordFile)
		if err != nil {
			r.fail(r.origin["mail.password_file"], "mail.password_file: %w", err)
		}
		c.Mail.Password = strings.TrimRight(string(text), "\r\n")
	}
}

// secret says why a value may not stand in a configuration file.
func secret(key, value string) error {
	if key == passwordKey {
		return errors.New("a password does not belong here: use RIGG_MAIL_PASSWORD or mail.password_file")
	}
	if key == "database.url" && passwordIn.MatchString(value) {
		return errors.New("an address with a password does not belong here: use RIGG_DATABASE_URL or ?passfile=")
	}
	return nil
}

// passwordIn finds a password wherever an address of PostgreSQL may have one:
// before the host, in the query, or in a list of words.
var passwordIn = regexp.MustCompile(`(?i)://[^/?#@]*:[^/?#]*@|(^|[^a-z])(ssl)?password\s*=`)
