-- Who: organisations, people, roles, tokens, sessions, qualifications, audit.

-- +goose Up
-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: these rows are a record', tg_op, tg_table_name
    using errcode = 'restrict_violation', constraint = 'append_only';
end $$;
-- +goose StatementEnd

-- Facts that rarely change are cached in memory with this number; every change
-- of a fact bumps it, and the booking transaction reads it.
create table catalogue_version (
  only_row boolean primary key default true check (only_row),
  version  bigint not null default 1
);
insert into catalogue_version default values;
-- +goose StatementBegin
create function bump_catalogue() returns trigger language plpgsql as $$
begin
  update catalogue_version set version = version + 1;
  return null;
end $$;
-- +goose StatementEnd

create table organisations (
  id          text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name        text not null check (length(name) between 1 and 200),
  org_no      text unique check (org_no ~ '^[0-9]{10}$'),
  kind        text not null check (kind in ('company', 'institute', 'university', 'public_body')),
  undertaking text not null check (length(undertaking) between 1 and 63)
);
create trigger organisations_version after insert or update or delete on organisations
  for each statement execute function bump_catalogue();

create table organisation_sizes (
  organisation_id text not null references organisations,
  from_date       date not null,
  size            text not null check (size in ('micro', 'small', 'medium', 'large')),
  primary key (organisation_id, from_date)
);

create table people (
  id         bigint generated always as identity primary key,
  email      text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name       text not null check (length(name) between 1 and 200),
  language   text not null default 'sv' check (language in ('sv', 'en')),
  created_at timestamptz not null
);

create table memberships (
  person_id       bigint not null references people,
  organisation_id text not null references organisations,
  primary key (person_id, organisation_id)
);

create table roles (
  id         bigint generated always as identity primary key,
  person_id  bigint not null references people,
  role       text not null check (role in ('admin', 'programme_officer', 'host_manager', 'facility_manager',
               'organisation_admin', 'organisation_controller', 'project_lead', 'project_member', 'controller', 'auditor')),
  scope      text not null default '' check (length(scope) <= 63),
  granted_at timestamptz not null,
  unique (person_id, role, scope),
  constraint roles_scope check ((role in ('admin', 'auditor')) = (scope = ''))
);
create index roles_by_scope on roles (role, scope);

create table tokens (
  id           bigint generated always as identity primary key,
  hash         bytea not null unique check (length(hash) = 32),
  person_id    bigint not null references people,
  scopes       text[] not null check (cardinality(scopes) between 1 and 20),
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz
);

create table sessions (
  hash         bytea primary key check (length(hash) = 32),
  person_id    bigint not null references people,
  csrf         text not null,
  created_at   timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at   timestamptz not null
);
create index sessions_by_person on sessions (person_id);

-- Asking leaves a row whether the address is anybody's or not, so that neither the
-- answer nor the limit per address tells who is known.
create table sign_in_links (
  id           bigint generated always as identity primary key,
  address_hash bytea not null check (length(address_hash) = 32),
  person_id    bigint references people,                 -- null: not looked for yet, or nobody has the address
  hash         bytea unique check (length(hash) = 32),   -- null: the secret is not yet made
  browser_hash bytea check (length(browser_hash) = 32),  -- null: made at the command line for an administrator
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  used_at      timestamptz,
  constraint sign_in_links_period check (expires_at > created_at),
  constraint sign_in_links_used check (used_at is null or (hash is not null and person_id is not null))
);
create index sign_in_links_by_address on sign_in_links (address_hash, created_at);
create index sign_in_links_by_age on sign_in_links (created_at);

create table qualifications (
  id      text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name_sv text not null check (length(name_sv) between 1 and 200),
  name_en text not null check (length(name_en) between 1 and 200),
  valid   text not null default ''   -- a span such as 24mo; empty: for good
);
create trigger qualifications_version after insert or update or delete on qualifications
  for each statement execute function bump_catalogue();

create table held_qualifications (
  person_id        bigint not null references people,
  qualification_id text not null references qualifications,
  from_date        date not null,
  until_date       date not null default 'infinity',  -- the last day on which it holds
  primary key (person_id, qualification_id, from_date),
  constraint held_qualifications_period check (until_date >= from_date)
);

-- Ids, not names: a person can be erased from the directory while this stands.
create table audit (
  id        bigint generated always as identity primary key,
  at        timestamptz not null,
  person_id bigint,                    -- null: the program itself
  action    text not null check (length(action) between 1 and 100),
  object    text not null check (length(object) <= 200),
  details   jsonb not null default '{}'
);
create trigger audit_append_only before update or delete on audit
  for each row execute function refuse_change();
create trigger audit_no_truncate before truncate on audit
  for each statement execute function refuse_change();

-- +goose Down
drop table audit, held_qualifications, qualifications, sign_in_links, sessions, tokens, roles,
  memberships, people, organisation_sizes, organisations, catalogue_version;
drop function refuse_change, bump_catalogue;
