-- Time that is held for somebody without a booking of it yet: an offer to the
-- first in a waiting list, an alternative to a displaced booking, a proposed
-- change. And which resource an allocation is for, and whether its unit may
-- still change.

-- +goose Up
create table holds (
  id         bigint generated always as identity primary key,
  kind       text not null check (kind in ('alternative', 'change', 'offer')),
  booking_id bigint references bookings,   -- that it would change; of an alternative or a change
  resources  text[] not null check (cardinality(resources) between 1 and 50),
  starts_at  timestamptz not null,         -- without buffers
  ends_at    timestamptz not null,
  by_person  bigint references people,     -- who proposed it; null: the program itself
  reason     text not null default '' check (length(reason) <= 2000),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at   timestamptz,                  -- null: in force
  constraint holds_period check (ends_at > starts_at),
  constraint holds_expiry check (expires_at > created_at)
);
create unique index holds_one_of_booking on holds (booking_id) where ended_at is null;
create index holds_to_end on holds (expires_at) where ended_at is null;

alter table allocations
  add column hold_id bigint references holds,
  add column resource_id text references resources,      -- of a booking or a hold
  add column pinned boolean not null default false,      -- of a pool: this unit, and no other
  drop constraint allocations_one_cause,
  add constraint allocations_one_cause check (num_nonnulls(booking_id, outage_id, hold_id) = 1);
create index allocations_by_hold on allocations (hold_id) where hold_id is not null;

-- A unit that two resources of one booking share is taken for the first of them.
update allocations a set resource_id = (
  select r.resource_id from booking_resources r join resource_units u on u.resource_id = r.resource_id
  where r.booking_id = a.booking_id and u.unit_id = a.unit_id order by r.position limit 1)
where a.booking_id is not null;

-- +goose Down
delete from allocations where hold_id is not null;
alter table allocations
  drop constraint allocations_one_cause,
  drop column hold_id, drop column resource_id, drop column pinned,
  add constraint allocations_one_cause check (num_nonnulls(booking_id, outage_id) = 1);
drop table holds;
