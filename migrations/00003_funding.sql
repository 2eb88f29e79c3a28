-- Who pays: programmes, projects, agreements, rates, purses and the ledger.
-- Amounts are öre without VAT. FUNDING.md has the rules.

-- +goose Up
create extension if not exists btree_gist;

create table programmes (
  id               text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name             text not null check (length(name) between 1 and 200),
  diarienummer     text not null default '' check (length(diarienummer) <= 100),
  max_public_share int not null check (max_public_share between 0 and 10000)  -- hundredths of a percent
);

create table appropriations (
  programme_id text not null references programmes,
  stream       text not null check (stream in ('platform', 'collaboration')),
  year         int not null check (year between 2000 and 2099),
  amount_ore   bigint not null check (amount_ore >= 0),
  primary key (programme_id, stream, year)
);

create table projects (
  id           text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name         text not null check (length(name) between 1 and 200),
  lead_id      text not null references organisations,
  programme_id text references programmes,
  stream       text check (stream in ('platform', 'collaboration')),
  aid_basis    text not null check (aid_basis in ('decided', 'market_price', 'de_minimis', 'gber_28', 'gber_25')),
  from_date    date not null,
  to_date      date not null,          -- both days included
  constraint projects_period check (to_date >= from_date),
  constraint projects_stream check ((programme_id is null) = (stream is null))
);

-- Versions of the cost share. Two of one project never overlap.
create table agreements (
  id         bigint generated always as identity primary key,
  project_id text not null references projects,
  from_date  date not null,
  to_date    date,                      -- the last day; null: until further notice
  during     daterange generated always as (daterange(from_date, to_date, '[]')) stored,
  constraint agreements_period check (to_date is null or to_date >= from_date),
  constraint agreements_no_overlap exclude using gist (project_id with =, during with &&)
);

create table agreement_parties (
  agreement_id    bigint not null references agreements,
  position        int not null check (position between 0 and 99),
  organisation_id text not null references organisations,
  role            text not null check (role in ('funder', 'participant')),
  kind            text not null check (kind in ('grant', 'cash', 'in_kind')),
  parts           int not null check (parts between 1 and 1000000),
  max_share       int check (max_share between 0 and 10000),  -- a party's own ceiling, hundredths of a percent
  primary key (agreement_id, position),
  unique (agreement_id, organisation_id),
  constraint agreement_parties_grant check ((role = 'funder') = (kind = 'grant'))
);

-- How much of a (stream, year) appropriation a project may use of a funder.
create table awards (
  project_id text not null references projects,
  year       int not null check (year between 2000 and 2099),
  funder_id  text not null references organisations,
  amount_ore bigint not null check (amount_ore >= 0),
  primary key (project_id, year, funder_id)
);
-- +goose StatementBegin
create function awards_within_appropriation() returns trigger language plpgsql as $$
declare p projects; granted bigint; available bigint;
begin
  select * into p from projects where id = new.project_id;
  if p.programme_id is null then
    return null;   -- money from outside any programme
  end if;
  -- The appropriation's row is the lock under which awards of its purse are summed.
  select amount_ore into available from appropriations
    where programme_id = p.programme_id and stream = p.stream and year = new.year for update;
  select coalesce(sum(a.amount_ore), 0) into granted from awards a join projects q on q.id = a.project_id
    where q.programme_id = p.programme_id and q.stream = p.stream and a.year = new.year;
  if granted > coalesce(available, 0) then
    raise exception 'awards of % exceed the appropriation', new.year
      using errcode = 'check_violation', constraint = 'awards_within_appropriation';
  end if;
  return null;
end $$;
-- +goose StatementEnd
create constraint trigger awards_within_appropriation after insert or update on awards
  deferrable initially deferred for each row execute function awards_within_appropriation();

create table rates (
  id          bigint generated always as identity primary key,
  resource_id text not null references resources,
  audience    text not null check (audience in ('company', 'institute', 'university', 'public_body')),
  from_date   date not null,
  to_date     date,
  per         text not null check (per in ('hour', 'day')),
  amount_ore  bigint not null check (amount_ore >= 0),
  during      daterange generated always as (daterange(from_date, to_date, '[]')) stored,
  constraint rates_period check (to_date is null or to_date >= from_date),
  constraint rates_no_overlap exclude using gist (resource_id with =, audience with =, during with &&)
);

-- The running numbers of one (project, year, party). grant: of an award; own: a
-- party's budget; overrun: the lead's account for what no purse could take.
create table purses (
  id              bigint generated always as identity primary key,
  project_id      text not null references projects,
  year            int not null check (year between 2000 and 2099),
  organisation_id text not null references organisations,
  kind            text not null check (kind in ('grant', 'own', 'overrun')),
  limit_ore       bigint,               -- null for overrun alone, which has none
  reserved_ore    bigint not null default 0 constraint purses_reserved_not_negative check (reserved_ore >= 0),
  spent_ore       bigint not null default 0 constraint purses_spent_not_negative check (spent_ore >= 0),
  constraint purses_one unique (project_id, year, organisation_id, kind),
  constraint purses_never_overdrawn check (kind = 'overrun' or reserved_ore + spent_ore <= limit_ore),
  constraint purses_limit check ((kind = 'overrun') = (limit_ore is null)),
  constraint purses_limit_not_negative check (limit_ore >= 0),
  constraint purses_overrun_holds_nothing check (kind <> 'overrun' or reserved_ore = 0)
);

-- What one booking costs and who pays it, per version of its price.
create table charges (
  id          bigint generated always as identity primary key,
  booking_id  bigint not null,          -- referenced when bookings exist
  version     int not null,             -- the booking's version that it was made for
  state       text not null check (state in ('reserved', 'voided', 'posted')),
  total_ore   bigint not null check (total_ore >= 0),
  lines       jsonb not null,
  created_at  timestamptz not null,
  resolved_at timestamptz,
  constraint charges_one_version unique (booking_id, version),
  constraint charges_resolved check ((state = 'reserved') = (resolved_at is null))
);
create unique index charges_one_reservation on charges (booking_id) where state = 'reserved';

create table charge_shares (
  charge_id  bigint not null references charges,
  purse_id   bigint not null references purses,
  amount_ore bigint not null check (amount_ore >= 0),
  primary key (charge_id, purse_id)
);
create index charge_shares_by_purse on charge_shares (purse_id);

-- The ledger. A transfer's id follows from (booking, version, kind).
create table transfers (
  seq        bigint generated always as identity unique,
  id         text primary key check (length(id) between 1 and 120),
  kind       text not null check (kind in ('limit', 'reserve', 'void', 'post', 'fee', 'correct')),
  charge_id  bigint references charges,
  corrects   text references transfers,
  used_on    date not null,             -- the local day of use
  posted_at  timestamptz not null
);
create index transfers_by_charge on transfers (charge_id);

-- source: outside the purse. available, reserved, spent: the purse's own
-- accounts, whose sums are its running numbers.
create table entries (
  transfer_id text not null references transfers,
  purse_id    bigint not null references purses,
  account     text not null check (account in ('source', 'available', 'reserved', 'spent')),
  amount_ore  bigint not null check (amount_ore <> 0),
  primary key (transfer_id, purse_id, account)
);
create index entries_by_purse on entries (purse_id);

-- +goose StatementBegin
create function transfer_balanced() returns trigger language plpgsql as $$
begin
  if exists (select from entries where transfer_id = new.transfer_id
             group by purse_id having sum(amount_ore) <> 0) then
    raise exception 'transfer % does not sum to zero', new.transfer_id
      using errcode = 'check_violation', constraint = 'transfers_balanced';
  end if;
  return null;
end $$;

-- The running numbers follow the entries and nothing else.
create function purses_follow_entries() returns trigger language plpgsql as $$
begin
  update purses p set
    limit_ore    = case when p.kind = 'overrun' then null else p.limit_ore + e.from_source end,
    reserved_ore = p.reserved_ore + e.reserved,
    spent_ore    = p.spent_ore + e.spent
  from (select purse_id,
          coalesce(-sum(amount_ore) filter (where account = 'source'), 0) as from_source,
          coalesce(sum(amount_ore) filter (where account = 'reserved'), 0) as reserved,
          coalesce(sum(amount_ore) filter (where account = 'spent'), 0) as spent
        from added group by purse_id) e
  where p.id = e.purse_id;
  return null;
end $$;

create function purses_refuse_direct() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and (new.reserved_ore, new.spent_ore, coalesce(new.limit_ore, 0)) = (0, 0, 0) then
    return new;
  end if;
  if tg_op = 'UPDATE' and pg_trigger_depth() > 1 then
    return new;
  end if;
  raise exception 'a purse changes through the ledger alone'
    using errcode = 'restrict_violation', constraint = 'purses_through_ledger';
end $$;
-- +goose StatementEnd
create trigger purses_follow_entries after insert on entries
  referencing new table as added for each statement execute function purses_follow_entries();
create constraint trigger transfers_balanced after insert on entries
  deferrable initially deferred for each row execute function transfer_balanced();
create trigger purses_through_ledger before insert or update or delete on purses
  for each row execute function purses_refuse_direct();
create trigger purses_no_truncate before truncate on purses
  for each statement execute function refuse_change();
create trigger transfers_append_only before update or delete on transfers
  for each row execute function refuse_change();
create trigger transfers_no_truncate before truncate on transfers
  for each statement execute function refuse_change();
create trigger entries_append_only before update or delete on entries
  for each row execute function refuse_change();
create trigger entries_no_truncate before truncate on entries
  for each statement execute function refuse_change();

-- A version in use is never edited: parties are added with their agreement, and
-- once a charge was split by it only its last day may be set.
create table agreement_uses (
  agreement_id bigint primary key references agreements
);
-- +goose StatementBegin
create function agreements_in_use_stand() returns trigger language plpgsql as $$
declare used bigint;
begin
  if tg_table_name = 'agreements' then
    used := old.id;
    if tg_op = 'UPDATE' and (new.id, new.project_id, new.from_date) = (old.id, old.project_id, old.from_date) then
      return new;
    end if;
  elsif tg_op = 'INSERT' then
    used := new.agreement_id;
  else
    used := old.agreement_id;
  end if;
  if exists (select from agreement_uses where agreement_id = used) then
    raise exception 'agreement % is in use', used
      using errcode = 'restrict_violation', constraint = 'agreements_in_use_stand';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
-- +goose StatementEnd
create trigger agreements_in_use_stand before update or delete on agreements
  for each row execute function agreements_in_use_stand();
create trigger agreement_parties_in_use_stand before insert or update or delete on agreement_parties
  for each row execute function agreements_in_use_stand();

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['programmes', 'projects', 'agreements', 'agreement_parties', 'rates'] loop
    execute format('create trigger %I after insert or update or delete on %I
      for each statement execute function bump_catalogue()', t || '_version', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table agreement_uses, entries, transfers, charge_shares, charges, purses, rates, awards,
  agreement_parties, agreements, projects, appropriations, programmes;
drop function awards_within_appropriation, transfer_balanced, purses_follow_entries,
  purses_refuse_direct, agreements_in_use_stand;
