# SPDX-License-Identifier: Apache-2.0
# What the actions on filesystems share: sourced, never run. Options, and the mount point that is meant: the one that is
# named, or the one of the filesystem that the notice on standard input tells of. Nothing of a notice is evaluated: a
# UUID is all that is taken from it. A text within JSON cannot look like the key searched for: its quotes are escaped.
set -euf

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Sets point, dry_run, config and, of an action that takes it, time.
read_options()
{
    point='' dry_run='' config='' time=''
    while [ $# -gt 0 ]; do
        case $1 in
            --dry-run) dry_run=1 ;;
            --config | --for)
                [ $# -gt 1 ] || die "$1 needs a value"
                [ "$1" = --for ] && time=$2 || config=$2
                shift
                ;;
            /*) [ -z "$point" ] || die "one mount point at a time"; point=$1 ;;
            *) die "$1: no option, and no path from the root on" ;;
        esac
        shift
    done
    [ -n "$point" ] || find_point
}

find_point()
{
    uuid=$(tr -d '\n' | grep -o '"fs":{"type":"[a-z0-9]*","uuid":"[0-9a-f-]\{36\}"' \
        | sed 's/.*"uuid":"\([^"]*\)"/\1/' | sort -u)
    [ -n "$uuid" ] || die "the notice names no filesystem"
    case $uuid in *"
"*) die "the digest tells of several filesystems: left to a person" ;; esac
    # All devices that bear the UUID: a clone of the filesystem may be mounted too.
    for device in $(blkid -c /dev/null -o device -t "UUID=$uuid"); do
        at=$(findmnt --noheadings --first-only --output TARGET --source "$device") || continue
        [ -z "$point" ] || die "$uuid is mounted twice: left to a person"
        point=$at
    done
    [ -n "$point" ] || die "$uuid is not mounted here"
}

# Never what Holdfast itself, or the machine, rests on.
guard()
{
    holdfast policy guard ${config:+--config "$config"} -- "$point" || exit 1
}

# $1: what is done, as in "shut down".
say_dry()
{
    [ -n "$dry_run" ] || return 0
    printf 'dry run: %s would be %s\n' "$point" "$1"
    exit 0
}
