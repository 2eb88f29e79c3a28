package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// setter reads the text of one key into its field, or says what it wants.
type setter func(text string) error

func words(to *string) setter {
	return func(s string) error {
		if strings.ContainsAny(s, "\r\n\x00") {
			return errors.New("want one line")
		}
		*to = strings.TrimSpace(s)
		return nil
	}
}

func oneOf(to *string, choices ...string) setter {
	return func(s string) error {
		if !slices.Contains(choices, s) {
			return fmt.Errorf("%q: want one of %s", s, strings.Join(choices, ", "))
		}
		*to = s
		return nil
	}
}

func number(to *int, least, most int) setter {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q: want a whole number from %d to %d", s, least, most)
		}
		*to = n
		return nil
	}
}

// endings reads names of file types as they stand after a file's dot.
func endings(to *[]string) setter {
	return func(s string) error {
		var list []string
		for part := range strings.SplitSeq(s, ",") {
			part = strings.TrimSpace(part)
			if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				return fmt.Errorf("%q: want endings of files, such as pdf,step,xlsx", s)
			}
			list = append(list, part)
		}
		*to = list
		return nil
	}
}

func truth(to *bool) setter {
	return func(s string) error {
		if s != "true" && s != "false" {
			return fmt.Errorf("%q: want true or false", s)
		}
		*to = s == "true"
		return nil
	}
}

func duration(to *time.Duration, least, most time.Duration) setter {
	return func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d < least || d > most {
			return fmt.Errorf("%q: want a time from %s to %s, such as 90s or 1h30m", s, least, most)
		}
		*to = d
		return nil
	}
}

func durations(to *[]time.Duration, least, most time.Duration) setter {
	return func(s string) error {
		var list []time.Duration
		for part := range strings.SplitSeq(s, ",") {
			if s == "" {
				break
			}
			var d time.Duration
			if err := duration(&d, least, most)(strings.TrimSpace(part)); err != nil {
				return err
			}
			list = append(list, d)
		}
		*to = list
		return nil
	}
}

func size(to *int, least, most int) setter {
	return func(s string) error {
		digits, factor := s, 1
		for unit, bytes := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
			if before, found := strings.CutSuffix(s, unit); found {
				digits, factor = before, bytes
			}
		}
		n, err := strconv.Atoi(strings.TrimSpace(digits))
		if err != nil || n > most/factor || n*factor < least {
			return fmt.Errorf("%q: want a size from %d bytes to %d MiB, such as 512KiB or 1MiB", s, least, most>>20)
		}
		*to = n * factor
		return nil
	}
}

func address(to *string) setter {
	return func(s string) error {
		_, port, err := net.SplitHostPort(s)
		n, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil {
			return fmt.Errorf("%q: want HOST:PORT, such as 127.0.0.1:8080 or :%d", s, max(n, 8080))
		}
		*to = s
		return nil
	}
}

func baseURL(to *string) setter {
	return func(s string) error {
		if s == "" {
			*to = ""
			return nil
		}
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("%q: want http:// or https:// and a host, such as https://rigg.example", s)
		}
		*to = u.Scheme + "://" + u.Host
		return nil
	}
}

func directory(to *string) setter {
	return func(s string) error {
		if s == "" {
			*to = ""
			return nil
		}
		absolute, err := filepath.Abs(s)
		if err != nil {
			return fmt.Errorf("%q: want a directory: %w", s, err)
		}
		*to = absolute
		return nil
	}
}

func mailbox(to *string) setter {
	return func(s string) error {
		if a, err := mail.ParseAddress(s); s != "" && (err != nil || a.Address != s) {
			return fmt.Errorf("%q: want an address alone, such as rigg@host.example", s)
		}
		*to = s
		return nil
	}
}

func cronFields(to *string) setter {
	return func(s string) error {
		schedule, err := cron.ParseStandard(s)
		if err != nil || strings.Contains(s, "TZ=") {
			return fmt.Errorf("%q: want cron's five fields, such as \"30 6 * * 1-5\": minute, hour, day, month, weekday", s)
		}
		if schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
			return fmt.Errorf("%q: no such day ever comes", s)
		}
		*to = s
		return nil
	}
}

func zone(to *string) setter {
	return func(s string) error {
		if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
			return fmt.Errorf("%q: want a time zone such as Europe/Stockholm", s)
		}
		*to = s
		return nil
	}
}
