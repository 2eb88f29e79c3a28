package booking

import "rigg/internal/database"

// aroundInvariants are what holds of the use of bookings and of what lies around
// them.
func aroundInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name:  "only a completed booking has its run described",
			Query: `select b.ref, b.state from use_logs l join bookings b on b.id = l.booking_id where b.state <> 'completed'`,
		},
		{
			Name: "a described run answers every question that it had to, and no other",
			Query: `select l.booking_id, q ->> 'id' as question from use_logs l, jsonb_array_elements(l.questions) q
				where (q ->> 'required')::boolean and l.answers -> (q ->> 'id') is null
				union all
				select l.booking_id, a from use_logs l, jsonb_object_keys(l.answers) a
				where not exists (select from jsonb_array_elements(l.questions) q where q ->> 'id' = a)`,
		},
		{
			Name: "nobody checks out before they check in, or without",
			Query: `select ref, checked_in_at, checked_out_at from bookings
				where checked_out_at is not null and (checked_in_at is null or checked_out_at < checked_in_at)`,
		},
		{
			Name: "an outage that a report started is of the report's facility",
			Query: `select r.id as report_id from reports r join outages o on o.id = r.outage_id where o.facility_id <> r.facility_id
				union all select r.id from reports r join resources x on x.id = r.resource_id where x.facility_id <> r.facility_id`,
		},
		{
			Name: "an enquiry has a message, and one that became a booking has it",
			Query: `select e.ref, e.state from enquiries e where not exists (select from enquiry_messages m where m.enquiry_id = e.id)
				or e.state = 'booked' and not exists (select from bookings b where b.enquiry_id = e.id)`,
		},
		{
			Name:  "a file is what it was when it was stored",
			Query: `select ref from files where sha256 <> sha256(content)`,
		},
		{
			Name: "a file counts in the project of what it belongs to",
			Query: `select f.ref from files f left join bookings b on b.id = f.booking_id left join enquiries e on e.id = f.enquiry_id
				where f.project_id is distinct from coalesce(b.project_id, e.project_id)`,
		},
		{
			Name: "no open booking ends after its resource is retired",
			Query: `select b.ref, x.resource_id from bookings b join booking_resources x on x.booking_id = b.id
				join resource_retirements w on w.resource_id = x.resource_id join resources r on r.id = x.resource_id
				where b.state in ('requested', 'confirmed', 'in_use', 'displaced') and b.ends_at > (w.from_date::timestamp at time zone (
					select s.time_zone from facility_sites fs join sites s on s.id = fs.site_id
					where fs.facility_id = r.facility_id and fs.from_date <= w.from_date order by fs.from_date desc limit 1))`,
		},
	}
}
