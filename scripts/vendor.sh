#!/usr/bin/env bash
# Refreshes web/static/vendor from the npm packages that web/static/package.json pins.
# Run it after changing a version there, look at the diff, commit the result.
# Node is needed for this script only: what it copies is committed, so building and
# running Rigg never is.
set -euo pipefail

static="$(cd "$(dirname "$0")/../web/static" && pwd)"
vendor="$static/vendor"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cp "$static/package.json" "$work/"
# --ignore-scripts: nothing from a package runs here. No lock file: every version that
# we ship is written out in package.json, and nothing else is copied.
(cd "$work" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock --silent)
modules="$work/node_modules"

copy() { # copy PACKAGE FILE TARGET: one built file, without its pointer to a source map that we don't ship
	mkdir -p "$vendor/$(dirname "$3")"
	sed -e '/^\/\/# sourceMappingURL=/d' -e 's|/\*# sourceMappingURL=.*\*/||' "$modules/$1/$2" >"$vendor/$3"
}

copy_binary() { # copy_binary PACKAGE FILE TARGET
	mkdir -p "$vendor/$(dirname "$3")"
	cp "$modules/$1/$2" "$vendor/$3"
}

licence() { # licence PACKAGE FOLDER: the licence beside the files; some packages leave it out, then ours is kept by hand
	local found
	found="$(find "$modules/$1" -maxdepth 1 -iname 'licen[cs]e*' | head -1)"
	if [ -n "$found" ]; then
		cp "$found" "$vendor/$2/LICENSE"
	elif [ ! -s "$vendor/$2/LICENSE" ]; then
		echo "vendor.sh: $1 ships no licence file: put its text in web/static/vendor/$2/LICENSE" >&2
		exit 1
	fi
}

copy htmx.org dist/htmx.min.js htmx/htmx.min.js
licence htmx.org htmx

copy @tabler/core dist/css/tabler.min.css tabler/tabler.min.css
licence @tabler/core tabler

copy @event-calendar/build dist/event-calendar.min.js event-calendar/event-calendar.min.js
copy @event-calendar/build dist/event-calendar.min.css event-calendar/event-calendar.min.css
licence @event-calendar/build event-calendar

copy swagger-ui-dist swagger-ui-bundle.js swagger-ui/swagger-ui-bundle.js
copy swagger-ui-dist swagger-ui-bundle.js.LICENSE.txt swagger-ui/swagger-ui-bundle.js.LICENSE.txt
copy swagger-ui-dist swagger-ui.css swagger-ui/swagger-ui.css
copy swagger-ui-dist NOTICE swagger-ui/NOTICE
licence swagger-ui-dist swagger-ui

for subset in latin latin-ext; do
	copy_binary @fontsource-variable/ibm-plex-sans "files/ibm-plex-sans-$subset-wght-normal.woff2" "ibm-plex-sans/$subset.woff2"
done
licence @fontsource-variable/ibm-plex-sans ibm-plex-sans

# One sprite with the icons that icons.txt names; a template uses one by <use href="...#i-name">.
mkdir -p "$vendor/tabler-icons"
{
	echo '<svg xmlns="http://www.w3.org/2000/svg">'
	while read -r name; do
		printf '<symbol id="i-%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' "$name"
		# The drawing itself: everything between <svg ...> and </svg>, on one line.
		tr '\n' ' ' <"$modules/@tabler/icons/icons/outline/$name.svg" | sed -e 's/.*<svg[^>]*>//' -e 's/<\/svg>.*//' -e 's/  */ /g' -e 's/> </></g'
		echo '</symbol>'
	done <"$static/icons.txt"
	echo '</svg>'
} >"$vendor/tabler-icons/icons.svg"
licence @tabler/icons tabler-icons

echo "web/static/vendor is refreshed:"
du -sk "$vendor"/* | sed "s|$vendor/||"
