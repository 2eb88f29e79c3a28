-- Before and around a booking: enquiries, files, arrival, notes between shifts,
-- and resources that are retired.

-- +goose Up
-- A question without a time. The person need not be in any project.
create table enquiries (
  id          bigint generated always as identity primary key,
  ref         text not null unique check (length(ref) = 13),
  facility_id text not null references facilities,
  resource_id text references resources,
  person_id   bigint not null references people,
  project_id  text references projects,
  subject     text not null check (length(subject) between 1 and 200),
  state       text not null check (state in ('open', 'answered', 'closed', 'booked')),
  created_at  timestamptz not null,
  changed_at  timestamptz not null
);
create index enquiries_by_person on enquiries (person_id, id);
create index enquiries_by_facility on enquiries (facility_id, id);

create table enquiry_messages (
  id         bigint generated always as identity primary key,
  enquiry_id bigint not null references enquiries,
  person_id  bigint not null references people,
  staff      boolean not null,            -- from the facility's side
  text       text not null check (length(text) between 1 and 4000),
  at         timestamptz not null
);
create index enquiry_messages_by_enquiry on enquiry_messages (enquiry_id, id);
create trigger enquiry_messages_append_only before update or delete on enquiry_messages
  for each row execute function refuse_change();

alter table bookings add column enquiry_id bigint references enquiries;   -- that it came out of
create index bookings_by_enquiry on bookings (enquiry_id) where enquiry_id is not null;

-- In the database, so that any number of instances have the same.
create table files (
  id          bigint generated always as identity primary key,
  ref         text not null unique check (length(ref) = 13),
  booking_id  bigint references bookings,
  enquiry_id  bigint references enquiries,
  resource_id text references resources,
  project_id  text references projects,   -- whose quota it counts in
  name        text not null check (length(name) between 1 and 200),
  media_type  text not null check (length(media_type) between 1 and 100),
  visible     text not null check (visible in ('object', 'public', 'managers')),
  size_bytes  bigint not null check (size_bytes > 0),
  sha256      bytea not null check (length(sha256) = 32),
  content     bytea not null,
  person_id   bigint not null references people,
  at          timestamptz not null,
  constraint files_one_object check (num_nonnulls(booking_id, enquiry_id, resource_id) = 1),
  constraint files_visible check ((resource_id is null) = (visible = 'object')),
  constraint files_size check (length(content) = size_bytes)
);
alter table files alter column content set storage external;   -- drawings and archives are packed already
create index files_by_booking on files (booking_id) where booking_id is not null;
create index files_by_enquiry on files (enquiry_id) where enquiry_id is not null;
create index files_by_resource on files (resource_id) where resource_id is not null;
create index files_by_project on files (project_id) where project_id is not null;

create table facility_arrivals (
  facility_id text primary key references facilities,
  contact     text not null default '' check (length(contact) <= 200),
  phone       text not null default '' check (length(phone) <= 50),
  safety_sv   text not null default '' check (length(safety_sv) <= 1000),
  safety_en   text not null default '' check (length(safety_en) <= 1000),
  parking_sv  text not null default '' check (length(parking_sv) <= 1000),
  parking_en  text not null default '' check (length(parking_en) <= 1000)
);
create trigger facility_arrivals_version after insert or update or delete on facility_arrivals
  for each statement execute function bump_catalogue();

-- From the day on a resource can't be booked; no booking ends after its midnight.
create table resource_retirements (
  resource_id text primary key references resources,
  from_date   date not null
);
create trigger resource_retirements_version after insert or update or delete on resource_retirements
  for each statement execute function bump_catalogue();

-- Between the facility's own shifts, and for nobody else.
create table handover_notes (
  id          bigint generated always as identity primary key,
  facility_id text not null references facilities,
  resource_id text references resources,
  person_id   bigint not null references people,
  text        text not null check (length(text) between 1 and 4000),
  at          timestamptz not null,
  pinned      boolean not null default false
);
create index handover_notes_by_facility on handover_notes (facility_id, pinned desc, id desc);

-- +goose Down
drop table handover_notes, resource_retirements, facility_arrivals, files;
alter table bookings drop column enquiry_id;
drop table enquiry_messages, enquiries;
