#!/bin/sh
# Recordings are the singers'. Removing the program, or purging it, leaves them where they are.
set -e
if [ "$1" = purge ]; then
    echo "ASA Desktop is gone. Recordings, scores and settings stay, in every user's folder:"
    found=
    for home in @HOMES@; do
        for place in "$home/.local/share/ASA Desktop"; do
            if [ -d "$place" ]; then
                echo "  $place"
                found=yes
            fi
        done
    done
    [ -n "$found" ] || echo "  ~/.local/share/ASA Desktop (nobody has one so far)"
    echo "Delete these folders yourself if nobody wants them any more."
fi
exit 0
