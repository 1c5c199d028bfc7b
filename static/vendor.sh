#!/bin/sh
# vendor.sh DIR: put the third-party files that browsers download into DIR.
#
# Exactly what package-lock.json pins is installed (checksums verified, no scripts of the packages
# run) in a folder beside DIR; only the published browser files are copied. DIR is complete or absent:
# it is filled under another name and renamed at the end.
set -eu

[ $# -eq 1 ] || { echo "usage: vendor.sh DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$(dirname "$1")"
target=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$target.work

rm -rf "$work" "$target.new"
mkdir -p "$work" "$target.new"
cp "$here/package.json" "$here/package-lock.json" "$work/"
(cd "$work" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error)

modules=$work/node_modules
cp "$modules/tus-js-client/dist/tus.min.js" "$target.new/"
cp "$modules/tus-js-client/LICENSE" "$target.new/tus.LICENSE.txt"
for subset in latin latin-ext cyrillic cyrillic-ext; do
	cp "$modules/@fontsource-variable/onest/files/onest-$subset-wght-normal.woff2" "$target.new/onest-$subset.woff2"
done
cp "$modules/@fontsource-variable/onest/LICENSE" "$target.new/onest.LICENSE.txt"

chmod -R u=rwX,go=rX "$target.new"
rm -rf "$target" "$work"
mv "$target.new" "$target"
