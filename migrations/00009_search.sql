-- Free-text search over what can be booked: one document for each resource, kept
-- in step with the catalogue by triggers, so that whoever writes a name has it
-- found at once.

-- +goose Up
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- What people call a capability, as the program that last wrote a resource with it
-- knew. Until then a capability is its slug's own words.
create table capability_names (
  slug    text primary key check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  name_sv text not null check (length(name_sv) between 1 and 200),
  name_en text not null check (length(name_en) between 1 and 200)
);

-- The four fields are folded words followed by their stems, with a space on either
-- side, so that a part of a compound and a misspelling can be looked for too.
create table search_documents (
  resource_id text primary key references resources on delete cascade,
  name        text not null,
  facility    text not null,
  abilities   text not null,
  rest        text not null,     -- descriptions, sites, cities, hosts, the slug
  words       tsvector not null  -- of the fields, with the weights A to D
);
create index search_documents_words on search_documents using gin (words);
create index search_documents_parts on search_documents
  using gin (name gin_trgm_ops, facility gin_trgm_ops, abilities gin_trgm_ops, rest gin_trgm_ops);

-- +goose StatementBegin
-- Lower case without diacritics, nothing but a to z, digits and single spaces:
-- "Mölndal" is "molndal", "e-beam" is "e beam".
create function search_fold(said text) returns text language sql stable parallel safe as $$
  select btrim(regexp_replace(lower(unaccent(normalize(said))), '[^a-z0-9]+', ' ', 'g'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Stems in both languages of what is folded already: names and loanwords belong to
-- neither.
create function search_stems(folded text) returns tsvector language sql stable parallel safe as $$
  select to_tsvector('swedish', folded) || to_tsvector('english', folded)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Each step ends with offset 0, or the planner would write it into the next one and
-- fold and stem the same text again and again.
create function search_documents_of(ids text[]) returns setof search_documents language sql stable as $$
  with said as (
    select r.id, concat_ws(' ', r.name_sv, r.name_en) as name, concat_ws(' ', f.name_sv, f.name_en) as facility,
      (select string_agg(concat_ws(' ', c.slug, n.name_sv, n.name_en), ' ' order by c.slug)
        from unnest(r.capabilities) c (slug) left join capability_names n on n.slug = c.slug) as abilities,
      concat_ws(' ', r.id, r.about_sv, r.about_en, f.about_sv, f.about_en,
        (select string_agg(concat_ws(' ', s.name, s.city, (
            select string_agg(o.name, ' ' order by o.id) from organisations o
            where o.id in (select organisation_id from site_hosts where site_id = s.id))), ' ' order by s.id)
          from sites s where s.id in (select site_id from facility_sites where facility_id = f.id))) as rest
    from resources r join facilities f on f.id = r.facility_id
    where r.id = any(ids)
  ), folded as (
    select id, search_fold(name) as name, search_fold(facility) as facility,
      coalesce(search_fold(abilities), '') as abilities, search_fold(rest) as rest
    from said offset 0
  ), stemmed as (
    select *, search_stems(name) as a, search_stems(facility) as b, search_stems(abilities) as c, search_stems(rest) as d
    from folded offset 0
  )
  select id, ' ' || name || ' ' || array_to_string(tsvector_to_array(a), ' ') || ' ',
    ' ' || facility || ' ' || array_to_string(tsvector_to_array(b), ' ') || ' ',
    ' ' || abilities || ' ' || array_to_string(tsvector_to_array(c), ' ') || ' ',
    ' ' || rest || ' ' || array_to_string(tsvector_to_array(d), ' ') || ' ',
    setweight(a, 'A') || setweight(b, 'B') || setweight(c, 'C') || setweight(d, 'D')
  from stemmed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function search_refresh(ids text[]) returns void language sql as $$
  insert into search_documents as d select * from search_documents_of(ids)
  on conflict (resource_id) do update set name = excluded.name, facility = excluded.facility,
    abilities = excluded.abilities, rest = excluded.rest, words = excluded.words
  where d is distinct from excluded
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whatever row changed, the resources whose documents it is in are written anew.
create function search_follow() returns trigger language plpgsql as $$
declare changed jsonb;
begin
  changed := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  perform search_refresh(array(
    select r.id from resources r where case tg_table_name
      when 'resources' then r.id = changed ->> 'id'
      when 'capability_names' then r.capabilities @> array[changed ->> 'slug']
      when 'facilities' then r.facility_id = changed ->> 'id'
      when 'facility_sites' then r.facility_id = changed ->> 'facility_id'
      else r.facility_id in (
        select p.facility_id from facility_sites p where case tg_table_name
          when 'sites' then p.site_id = changed ->> 'id'
          when 'site_hosts' then p.site_id = changed ->> 'site_id'
          else p.site_id in (select site_id from site_hosts where organisation_id = changed ->> 'id')
        end)
    end));
  return null;
end $$;
-- +goose StatementEnd

create trigger resources_search after insert or update on resources for each row execute function search_follow();
create trigger facilities_search after update on facilities for each row execute function search_follow();
create trigger facility_sites_search after insert or update or delete on facility_sites
  for each row execute function search_follow();
create trigger sites_search after update on sites for each row execute function search_follow();
create trigger site_hosts_search after insert or update or delete on site_hosts
  for each row execute function search_follow();
create trigger organisations_search after update on organisations for each row execute function search_follow();
create trigger capability_names_search after insert or update or delete on capability_names
  for each row execute function search_follow();

select search_refresh(array(select id from resources));

-- +goose Down
drop trigger organisations_search on organisations;
drop trigger site_hosts_search on site_hosts;
drop trigger sites_search on sites;
drop trigger facility_sites_search on facility_sites;
drop trigger facilities_search on facilities;
drop trigger resources_search on resources;
drop table search_documents, capability_names cascade;
drop function search_follow, search_refresh, search_stems, search_fold;
drop extension unaccent;
drop extension pg_trgm;
