#!/bin/sh
# ASA Desktop @VERSION@ in one file, for Linux on @MACHINE@.
#
# Started, it unpacks itself once into a folder of yours and starts the program from there; what
# follows its name goes to the program. Nothing else is changed on the machine, no rights of an
# administrator are asked for. Behind the last line of this script lies a @SQUEEZER@ archive.
set -eu

version=@VERSION@
variant=@VARIANT@
sum=@SUM@
skip=@SKIP@
glibc_minor=@GLIBC@
kilobytes=@KILOBYTES@
libraries="@LIBRARIES@"

usage() {
    cat <<END
ASA Desktop $version, portable

  $0 [ARGUMENTS]          unpack once, then start the program with ARGUMENTS
  $0 --portable-check     is this file whole, and does the system have what is needed?
  $0 --portable-unpack DIR  unpack into DIR and do not start
  $0 --portable-remove    remove what was unpacked; recordings stay
  $0 --portable-help      this

It is unpacked into \$ASA_PORTABLE, else into ${XDG_DATA_HOME:-$HOME/.local/share}/asa-desktop-portable.
END
}

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

payload() { tail -c "+$((skip + 1))" "$0"; }

whole() {
    found=$(payload | sha256sum | cut -d ' ' -f 1)
    [ "$found" = "$sum" ] || die "This file is damaged (an unfinished download?): get it again."
}

system_fits() {
    [ "$(uname -m)" = @MACHINE@ ] || die "This file is for @MACHINE@, and this is $(uname -m)."
    minor=$(ldd --version 2>&1 | sed -n '1s/.*[^0-9]2\.\([0-9][0-9]*\).*/\1/p')
    if [ -n "$minor" ] && [ "$minor" -lt "$glibc_minor" ]; then
        die "This system's glibc is 2.$minor and 2.$glibc_minor is needed: Debian 12, Ubuntu 24.04, Fedora 38 or newer."
    fi
    known=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || true)
    [ -n "$known" ] || return 0
    missing=
    packages=
    for pair in $libraries; do
        library=${pair%%:*}
        case "$known" in
            *"	$library "*) ;;
            *) missing="$missing $library"; packages="$packages ${pair#*:}" ;;
        esac
    done
    [ -z "$missing" ] && return 0
    say "These libraries of the system are missing:$missing"
    if command -v apt-get >/dev/null; then
        say "Get them by: sudo apt-get install$packages"
    elif command -v dnf >/dev/null; then
        say "Get them by: sudo dnf install$(for one in $missing; do printf " '%s()(64bit)'" "$one"; done)"
    else
        say "Get them by your system's packages."
    fi
    return 1
}

unpacks() {
    command -v @SQUEEZER@ >/dev/null || die "To unpack it, the command @SQUEEZER@ is needed: install it first."
}

unpack() {
    target=$1
    unpacks
    mkdir -p "$target" || die "No right to write $target: set ASA_PORTABLE to a folder of yours."
    free=$(df -Pk "$target" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$kilobytes" ] || die "The disk is full: $((kilobytes / 1024)) MB are needed in $target."
    part=$(mktemp -d "$target/unpacking.XXXXXX")
    trap 'rm -rf "$part"' EXIT
    trap 'exit 130' HUP INT TERM
    say "Unpacking ASA Desktop $version into $target (once) ..."
    whole
    payload | @SQUEEZER@ -dc | tar -xf - -C "$part" --no-same-owner || die "It could not be unpacked into $target."
    rm -rf "${target:?}/$version$variant"
    mv "$part" "$target/$version$variant" 2>/dev/null || [ -x "$target/$version$variant/asa" ] || die "It could not be put into $target."
    chmod 755 "$target/$version$variant"
    trap - EXIT HUP INT TERM
}

folder=${ASA_PORTABLE:-${XDG_DATA_HOME:-$HOME/.local/share}/asa-desktop-portable}
case "${1:-}" in
    --portable-help) usage; exit 0 ;;
    --portable-check)
        whole
        system_fits || exit 2
        unpacks
        say "The file is whole, and the system has what is needed."
        exit 0 ;;
    --portable-unpack)
        [ -n "${2:-}" ] || die "Say where: $0 --portable-unpack DIR"
        unpack "$2"
        say "$2/$version$variant/asa"
        exit 0 ;;
    --portable-remove)
        for one in "$folder"/*/; do
            [ -x "${one}asa" ] && [ -d "${one}_internal" ] && rm -rf "$one"
        done
        rmdir "$folder" 2>/dev/null || true
        say "The program is gone. Recordings, scores and settings stay in ${XDG_DATA_HOME:-$HOME/.local/share}/ASA Desktop."
        exit 0 ;;
esac
if [ ! -x "$folder/$version$variant/asa" ]; then
    system_fits || say "The program is unpacked all the same; sound or the window may be missing."
    unpack "$folder"
fi
exec "$folder/$version$variant/asa" "$@"
exit 2
