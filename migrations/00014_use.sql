-- Use: what is asked after it and answered, problems that are reported, and
-- charges that are corrected.

-- +goose Up
-- The questions that a resource asks after each use. A version is never edited:
-- answers say which they were given to.
create table resource_forms (
  resource_id text not null references resources,
  version     int not null check (version >= 1),
  questions   jsonb not null,             -- a list, as facilities.Question has it; empty: nothing is asked
  primary key (resource_id, version)
);
create trigger resource_forms_append_only before update or delete on resource_forms
  for each row execute function refuse_change();
create trigger resource_forms_version after insert on resource_forms
  for each statement execute function bump_catalogue();

-- What was written and answered about one use. No row: nobody has yet.
create table use_logs (
  booking_id bigint primary key references bookings,
  notes      text not null default '' check (length(notes) <= 4000),
  questions  jsonb not null,              -- as they were when they were answered
  forms      jsonb not null default '{}', -- {"robot": 3}: the versions that they are of
  answers    jsonb not null,              -- {"powder": "316L", "kg": 12.5}
  person_id  bigint not null references people,
  at         timestamptz not null
);

create table reports (
  id            bigint generated always as identity primary key,
  facility_id   text not null references facilities,
  resource_id   text not null references resources,
  booking_id    bigint references bookings,   -- in whose use it was found
  person_id     bigint not null references people,
  text          text not null check (length(text) between 1 and 4000),
  severity      text not null check (severity in ('note', 'limited', 'down')),
  expected_end  timestamptz,                  -- when it is thought to work again
  outage_id     bigint references outages,    -- that it started
  at            timestamptz not null,
  closed_at     timestamptz,
  closed_by     bigint references people,
  closed_reason text not null default '' check (length(closed_reason) <= 2000),
  constraint reports_closed check ((closed_at is null) = (closed_by is null))
);
create index reports_by_facility on reports (facility_id, id);
create index reports_open on reports (facility_id) where closed_at is null;

-- A posted charge that was wrong is replaced by another: it is marked, once, and
-- its transfers stay. What moves is a transfer of its own that names the one it
-- corrects.
alter table charges drop constraint charges_state_check,
  add constraint charges_state_check check (state in ('reserved', 'voided', 'settled', 'posted', 'corrected'));
alter table transfers add constraint transfers_correct check (corrects is null or kind = 'correct');
-- +goose StatementBegin
create or replace function charges_resolve_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.state = 'reserved' and new.state in ('voided', 'settled')
        or old.state = 'posted' and new.state = 'corrected')
      and (new.id, new.booking_id, new.version, new.agreement_id, new.total_ore, new.lines, new.created_at)
        = (old.id, old.booking_id, old.version, old.agreement_id, old.total_ore, old.lines, old.created_at) then
    return new;
  end if;
  raise exception 'charge % is a record', old.id
    using errcode = 'restrict_violation', constraint = 'charges_resolve_once';
end $$;
-- +goose StatementEnd

-- +goose Down
alter table transfers drop constraint transfers_correct;
-- +goose StatementBegin
create or replace function charges_resolve_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'reserved' and new.state in ('voided', 'settled')
      and (new.id, new.booking_id, new.version, new.agreement_id, new.total_ore, new.lines, new.created_at)
        = (old.id, old.booking_id, old.version, old.agreement_id, old.total_ore, old.lines, old.created_at) then
    return new;
  end if;
  raise exception 'charge % is a record', old.id
    using errcode = 'restrict_violation', constraint = 'charges_resolve_once';
end $$;
-- +goose StatementEnd
alter table charges drop constraint charges_state_check,
  add constraint charges_state_check check (state in ('reserved', 'voided', 'settled', 'posted'));
drop table reports, use_logs, resource_forms;
