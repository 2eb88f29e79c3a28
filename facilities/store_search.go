package facilities

import (
	"fmt"
	"slices"
	"strings"

	"rigg/internal/database"
	"rigg/internal/id"
)

// Ranks are the resources that hold the words of a search, and how well: 0 is
// best. Words in its own name count before those in its facility's, those before
// its capabilities, and those before descriptions and places.
type Ranks map[id.Resource]int

// maxWords is how many words of a search are looked at.
const maxWords = 20

// findWords gives each word of the text a level in each resource that has it: 0
// in its own name, 2 in the facility's, 4 in a capability, 6 elsewhere; one more
// where the word only begins, or is part of, a longer one, and 8 more where a part
// is so short that it may be chance ("ugn" in "Sintringsugn", but "tem" in
// "system" too) or the word is spelt in another way. A resource's rank is the sum.
// Small words ("med", "for", but "am" too) need not be there if others are.
//
// The derived form is Swedish grammar: what is done by "svetsning" is "svetsat" by
// a "svets", so the ending does not count.
const findWords = `
	with typed as (
		select n, word, numnode(plainto_tsquery('swedish', word)) = 0 or numnode(plainto_tsquery('english', word)) = 0 as small
		from regexp_split_to_table($1, '\s+') with ordinality t (word, n)
	), folded as (
		select row_number() over (order by t.n, f.n) as n, f.word, t.small,
			row_number() over (order by t.n desc, f.n desc) = 1 and length(f.word) > 2 as open
		from typed t cross join lateral regexp_split_to_table(search_fold(t.word), ' ') with ordinality f (word, n)
		where f.word <> ''
		order by t.n, f.n limit $3
	), asked as materialized (
		select n, word, not small or every(small) over () as needed,
			array(select to_tsquery('swedish', word || ':' || w) || to_tsquery('english', word || ':' || w)
				from unnest(array['A', 'B', 'C', 'D']) with ordinality l (w, i) order by i) as exact,
			array(select case when open then to_tsquery('swedish', word || ':*' || w) || to_tsquery('english', word || ':*' || w) else '' end
					|| case when root <> word then to_tsquery('simple', root || ':*' || w) else '' end
				from unnest(array['A', 'B', 'C', 'D']) with ordinality l (w, i) order by i) as near,
			case when length(stem) > 2 then array['%' || stem || ' %', '%' || word || ' %'] end as part,
			case when length(stem) > 3 then 1 else 8 end as chance
		from folded
		cross join lateral (select coalesce((ts_lexize('swedish_stem', word))[1], word) as stem,
			regexp_replace(word, '^(.{3,})ning(s|en|ens|ar|ars|arna|arnas)?$', '\1') as root) s
	), met as (
		select d.resource_id, w.n, w.needed, min(l.level) as level
		from asked w
		join search_documents d on $2 or d.words @@ (w.exact[1] || w.exact[2] || w.exact[3] || w.exact[4])
			or d.words @@ (w.near[1] || w.near[2] || w.near[3] || w.near[4])
			or d.name like any(w.part) or d.facility like any(w.part) or d.abilities like any(w.part) or d.rest like any(w.part)
		cross join lateral (
			select case
				when d.words @@ w.exact[i] then 0
				when d.words @@ w.near[i] then 1
				when field like any(w.part) then w.chance
				when $2 and length(w.word) > 3 and word_similarity(w.word, field) >= case i when 4 then 0.55 else 0.5 end
					then 8 + floor(8 * (1 - word_similarity(w.word, field)))::int
				end + 2 * (i - 1) as level
			from unnest(array[d.name, d.facility, d.abilities, d.rest]) with ordinality f (field, i)) l
		where l.level is not null
		group by d.resource_id, w.n, w.needed
	)
	select resource_id, sum(level) + 15 * ((select count(*) from asked) - count(*)) as rank from met
	group by resource_id
	having count(*) filter (where needed) = (select count(*) from asked where needed)`

// Find gives the resources that hold all words of the text, in either language and
// any inflection, the last one as far as it is typed. Misspelt ones are forgiven
// where nothing else is found. A text without a letter or digit finds nothing.
func Find(tx *database.Tx, words string) (Ranks, error) {
	type row struct {
		ResourceID id.Resource
		Rank       int
	}
	words = strings.ReplaceAll(strings.ToValidUTF8(words, " "), "\x00", " ")
	for _, forgiving := range []bool{false, true} {
		rows, err := database.Select[row](tx, findWords, words, forgiving, maxWords)
		if err != nil {
			return nil, fmt.Errorf("find words: %w", err)
		}
		if len(rows) == 0 {
			continue
		}
		found := make(Ranks, len(rows))
		for _, r := range rows {
			found[r.ResourceID] = r.Rank
		}
		return found, nil
	}
	return Ranks{}, nil
}

// NameCapabilities has search know the capabilities by the names that
// CapabilityName has for them. PutResource does so for those of its resource; a
// program that knows new names does it for all when it starts.
func NameCapabilities(tx *database.Tx) error {
	slugs, err := database.Select[string](tx, `select distinct unnest(capabilities) from resources`)
	if err != nil {
		return fmt.Errorf("list capabilities: %w", err)
	}
	_, err = putCapabilityNames(tx, slugs)
	return err
}

func putCapabilityNames(tx *database.Tx, slugs []string) (bool, error) {
	slugs = slices.Compact(slices.Sorted(slices.Values(slugs))) // in one order, so that two who load wait and do not deadlock
	sv, en := make([]string, len(slugs)), make([]string, len(slugs))
	for i, slug := range slugs {
		name := CapabilityName(slug)
		sv[i], en[i] = name.SV, name.EN
	}
	_, err := database.Exec(tx, `
		insert into capability_names as n (slug, name_sv, name_en) select * from unnest($1::text[], $2::text[], $3::text[])
		on conflict (slug) do update set name_sv = excluded.name_sv, name_en = excluded.name_en
		where (n.name_sv, n.name_en) <> (excluded.name_sv, excluded.name_en)`, slugs, sv, en)
	if err != nil {
		return false, fmt.Errorf("name capabilities: %w", err)
	}
	return false, nil // the resource is as it was
}
