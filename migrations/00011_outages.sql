-- Outages of every kind: recurring, open-ended, partial, and lifted early.

-- +goose Up
alter table outages
  add column kind text not null default 'maintenance' check (kind in ('maintenance', 'breakdown', 'internal')),
  add column series text check (length(series) = 13),        -- the same for all of one recurrence
  add column note text not null default '' check (length(note) <= 2000),  -- for the managers alone
  add column until_lifted_min int check (until_lifted_min between 15 and 43200),  -- its end moves on by this while it lasts
  add column lifted_at timestamptz,                          -- by hand, before its end; it takes nothing after
  add constraint outages_series_ends check (series is null or until_lifted_min is null);
create index outages_by_facility on outages (facility_id, ends_at);
create index outages_by_series on outages (series) where series is not null;
create index outages_to_move_on on outages (ends_at) where until_lifted_min is not null and lifted_at is null;

-- What an outage is of. Its allocations say when it has each of them, for one in
-- use when it began joins it later.
create table outage_units (
  outage_id bigint not null references outages,
  unit_id   bigint not null references units,
  primary key (outage_id, unit_id)
);
create index outage_units_by_unit on outage_units (unit_id);
insert into outage_units (outage_id, unit_id)
  select distinct outage_id, unit_id from allocations where outage_id is not null;

-- The few bookings that must be moved before their time comes.
create index bookings_displaced on bookings (starts_at) where state = 'displaced';

-- +goose Down
drop index bookings_displaced;
drop table outage_units;
update allocations set active = false where outage_id in (select id from outages where lifted_at is not null);
alter table outages
  drop constraint outages_series_ends,
  drop column kind, drop column series, drop column note, drop column until_lifted_min, drop column lifted_at;
