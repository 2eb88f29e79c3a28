package main_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	anna, kai := w.as(annaEk), w.as(kaiDahl)
	mine, mineID := anna.feed("mine", "")
	other, _ := anna.feed("mine", "")
	his, _ := kai.feed("resource", "printer")
	reader := anna.anybody()

	empty := calendarFile(t, reader.get(mine))
	if len(empty.property("BEGIN")) != 1 || len(empty.property("UID")) != 0 || len(empty.property("METHOD")) != 0 {
		t.Errorf("a calendar of nothing:\n%s", empty.body)
	}
	b := anna.books(wish("printer", "P-1001", "2026-09-07T08:00", "2026-09-07T12:00"))
	followed(t, w, mine, his, b)
	conditional(t, reader, mine)

	// The body follows from the data alone: another start, the same bytes.
	before := reader.get(mine).is(200)
	w.restart("2026-09-01T09:00:00Z")
	anna, kai, reader = w.as(annaEk), w.as(kaiDahl), w.as(annaEk).anybody()
	after := reader.get(mine).is(200)
	was, is := withoutAddress(before.body), withoutAddress(after.body)
	if is != was || before.header.Get("Last-Modified") == "" {
		t.Errorf("the same data, and\n%s\nthen\n%s", was, is)
	}

	// One by one, and by their owner.
	kai.send(http.MethodDelete, "/api/v1/feeds/"+mineID, nil).refuses(404, "not-found")
	reader.get(mine).is(200)
	anna.send(http.MethodDelete, "/api/v1/feeds/"+mineID, nil).is(204)
	anna.send(http.MethodDelete, "/api/v1/feeds/"+mineID, nil).is(204)
	reader.get(mine).refuses(410, "feed-revoked")
	reader.get(mine, "If-None-Match", before.header.Get("ETag")).refuses(410, "feed-revoked")
	if head := reader.send(http.MethodHead, mine, nil); head.status != 410 {
		t.Errorf("HEAD of a revoked feed: %d", head.status)
	}
	calendarFile(t, reader.get(other))
	calendarFile(t, reader.get(his))
	var list struct{ Items []struct{ ID, URL string } }
	anna.get("/api/v1/feeds").is(200).into(&list)
	if len(list.Items) != 1 || list.Items[0].URL != "" {
		t.Errorf("her addresses: %+v", list)
	}
}

// withoutAddress leaves out the links, which have the port of this start.
func withoutAddress(body []byte) string {
	unfolded := strings.ReplaceAll(string(body), "\r\n ", "")
	return strings.Join(slices.DeleteFunc(strings.Split(unfolded, "\r\n"), func(line string) bool {
		return strings.HasPrefix(line, "URL:")
	}), "\n")
}

// calendarFile holds an answer to what every feed is (CALENDAR.md).
func calendarFile(t *testing.T, r reply) reply {
	t.Helper()
	r.is(200)
	h := r.header
	if h.Get("Content-Type") != "text/calendar; charset=utf-8" || h.Get("Content-Disposition") != "" || h.Get("Set-Cookie") != "" ||
		!strings.HasPrefix(h.Get("ETag"), `"`) || h.Get("Last-Modified") == "" || !strings.HasPrefix(h.Get("Cache-Control"), "private, max-age=") {
		t.Errorf("headers of a feed: %v", h)
	}
	if !bytes.HasPrefix(r.body, []byte("BEGIN:VCALENDAR\r\n")) || !bytes.HasSuffix(r.body, []byte("END:VCALENDAR\r\n")) {
		t.Errorf("not a calendar: %s", r.body)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(r.body), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	return r
}

// followed goes through the life of a booking as her calendar shows it, and as a
// resource's does to her competitor.
func followed(t *testing.T, w *whole, mine, his string, b booked) {
	t.Helper()
	anna, mia, reader := w.as(annaEk), w.as(miaLund), w.as(annaEk).anybody()
	var tags []string
	shows := func(when, status, sequence, start string) {
		t.Helper()
		r := calendarFile(t, reader.get(mine))
		got := slices.Concat(r.property("UID"), r.property("STATUS"), r.property("SEQUENCE"), r.property("DTSTART"))
		if want := []string{b.UID, status, sequence, start}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", when, got, want)
		}
		if tag := r.header.Get("ETag"); slices.Contains(tags, tag) {
			t.Errorf("%s: the tag %s again", when, tag)
		} else {
			tags = append(tags, tag)
		}
		theirs := calendarFile(t, reader.get(his))
		summary := "Booked"
		if status == "CANCELLED" {
			summary = "Cancelled"
		}
		if got := theirs.property("SUMMARY"); !slices.Equal(got, []string{summary}) || strings.Contains(string(theirs.body), "TENTATIVE") {
			t.Errorf("%s: the competitor reads\n%s", when, theirs.body)
		}
		if theirs.property("SEQUENCE")[0] != sequence {
			t.Errorf("%s: the competitor's event is of version %v", when, theirs.property("SEQUENCE"))
		}
	}
	shows("requested", "TENTATIVE", "1", "20260907T060000Z")
	anna.patch("/bookings/"+b.Ref, map[string]any{"version": 1, "start": "2026-09-08T08:00", "end": "2026-09-08T12:00"}).is(200)
	shows("moved", "TENTATIVE", "2", "20260908T060000Z")
	mia.does(b.Ref, "approve", 2)
	shows("approved", "CONFIRMED", "3", "20260908T060000Z")
	anna.does(b.Ref, "cancel", 3)
	shows("cancelled", "CANCELLED", "4", "20260908T060000Z")
	if gone := reader.get(mine); !slices.Equal(gone.property("TRANSP"), []string{"TRANSPARENT"}) {
		t.Errorf("what is cancelled takes time: %s", gone.body)
	}
}

// conditional asks again for what one has, in all the ways there are.
func conditional(t *testing.T, reader *caller, path string) {
	t.Helper()
	full := calendarFile(t, reader.get(path))
	tag, modified := full.header.Get("ETag"), full.header.Get("Last-Modified")
	for _, c := range []struct {
		name, value string
		status      int
	}{
		{"If-None-Match", tag, 304},
		{"If-None-Match", "W/" + tag, 304},
		{"If-None-Match", `"other", ` + tag, 304},
		{"If-None-Match", "*", 304},
		{"If-None-Match", `"other"`, 200},
		{"If-None-Match", "garbage", 200},
		{"If-Modified-Since", modified, 304},
		{"If-Modified-Since", "Mon, 31 Aug 2026 00:00:00 GMT", 200},
		{"If-Modified-Since", "yesterday", 200},
	} {
		got := reader.get(path, c.name, c.value).is(c.status)
		if got.header.Get("ETag") != tag || c.status == 304 && len(got.body) > 0 {
			t.Errorf("%s: %s: %v", c.name, c.value, got.header)
		}
	}
	head := reader.send(http.MethodHead, path, nil).is(200)
	if len(head.body) > 0 || head.header.Get("ETag") != tag || head.header.Get("Content-Type") != full.header.Get("Content-Type") {
		t.Errorf("HEAD: %v", head.header)
	}
	packed := reader.get(path, "Accept-Encoding", "gzip").is(200)
	z, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(body, full.body) || packed.header.Get("ETag") == tag {
		t.Errorf("packed: %v, %v", err, packed.header)
	}
	reader.get(path, "Accept-Encoding", "gzip", "If-None-Match", packed.header.Get("ETag")).is(304)
}
