-- Who has to approve what and has done so, who stands in for whom, and what is
-- asked of a booking before its time comes.

-- +goose Up
alter table resources
  add column approval   text check (approval in ('auto', 'manual', 'auto_if')),  -- null: the facility's
  add column auto_below bigint check (auto_below >= 0),                          -- öre
  add constraint resources_auto_below check ((approval is not distinct from 'auto_if') = (auto_below is not null));

alter table projects add column lead_above bigint check (lead_above >= 0);  -- öre; null: the lead is never asked

-- The answers that a request needs, or a proposed change of a booking: each is
-- awaited until somebody has given it. What was approved is kept, because a move
-- within it need not be approved again.
create table approvals (
  id         bigint generated always as identity primary key,
  booking_id bigint not null references bookings,
  hold_id    bigint references holds,   -- of a proposed change; null: of the booking as it is
  side       text not null check (side in ('manager', 'lead', 'booker')),
  person_id  bigint,                    -- who gave it; like the history's it outlives the person
  given_at   timestamptz,               -- null: awaited
  resources  text[],
  starts_at  timestamptz,
  ends_at    timestamptz,
  cost_ore   bigint,
  constraint approvals_once unique nulls not distinct (booking_id, hold_id, side),
  constraint approvals_given check (num_nulls(person_id, given_at, resources, starts_at, ends_at, cost_ore) in (0, 6)),
  constraint approvals_booker check (side <> 'booker' or hold_id is not null)
);
create index approvals_by_hold on approvals (hold_id) where hold_id is not null;
create index approvals_awaited on approvals (booking_id) where given_at is null;

alter table bookings
  add column booked_until     timestamptz,  -- its end before it was ended early while in use
  add column reconfirm_ask_at timestamptz,  -- when the booker is asked whether the time is still needed
  add column reconfirm_by     timestamptz,  -- when the time is released without an answer; null: nothing is asked
  add constraint bookings_booked_until check (booked_until > ends_at),
  add constraint bookings_reconfirm check ((reconfirm_by is null) = (reconfirm_ask_at is null) and reconfirm_ask_at < reconfirm_by);
create index bookings_to_reconfirm on bookings (reconfirm_by) where reconfirm_by is not null;

insert into approvals (booking_id, side) select id, 'manager' from bookings where state = 'requested';
insert into approvals (booking_id, side, person_id, given_at, resources, starts_at, ends_at, cost_ore)
select b.id, 'manager', h.person_id, h.at,
  (select array_agg(r.resource_id order by r.position) from booking_resources r where r.booking_id = b.id),
  b.starts_at, b.ends_at, c.total_ore
from bookings b
join charges c on c.booking_id = b.id and c.state = 'reserved'
cross join lateral (
  select person_id, at from booking_history where booking_id = b.id and action = 'approve' order by id desc limit 1) h
where b.state in ('confirmed', 'in_use', 'displaced') and h.person_id is not null;

-- While it is in force the one holds what the other manages and leads.
create table delegations (
  id          bigint generated always as identity primary key,
  from_person bigint not null references people,
  to_person   bigint not null references people,
  from_date   date not null,
  until_date  date not null,            -- both days included
  reason      text not null default '' check (length(reason) <= 500),
  created_at  timestamptz not null,
  constraint delegations_period check (until_date >= from_date),
  constraint delegations_other check (from_person <> to_person)
);
create index delegations_by_from on delegations (from_person, until_date);
create index delegations_by_to on delegations (to_person, until_date);

-- +goose Down
drop table delegations;
alter table bookings
  drop constraint bookings_booked_until, drop constraint bookings_reconfirm,
  drop column booked_until, drop column reconfirm_ask_at, drop column reconfirm_by;
drop table approvals;
alter table projects drop column lead_above;
alter table resources drop constraint resources_auto_below, drop column approval, drop column auto_below;
