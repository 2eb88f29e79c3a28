-- The waiting list: who would like a time that is taken, and what is offered.

-- +goose Up
create table waits (
  id          bigint generated always as identity primary key,
  ref         text not null unique check (length(ref) = 13),
  person_id   bigint not null references people,
  project_id  text not null references projects,
  facility_id text not null references facilities,
  resources   text[] not null check (cardinality(resources) between 1 and 10),
  starts_at   timestamptz not null,     -- the wished time, without buffers, or where to look for it
  ends_at     timestamptz not null,
  minutes     int not null check (minutes >= 1),
  purpose     text not null default '' check (length(purpose) <= 2000),
  state       text not null check (state in ('waiting', 'offered', 'booked', 'left', 'expired')),
  booking_id  bigint references bookings,   -- that came of it
  created_at  timestamptz not null,
  changed_at  timestamptz not null,
  tried_at    timestamptz,                  -- when it was last looked whether there is time; null: not yet
  tried_facts bigint not null default 0,    -- with which facts
  constraint waits_window check (ends_at - starts_at >= make_interval(mins => minutes)),
  constraint waits_booked check ((state = 'booked') = (booking_id is not null))
);
create index waits_in_line on waits (facility_id, created_at, id) where state = 'waiting';
create index waits_by_person on waits (person_id, id);

alter table holds
  add column wait_id bigint references waits,             -- of an offer
  add column declined boolean not null default false,     -- its time is not offered to the same wait again
  add constraint holds_of_wait check (wait_id is null or kind = 'offer');
create unique index holds_one_of_wait on holds (wait_id) where ended_at is null;
create index holds_by_wait on holds (wait_id) where wait_id is not null;

-- +goose Down
drop index holds_by_wait, holds_one_of_wait;
alter table holds drop constraint holds_of_wait, drop column wait_id, drop column declined;
drop table waits;
