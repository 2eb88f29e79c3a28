-- The windows on the bookings: calendar addresses and messages.

-- +goose Up
create table feeds (
  id           bigint generated always as identity primary key,
  secret_hash  bytea not null unique check (length(secret_hash) = 32),
  person_id    bigint not null references people,
  kind         text not null check (kind in ('mine', 'resource')),
  target       text not null default '' check (length(target) <= 63),
  language     text not null check (language in ('sv', 'en')),
  created_at   timestamptz not null,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  etag         text not null default '' check (length(etag) <= 64),  -- of the body as last read
  changed_at   timestamptz,             -- when it was first read so: its Last-Modified
  constraint feeds_target check ((kind = 'mine') = (target = ''))
);
create index feeds_by_person on feeds (person_id);

-- The outbox. The key follows from what the message is about, so that doing the
-- same job twice writes one message.
create table messages (
  id         bigint generated always as identity primary key,
  key        text not null unique check (length(key) between 1 and 200),
  kind       text not null check (length(kind) between 1 and 40),
  person_id  bigint not null references people,
  booking_id bigint references bookings,
  address    text not null check (length(address) between 3 and 254),
  language   text not null check (language in ('sv', 'en')),
  subject    text not null check (length(subject) between 1 and 300),
  body       text not null,
  body_html  text not null,
  state      text not null check (state in ('waiting', 'sent', 'failed', 'not_sent')),
  note       text not null default '' check (length(note) <= 500),
  attempts   int not null default 0,
  created_at timestamptz not null,
  sent_at    timestamptz,
  constraint messages_sent check ((state = 'sent') = (sent_at is not null))
);
create index messages_by_person on messages (person_id, created_at desc);
create index messages_by_booking on messages (booking_id);
create index messages_by_age on messages (created_at);

-- +goose Down
drop table messages, feeds;
