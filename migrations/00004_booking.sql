-- Bookings, outages, and the allocations by which they take units.

-- +goose Up
create table bookings (
  id             bigint generated always as identity primary key,
  ref            text not null unique check (length(ref) = 13),
  version        int not null default 1 check (version >= 1),
  state          text not null check (state in ('requested', 'confirmed', 'declined', 'cancelled', 'expired',
                   'in_use', 'completed', 'no_show', 'displaced')),
  project_id     text not null references projects,
  person_id      bigint not null references people,   -- the booker
  created_by     bigint not null references people,   -- another, where booked on behalf
  agreement_id   bigint not null references agreements,
  starts_at      timestamptz not null,
  ends_at        timestamptz not null,
  purpose        text not null default '' check (length(purpose) <= 2000),
  question       text not null default '' check (length(question) <= 2000),  -- asked by a manager, not yet answered
  checked_in_at  timestamptz,
  checked_out_at timestamptz,
  created_at     timestamptz not null,
  changed_at     timestamptz not null,
  constraint bookings_period check (ends_at > starts_at)
);
create index bookings_by_person on bookings (person_id, starts_at);
create index bookings_by_project on bookings (project_id, starts_at);
-- The few that a schedule must act on.
create index bookings_to_end on bookings (ends_at) where state in ('confirmed', 'in_use');
create index bookings_to_start on bookings (starts_at) where state in ('requested', 'confirmed');

create table booking_resources (
  booking_id   bigint not null references bookings,
  position     int not null,
  resource_id  text not null references resources,
  set_up_min   int not null check (set_up_min between 0 and 43200),
  clean_up_min int not null check (clean_up_min between 0 and 43200),
  primary key (booking_id, position),
  unique (booking_id, resource_id)
);
create index booking_resources_by_resource on booking_resources (resource_id);

create table attendees (
  booking_id bigint not null references bookings,
  position   int not null check (position between 0 and 99),
  name       text not null check (length(name) between 1 and 200),
  email      text check (length(email) between 3 and 254),
  primary key (booking_id, position)
);

create table outages (
  id          bigint generated always as identity primary key,
  facility_id text not null references facilities,
  slug        text unique,              -- given by rigg load, so that it is idempotent
  name_sv     text not null check (length(name_sv) between 1 and 200),
  name_en     text not null check (length(name_en) between 1 and 200),
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  created_by  bigint references people,
  created_at  timestamptz not null,
  constraint outages_period check (ends_at > starts_at)
);

-- Promise 1: no unit is ever allocated twice at the same time.
create table allocations (
  id         bigint generated always as identity primary key,
  unit_id    bigint not null references units,
  booking_id bigint references bookings,
  outage_id  bigint references outages,
  starts_at  timestamptz not null,      -- buffers included
  ends_at    timestamptz not null,
  during     tstzrange generated always as (tstzrange(starts_at, ends_at, '[)')) stored,
  active     boolean not null default true,
  constraint allocations_period check (ends_at > starts_at),
  constraint allocations_one_cause check (num_nonnulls(booking_id, outage_id) = 1),
  constraint allocations_no_overlap exclude using gist (unit_id with =, during with &&) where (active)
);
create index allocations_by_booking on allocations (booking_id) where booking_id is not null;
create index allocations_by_outage on allocations (outage_id) where outage_id is not null;

create table booking_history (
  id         bigint generated always as identity primary key,
  booking_id bigint not null references bookings,
  version    int not null,
  at         timestamptz not null,
  person_id  bigint,                    -- null: the program itself
  action     text not null check (length(action) between 1 and 40),
  from_state text,                      -- null: the booking was made
  to_state   text not null,
  reason     text not null default '' check (length(reason) <= 2000),
  details    jsonb not null default '{}'
);
create index booking_history_by_booking on booking_history (booking_id, id);
create trigger booking_history_append_only before update or delete on booking_history
  for each row execute function refuse_change();
create trigger booking_history_no_truncate before truncate on booking_history
  for each statement execute function refuse_change();

alter table charges add constraint charges_booking foreign key (booking_id) references bookings
  deferrable initially deferred;

-- Inserted in the booking's transaction, per principal; only successes replay.
create table idempotency_keys (
  person_id  bigint not null references people,
  key        text not null check (length(key) between 1 and 255),
  request    bytea not null check (length(request) = 32),  -- hash of method, path and body
  response   bytea not null default '',
  created_at timestamptz not null,
  primary key (person_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- +goose Down
alter table charges drop constraint charges_booking;
drop table idempotency_keys, booking_history, allocations, outages, attendees, booking_resources, bookings;
