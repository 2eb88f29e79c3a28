-- What can be booked: sites, facilities, resources and the units behind them.

-- +goose Up
create table sites (
  id        text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name      text not null check (length(name) between 1 and 200),
  city      text not null check (length(city) between 1 and 100),
  county    text not null check (county ~ '^[0-9]{2}$'),
  time_zone text not null check (length(time_zone) between 1 and 63)
);

-- Host and place are separate and dated: facilities move and keep their history.
create table site_hosts (
  site_id         text not null references sites,
  from_date       date not null default '-infinity',
  organisation_id text not null references organisations,
  primary key (site_id, from_date)
);

create table facilities (
  id            text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name_sv       text not null check (length(name_sv) between 1 and 200),
  name_en       text not null check (length(name_en) between 1 and 200),
  kind          text not null check (kind in ('test_bed', 'pilot_line', 'lab')),
  about_sv      text not null default '' check (length(about_sv) <= 4000),
  about_en      text not null default '' check (length(about_en) <= 4000),
  address       text not null default '' check (length(address) <= 300),
  entrance_sv   text not null default '' check (length(entrance_sv) <= 1000),
  entrance_en   text not null default '' check (length(entrance_en) <= 1000),
  approval      text not null check (approval in ('auto', 'manual', 'auto_if')),
  auto_below    bigint check (auto_below >= 0),   -- öre; auto_if confirms at once below it
  hours         jsonb not null default '{}',      -- {"mon": [[420, 1140]], ...} in local minutes
  rules         jsonb not null default '{}',      -- defaults for the resources
  constraint facilities_auto_below check ((approval = 'auto_if') = (auto_below is not null))
);

create table facility_sites (
  facility_id text not null references facilities,
  from_date   date not null default '-infinity',
  site_id     text not null references sites,
  primary key (facility_id, from_date)
);

create table closures (
  site_id     text references sites,
  facility_id text references facilities,
  day         date not null,
  name_sv     text not null check (length(name_sv) between 1 and 200),
  name_en     text not null check (length(name_en) between 1 and 200),
  constraint closures_one_place check (num_nonnulls(site_id, facility_id) = 1),
  constraint closures_once unique nulls not distinct (site_id, facility_id, day)
);

-- A physical thing (or a person) that can be in one use at a time.
create table units (
  id          bigint generated always as identity primary key,
  facility_id text not null references facilities,
  slug        text not null check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  unique (facility_id, slug)
);

create table resources (
  id           text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  facility_id  text not null references facilities,
  name_sv      text not null check (length(name_sv) between 1 and 200),
  name_en      text not null check (length(name_en) between 1 and 200),
  about_sv     text not null default '' check (length(about_sv) <= 4000),
  about_en     text not null default '' check (length(about_en) <= 4000),
  capabilities text[] not null default '{}' check (cardinality(capabilities) <= 50),
  take         int check (take between 1 and 100),  -- null: all of its units; n: any n of them
  rules        jsonb not null default '{}',
  position     int not null default 0
);
create index resources_by_facility on resources (facility_id);

create table resource_units (
  resource_id text not null references resources,
  unit_id     bigint not null references units,
  primary key (resource_id, unit_id)
);
create index resource_units_by_unit on resource_units (unit_id);

create table resource_qualifications (
  resource_id      text not null references resources,
  qualification_id text not null references qualifications,
  primary key (resource_id, qualification_id)
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['sites', 'site_hosts', 'facilities', 'facility_sites', 'closures',
                           'units', 'resources', 'resource_units', 'resource_qualifications'] loop
    execute format('create trigger %I after insert or update or delete on %I
      for each statement execute function bump_catalogue()', t || '_version', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table resource_qualifications, resource_units, resources, units, closures, facility_sites,
  facilities, site_hosts, sites;
