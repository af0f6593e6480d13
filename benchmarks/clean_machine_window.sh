# shellcheck shell=sh
# Steps of clean_machine.sh in which somebody uses the window: keys come from outside, by xdotool,
# and what there is to see is read from its title, kept as pictures, and looked up in the library.
#   SHOTS   the folder of the pictures

LIBRARY="$HOME/.local/share/ASA Desktop/library/library.sqlite"
SHOTS=${SHOTS:-/tmp/shots}

asked() { sqlite3 -readonly "$LIBRARY" "$1" 2>/dev/null; }
title() { xdotool getwindowname "$(cat /tmp/window.id)" 2>/dev/null; }
press() { xdotool key --delay 60 "$@"; }

titled() { # beginning (a pattern), seconds, key: wait until the window's title begins so
    tries=$(($2 * 20))
    while [ $tries -gt 0 ]; do
        case "$(title)" in $1*) return 0 ;; esac
        # A key before there is a page goes by unheard.
        [ $((tries % 5)) = 0 ] && [ -n "${3:-}" ] && press "$3"
        kill -0 "$window" 2>/dev/null || return 1
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}

shot() { # name: a picture as soon as nothing moves any more, or after three seconds
    mkdir -p "$SHOTS"
    scrot -o "$SHOTS/.before.png"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.3
        scrot -o "$SHOTS/$1.png"
        cmp -s "$SHOTS/.before.png" "$SHOTS/$1.png" && break
        cp "$SHOTS/$1.png" "$SHOTS/.before.png"
    done
    rm -f "$SHOTS/.before.png"
}

start_window() { # how long until there is one: in $took
    begun=$(now)
    "$ASA" >/tmp/window.log 2>&1 &
    window=$!
    tries=0
    while ! xdotool search --onlyvisible --name 'ASA Desktop' >/tmp/window.id 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 1200 ] && kill -0 $window 2>/dev/null || break
        sleep 0.05
    done
    took=$(since "$begun")
    # There is no window manager that would give it the keys.
    xdotool mousemove 1279 799 windowfocus --sync "$(cat /tmp/window.id)" 2>/dev/null
}

close_window() {
    kill -TERM "$window"
    wait "$window"
}

feed() { # file: into the microphone
    paplay --device=micfeed "$1" &
    fed=$!
    favoured $fed
}
hush() { kill "$fed" 2>/dev/null; }

usable() { # name, key, beginning of the title that follows: from the command to an answered key
    load=$(cut -d ' ' -f 1 /proc/loadavg)
    start_window
    titled "$3" 60 "$2"
    answered=$?
    ready=$(since "$begun")
    read_mb=$(awk '/^read_bytes/ { printf "%.0f", $2 / 1e6 }' "/proc/$window/io")
    checked "usable, $1" $answered "$2 led to: $(title)"
    [ $answered = 0 ] && measured "window; usable, $1, s" \
        "$took; $ready ($read_mb MB read from the disk, load $load)"
    shot "usable, $1"
    close_window
}

stage() { # name, status: a stage of the way to the first song, and the time since its beginning
    checked "$1" "$2" "$(awk -v a="$SINCE" -v b="$(now)" 'BEGIN { printf "%.0f s in all", b - a }'); $(title)"
    shot "$3"
    [ "$2" = 0 ] || exit 1
}

sings_first_song() { # from a new user's first start to the review, by keys alone
    SINCE=$(cat /bench/begun)
    # paplay makes noise of FLAC with 24 bits.
    sndfile-convert -pcm16 "$MEDLEY/../takes/pjs-medley.flac" /tmp/take.wav
    start_window
    titled "*–" 60
    sleep 1
    case "$(title)" in # an older program has none
        Introduction*)
            stage "the introduction, left by Esc" 0 1-first
            press Escape
            ;;
        *) shot 1-first ;;
    esac
    titled "Songs" 30
    stage "the songs" $? 2-songs
    press slash
    xdotool type --delay 60 medley
    sleep 0.5
    press Return
    press Return
    titled "Sound check" 60
    checks=$?
    feed "$MEDLEY/vocal.flac" # a few notes, as the page asks for
    sleep 5
    hush
    stage "the sound check, as the devices are new" $checks 3-check
    # Backwards from the page itself: the rail's two stops, then the page's last, Start singing.
    press shift+Tab shift+Tab shift+Tab
    shot 3-check-start
    press Return
    titled "Sing" 60 # no longer "Getting ready - Sing"
    stage "ready to sing" $? 4-ready
    press space
    titled "Recording" 10
    feed /tmp/take.wav
    sleep 30
    titled "Recording" 1 # still: a device that falls silent ends it
    stage "singing" $? 5-singing
    sleep 7
    hush
    press space
    stopped=$(now)
    titled "Review" 30
    stage "the review opens" $? 6-analysing
    tries=6000 # it yields to whatever else the machine does
    while [ "$(asked 'SELECT count(*) FROM analyses')" != 1 ] && [ $tries -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
    done
    measured "review after the stop, s" "$(since "$stopped")"
    shot 7-review
    measured "first reviewed song, from before the install, s" "$(since "$SINCE")"
    found=$(asked "SELECT count(*), t.source, s.location, round(t.duration_s), a.status, round(a.score), a.program
        FROM takes t JOIN songs s ON s.id = t.song_id JOIN analyses a ON a.take_id = t.id" | tr '|' ' ')
    case "$found" in "1 recorded "*medley*" scored "*) good=0 ;; *) good=1 ;; esac
    checked "the library holds one scored take of it" $good "$found"
    # Played straight to the analysis it has 86; a machine that is too busy tears it.
    score=$(asked 'SELECT CAST(coalesce(max(score), 0) AS INTEGER) FROM analyses')
    [ "$score" -ge 70 ]
    checked "and the score that it deserves" $? "$score"
    close_window
}

starts_cold_and_warm() { # with nothing of the program in the disk's cache, and then with all of it
    asked_root drop
    checked "the disk's cache can be emptied" $? ""
    usable "at the first start, cold" Escape Songs
    asked_root drop
    usable "cold" ctrl+2 Takes
    usable "warm" ctrl+2 Takes
}

shows_takes() { # anew or kept: the takes of a library that was there before, and a review
    SINCE=$(now)
    start_window
    titled "*–" 60
    sleep 2
    press Escape
    press ctrl+2
    titled "Takes" 30
    stage "the takes" $? 8-takes
    before=$(asked 'SELECT count(*) FROM analyses')
    press Down # the oldest of two
    press Return
    titled "Review" 30
    stage "the review of a take of before" $? "9-review opens"
    # The pictures are in a cache: where it is gone a take is analysed anew, beside what was found.
    expected=$before
    [ "$1" = anew ] && expected=$((before + 1))
    tries=2400
    while [ "$(asked 'SELECT count(*) FROM analyses')" != "$expected" ] && [ $tries -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.5
    done
    shot 9-review
    after=$(asked 'SELECT count(*) FROM analyses')
    [ "$after" = "$expected" ]
    checked "reviewed, $1" $? "$before analyses before, $after after; $(since "$SINCE") s in all"
    close_window
}
