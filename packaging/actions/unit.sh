# SPDX-License-Identifier: Apache-2.0
# What the actions on systemd's units share: sourced, never run, after `verb` is set. A protected unit is left alone,
# and so is one that a protected unit depends on, for it may be stopped with it. Nothing is done where any of them is.
set -euf

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

dry_run='' config='' units='' asked=''
while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry_run=1 ;;
        --config)
            [ $# -gt 1 ] || die "$1 needs a value"
            config=$2
            shift
            ;;
        # A pattern, or a target or slice, would be many.
        -* | *[!A-Za-z0-9:_.@\\-]*) die "$1: not the name of a unit" ;;
        *.service | *.socket | *.timer | *.path | *.scope) units="$units $1" ;;
        *) die "$1: not the full name of a service, socket, timer, path or scope" ;;
    esac
    shift
done
[ -n "$units" ] || die "no unit is named"

ids=''
for unit in $units; do
    # An alias has another name.
    id=$(systemctl show --property=Id --value -- "$unit") || die "$unit: systemctl does not tell what it is"
    [ "$(systemctl show --property=LoadState --value -- "$unit")" = loaded ] || die "$unit: there is no such unit"
    ids="$ids $id"
    asked="$asked $unit $id $(systemctl list-dependencies --reverse --plain --all --no-pager -- "$id" \
        | sed 's/^[^A-Za-z0-9]*//')"
done
for unit in $asked; do
    set -- "$@" --unit "$unit"
done
holdfast policy guard ${config:+--config "$config"} "$@" || exit 1
if [ -n "$dry_run" ]; then
    printf 'dry run: systemctl %s%s\n' "$verb" "$ids"
    exit 0
fi

# shellcheck disable=SC2086 # names of units hold no blanks
systemctl "$verb" --no-ask-password -- $ids || die "systemctl $verb$ids failed"
printf '%s:%s\n' "$verb" "$ids"
