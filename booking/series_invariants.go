package booking

import "rigg/internal/database"

// seriesInvariants are those of Invariants that are about series.
func seriesInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "an occurrence of a series is one booking of the series' project, and of no other series",
			Query: `select s.ref, o.day, b.ref as booking from series s join series_occurrences o on o.series_id = s.id
				join bookings b on b.id = o.booking_id
				where b.project_id <> s.project_id
					or (select count(*) from series_occurrences x where x.booking_id = b.id) <> 1`,
		},
		{
			Name: "a series has a booking, and each day once, booked or with a reason why not",
			Query: `select s.ref from series s where not exists (
					select from series_occurrences o where o.series_id = s.id and o.booking_id is not null)
				union
				select s.ref from series s join series_occurrences o on o.series_id = s.id
				group by s.ref, o.day having count(*) > 1 or bool_or((o.booking_id is null) = (o.reasons = '[]'))`,
		},
	}
}
