-- Series: bookings that repeat by a rule, and the occurrences that could not be
-- booked.

-- +goose Up
create table series (
  id         bigint generated always as identity primary key,
  ref        text not null unique check (length(ref) = 13),
  rule       text not null check (length(rule) between 1 and 300),   -- RFC 5545 3.3.10
  zone       text not null check (length(zone) between 1 and 100),   -- in which it is expanded
  project_id text not null references projects,
  person_id  bigint not null references people,                      -- the booker
  created_by bigint not null references people,                      -- another, where booked on behalf
  purpose    text not null default '' check (length(purpose) <= 2000),
  attendees  jsonb not null default '[]',
  created_at timestamptz not null
);
create index series_by_person on series (person_id);

-- A rule gives at most one occurrence a day, so its day is an occurrence's name
-- for good, however it is moved. Its times are what the series would have: a
-- booking with others was moved by itself.
create table series_occurrences (
  series_id  bigint not null references series,
  day        date not null,
  starts     timestamp not null,        -- by the clocks of the zone, which may skip it
  ends       timestamp not null,
  resources  text[] not null check (cardinality(resources) between 1 and 50),
  booking_id bigint unique references bookings,   -- null: skipped
  reasons    jsonb not null default '[]',         -- why it was skipped
  primary key (series_id, day),
  constraint series_occurrences_period check (ends > starts),
  constraint series_occurrences_skipped check ((booking_id is null) = (reasons <> '[]'))
);

-- +goose Down
drop table series_occurrences, series;
