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

-- awarded_ore follows the awards and nothing else.
create table appropriations (
  programme_id text not null references programmes,
  stream       text not null check (stream in ('platform', 'collaboration')),
  year         int not null check (year between 2000 and 2099),
  amount_ore   bigint not null check (amount_ore >= 0),
  awarded_ore  bigint not null default 0 check (awarded_ore >= 0),
  primary key (programme_id, stream, year),
  constraint appropriations_never_exceeded check (awarded_ore <= amount_ore)
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

-- Versions of the cost share. Two of one project never overlap. Parties come and
-- go with their version, in the same transaction; they are never edited.
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
  max_share       int check (max_share between 0 and 10000),  -- of public money in a participant's part, hundredths of a percent
  primary key (agreement_id, position),
  unique (agreement_id, organisation_id),
  constraint agreement_parties_grant check ((role = 'funder') = (kind = 'grant')),
  constraint agreement_parties_max_share check (max_share is null or role = 'participant')
);
-- The rest of a cost needs somebody to fall on; and the arithmetic has room for
-- a million parts in all.
-- +goose StatementBegin
create function agreements_can_split() returns trigger language plpgsql as $$
declare checked bigint;
begin
  if tg_table_name = 'agreements' then
    checked := new.id;
  else
    checked := old.agreement_id;
  end if;
  if exists (select from agreements where id = checked) and not exists (
      select from agreement_parties where agreement_id = checked
      having bool_or(role = 'participant') and sum(parts) <= 1000000) then
    raise exception 'agreement % needs a participant, and at most 1000000 parts', checked
      using errcode = 'check_violation', constraint = 'agreements_can_split';
  end if;
  return null;
end $$;
-- +goose StatementEnd
create constraint trigger agreements_can_split after insert on agreements
  deferrable initially deferred for each row execute function agreements_can_split();
create constraint trigger agreement_parties_can_split after delete on agreement_parties
  deferrable initially deferred for each row execute function agreements_can_split();

-- How much of a (stream, year) appropriation a project may use of a funder.
create table awards (
  project_id text not null references projects,
  year       int not null check (year between 2000 and 2099),
  funder_id  text not null references organisations,
  amount_ore bigint not null check (amount_ore >= 0),
  primary key (project_id, year, funder_id)
);
-- +goose StatementBegin
-- One award's part of its appropriation. The update of that row is also the lock
-- under which two awards of one purse of the programme wait for each other.
create function count_award(a awards, sign int) returns void language plpgsql as $$
declare p projects;
begin
  select * into p from projects where id = a.project_id for share;
  if p.programme_id is null then
    return;   -- money from outside any programme
  end if;
  update appropriations set awarded_ore = awarded_ore + sign * a.amount_ore
    where programme_id = p.programme_id and stream = p.stream and year = a.year;
  if not found then
    raise exception '% has no appropriation for % in %', p.programme_id, p.stream, a.year
      using errcode = 'check_violation', constraint = 'appropriations_never_exceeded';
  end if;
end $$;

create function awards_count() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform count_award(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform count_award(new, 1);
  end if;
  return null;
end $$;

create function appropriations_refuse_direct() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.awarded_ore = 0 then
      return old;
    end if;
  elsif tg_op = 'INSERT' then
    if new.awarded_ore = 0 then
      return new;
    end if;
  elsif pg_trigger_depth() > 1 or (new.programme_id, new.stream, new.year, new.awarded_ore)
      = (old.programme_id, old.stream, old.year, old.awarded_ore) then
    return new;
  end if;
  raise exception 'what is awarded of an appropriation follows from the awards'
    using errcode = 'restrict_violation', constraint = 'appropriations_through_awards';
end $$;

-- Awards do not follow a project to another programme or stream by themselves.
create function projects_keep_stream() returns trigger language plpgsql as $$
begin
  if (new.programme_id, new.stream) is distinct from (old.programme_id, old.stream)
      and exists (select from awards where project_id = old.id) then
    raise exception 'project % has awards of its programme', old.id
      using errcode = 'restrict_violation', constraint = 'projects_keep_stream';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger awards_count after insert or update or delete on awards
  for each row execute function awards_count();
create trigger awards_no_truncate before truncate on awards
  for each statement execute function refuse_change();
create trigger appropriations_no_truncate before truncate on appropriations
  for each statement execute function refuse_change();
create trigger appropriations_through_awards before insert or update or delete on appropriations
  for each row execute function appropriations_refuse_direct();
create trigger projects_keep_stream before update on projects
  for each row execute function projects_keep_stream();

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

-- What one booking costs and who pays it, per version of its price. A reservation
-- is voided, or settled by the charge of what was used.
create table charges (
  id           bigint generated always as identity primary key,
  booking_id   bigint not null,         -- referenced when bookings exist
  version      int not null,            -- the booking's version that it was made for
  agreement_id bigint not null references agreements,
  state        text not null check (state in ('reserved', 'voided', 'settled', 'posted')),
  total_ore    bigint not null check (total_ore >= 0),
  lines        jsonb not null,
  created_at   timestamptz not null,
  resolved_at  timestamptz,
  constraint charges_one_version unique (booking_id, version),
  constraint charges_resolved check ((state = 'reserved') = (resolved_at is null))
);
create unique index charges_one_reservation on charges (booking_id) where state = 'reserved';
create unique index charges_one_posted on charges (booking_id) where state = 'posted';
create index charges_by_agreement on charges (agreement_id);

create table charge_shares (
  charge_id  bigint not null references charges,
  purse_id   bigint not null references purses,
  amount_ore bigint not null check (amount_ore >= 0),
  primary key (charge_id, purse_id)
);
create index charge_shares_by_purse on charge_shares (purse_id);

-- The ledger. A transfer's id follows from (booking, version, kind).
create table transfers (
  seq       bigint generated always as identity unique,
  id        text primary key check (length(id) between 1 and 120),
  kind      text not null check (kind in ('limit', 'reserve', 'void', 'post', 'fee', 'correct')),
  charge_id bigint references charges,
  corrects  text references transfers,
  posted_at timestamptz not null,
  made_in   xid8 not null default pg_current_xact_id()  -- entries come with their transfer, not later
);
create index transfers_by_charge on transfers (charge_id);

-- Each entry moves money between the accounts of one purse. source is outside the
-- purse; the sums of the others are its running numbers. So a transfer is balanced
-- row by row, which a plain check can hold.
create table entries (
  transfer_id   text not null references transfers,
  purse_id      bigint not null references purses,
  used_on       date not null,          -- the local day of use, in the purse's year
  source_ore    bigint not null default 0,
  available_ore bigint not null default 0,
  reserved_ore  bigint not null default 0,
  spent_ore     bigint not null default 0,
  primary key (transfer_id, purse_id),
  constraint entries_balanced check (source_ore + available_ore + reserved_ore + spent_ore = 0),
  constraint entries_move_something check ((source_ore, available_ore, reserved_ore, spent_ore) <> (0, 0, 0, 0))
);
create index entries_by_purse on entries (purse_id, used_on);

-- +goose StatementBegin
-- The running numbers follow the entries and nothing else.
create function purses_follow_entries() returns trigger language plpgsql as $$
begin
  if exists (select from added a join transfers t on t.id = a.transfer_id where t.made_in <> pg_current_xact_id()) then
    raise exception 'a transfer takes no entries after it was made'
      using errcode = 'restrict_violation', constraint = 'append_only';
  end if;
  update purses p set limit_ore = p.limit_ore - e.source,
    reserved_ore = p.reserved_ore + e.reserved, spent_ore = p.spent_ore + e.spent
  from (select purse_id, sum(source_ore) as source, sum(reserved_ore) as reserved, sum(spent_ore) as spent
        from added group by purse_id) e
  where p.id = e.purse_id;
  if not exists (select from added where source_ore <> 0) then
    return null;   -- no limit moves: this is the hot path
  end if;
  -- The award stays as it is until this limit is in force.
  perform from awards w join purses p on (p.project_id, p.year, p.organisation_id) = (w.project_id, w.year, w.funder_id)
    join added a on a.purse_id = p.id where a.source_ore <> 0 and p.kind = 'grant' for share of w;
  if exists (select from added a join purses p on p.id = a.purse_id
      left join awards w on (w.project_id, w.year, w.funder_id) = (p.project_id, p.year, p.organisation_id)
      where a.source_ore <> 0 and p.kind = 'grant' and p.limit_ore is distinct from w.amount_ore) then
    raise exception 'the limit of a grant is its award'
      using errcode = 'check_violation', constraint = 'purses_limit_is_award';
  end if;
  return null;
end $$;

-- An award does not sink under the limit of its purse, or what it frees of the
-- appropriation could be granted twice. Checked at the end: PutAward lowers both.
create function awards_cover_purses() returns trigger language plpgsql as $$
declare spendable bigint;
begin
  select limit_ore into spendable from purses
    where (project_id, year, organisation_id, kind) = (old.project_id, old.year, old.funder_id, 'grant') for share;
  if spendable > coalesce((select amount_ore from awards
      where (project_id, year, funder_id) = (old.project_id, old.year, old.funder_id)), 0) then
    raise exception 'the limit of a grant is its award'
      using errcode = 'check_violation', constraint = 'purses_limit_is_award';
  end if;
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

-- A charge is a record, too: a reservation resolves once, and that is all.
create function charges_resolve_once() returns trigger language plpgsql as $$
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
create trigger purses_follow_entries after insert on entries
  referencing new table as added for each statement execute function purses_follow_entries();
create trigger purses_through_ledger before insert or update or delete on purses
  for each row execute function purses_refuse_direct();
create constraint trigger awards_cover_purses after update or delete on awards
  deferrable initially deferred for each row execute function awards_cover_purses();
create trigger charges_resolve_once before update or delete on charges
  for each row execute function charges_resolve_once();

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['charge_shares', 'transfers', 'entries'] loop
    execute format('create trigger %I before update or delete on %I
      for each row execute function refuse_change()', t || '_append_only', t);
  end loop;
  foreach t in array array['purses', 'charges', 'charge_shares', 'transfers', 'entries'] loop
    execute format('create trigger %I before truncate on %I
      for each statement execute function refuse_change()', t || '_no_truncate', t);
  end loop;
end $$;

-- A version in use is never edited: once a charge was split by it, only its last
-- day may be set.
create function agreements_in_use_stand() returns trigger language plpgsql as $$
declare touched bigint;
begin
  if tg_table_name = 'agreements' then
    touched := old.id;
    if tg_op = 'UPDATE' and (new.id, new.project_id, new.from_date) = (old.id, old.project_id, old.from_date) then
      return new;
    end if;
  elsif tg_op = 'INSERT' then
    touched := new.agreement_id;
  else
    touched := old.agreement_id;
  end if;
  -- A charge being made holds this row's key; so wait for it, then look.
  perform from agreements where id = touched for update;
  if exists (select from charges where agreement_id = touched) then
    raise exception 'agreement % is in use', touched
      using errcode = 'restrict_violation', constraint = 'agreements_in_use_stand';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
-- +goose StatementEnd
create trigger agreements_in_use_stand before update or delete on agreements
  for each row execute function agreements_in_use_stand();
create trigger agreement_parties_in_use_stand before insert or delete on agreement_parties
  for each row execute function agreements_in_use_stand();
create trigger agreement_parties_append_only before update on agreement_parties
  for each row execute function refuse_change();
create trigger agreement_parties_no_truncate before truncate on agreement_parties
  for each statement execute function refuse_change();

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['programmes', 'appropriations', 'projects', 'agreements', 'agreement_parties', 'rates'] loop
    execute format('create trigger %I after insert or update or delete on %I
      for each statement execute function bump_catalogue()', t || '_version', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table entries, transfers, charge_shares, charges, purses, rates, awards,
  agreement_parties, agreements, projects, appropriations, programmes;
drop function awards_count, count_award, awards_cover_purses, appropriations_refuse_direct, projects_keep_stream,
  agreements_can_split, agreements_in_use_stand, purses_follow_entries, purses_refuse_direct,
  charges_resolve_once;
