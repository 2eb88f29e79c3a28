package main

import "time"

// stockholm is the zone of the benchmark's site.
var stockholm = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err) // the zones are part of the program
	}
	return zone
}()
