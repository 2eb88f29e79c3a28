-- What comes along with a resource, hours of its own, and units that are
-- provisional until somebody checks in or a manager pins them.

-- +goose Up
alter table resources add column hours jsonb;   -- as a facility's; null: those of the facility

create table resource_shifts (
  resource_id text not null references resources,
  day         date not null,
  ranges      jsonb not null,                   -- [[420, 1140]] in local minutes; empty: not at all
  primary key (resource_id, day)
);

create table resource_companions (
  resource_id text not null references resources,
  along_id    text not null references resources,
  position    int not null,
  primary key (resource_id, along_id),
  constraint resource_companions_other check (resource_id <> along_id)
);
create index resource_companions_by_along on resource_companions (along_id);

create trigger resource_shifts_version after insert or update or delete on resource_shifts
  for each statement execute function bump_catalogue();
create trigger resource_companions_version after insert or update or delete on resource_companions
  for each statement execute function bump_catalogue();

alter table booking_resources
  add column along boolean not null default false,  -- it came along; nobody chose it
  add column units int not null default 1 check (units between 1 and 100);  -- how many of its units it takes

update booking_resources r set units = a.n
from (select booking_id, resource_id, count(*) as n from allocations where booking_id is not null group by 1, 2) a
where a.booking_id = r.booking_id and a.resource_id = r.resource_id and a.n <> 1;

update allocations a set pinned = true
from bookings b where b.id = a.booking_id and b.state = 'in_use' and a.active;

-- +goose Down
alter table booking_resources drop column along, drop column units;
drop table resource_companions, resource_shifts;
alter table resources drop column hours;
