#!/bin/sh
# Inside a clean machine without a network: what somebody does who has just installed the program.
# `benchmarks.clean_machine` calls it as the user `singer`. Lines that begin with "measured" or
# "checked" go into its table.
#   ASA       the command       MEDLEY  the folder of the bundled song
set -u
# shellcheck source=benchmarks/clean_machine_window.sh
. "$(dirname "$0")/clean_machine_window.sh"

measured() { echo "measured|$1|$2"; }
checked() { # name, status, what was seen
    if [ "$2" = 0 ]; then echo "checked|$1|ok|$3"; else echo "checked|$1|FAILED|$3"; fi
}
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
last() { tail -n 1 "$1" | tr '|' '/'; }

room() { # a screen and a sound server: speakers, and a microphone that hears what is fed to it
    export XDG_RUNTIME_DIR="/tmp/run-$(id -u)"
    mkdir -p -m 700 "$XDG_RUNTIME_DIR"
    screen=${SCREEN:-9}
    # of the one before, who is gone
    rm -rf "/tmp/.X$screen-lock" "/tmp/.X11-unix/X$screen" "$XDG_RUNTIME_DIR"/pulse
    Xvfb ":$screen" -screen 0 1280x800x24 -nolisten tcp -noreset >/dev/null 2>&1 &
    export DISPLAY=":$screen"
    pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no \
        -L "module-native-protocol-unix auth-anonymous=1" \
        -L "module-null-sink sink_name=speakers rate=48000 norewinds=1" \
        -L "module-null-sink sink_name=micfeed rate=48000 norewinds=1" \
        -L "module-remap-source source_name=mic master=micfeed.monitor" >/tmp/pulse.log 2>&1 &
    server=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.5
        pactl set-default-sink speakers 2>/dev/null && pactl set-default-source mic 2>/dev/null && break
    done
    favoured "$server"
}

asked_root() { # words: has done what only root may do, and passes its status on
    echo "$*" >/bench/ask
    read -r status </bench/answer
    return "$status"
}

favoured() { # process: at the head of the queue, as a microphone is and a desktop's sound server
    asked_root favour "$1" || echo "process $1 runs like any other here"
}

goes_first() { # where sessions share the processors (sched_autogroup): before all the others
    asked_root first $$
    checked "goes before other work" $? "$(cat /proc/$$/autogroup)"
}

no_network() {
    ip_lines=$(tail -n +3 /proc/net/dev | grep -cv ' lo:')
    checked "no network" "$ip_lines" "$ip_lines interfaces beside lo"
}

finds_libraries() { # folder: does everything in it find what it is linked to?
    find "$1" -name '*.so*' -type f | while read -r file; do
        LD_LIBRARY_PATH="$1/_internal" ldd "$file" 2>/dev/null | grep 'not found' | sed "s|^|$(basename "$file"): |"
    done >/tmp/lacking
    checked "libraries" "$(grep -c . /tmp/lacking)" "$(head -n 5 /tmp/lacking | tr '\n|\t' '   ')"
}

tests_itself() {
    "$ASA" --version >/tmp/version 2>&1
    checked "starts" $? "$(last /tmp/version)"
    begun=$(now)
    "$ASA" self-test >/tmp/self-test 2>&1
    status=$?
    measured "self-test, s" "$(since "$begun")"
    checked "self-test" $status "$(grep -c '^ok' /tmp/self-test) ok, $(grep -c '^FAIL' /tmp/self-test) failed"
    cat /tmp/self-test
}

opens_window() { # name
    start_window
    [ -s /tmp/window.id ]
    seen=$?
    checked "window, $1" $seen "$(head -c 300 /tmp/window.log | tr '\n|' '  ')"
    [ $seen = 0 ] && measured "time to the window, $1, s" "$took"
    sleep 6
    processes=$(pgrep -c -u "$(id -u)" -x asa)
    close_window
    checked "window closes, $1" $? "$processes processes while it was open"
    sleep 1
    left=$(pgrep -c -u "$(id -u)" -x asa)
    checked "nothing is left running, $1" "$left" "$left processes"
}

records() {
    rm -rf /tmp/take.flac /tmp/report
    (sleep 3; feed "$MEDLEY/vocal.flac"; wait "$fed") &
    "$ASA" record --song pjs-medley --seconds 24 --delay 0 --out /tmp/take.flac >/tmp/record.log 2>&1
    checked "record" $? "$(last /tmp/record.log)"
    begun=$(now)
    "$ASA" analyze /tmp/take.flac --song pjs-medley --json /tmp/take.json --report /tmp/report >/tmp/analyze.log 2>&1
    status=$?
    measured "analysis of the take, s" "$(since "$begun")"
    score=$(grep -o '"status": *"[a-z_]*"' /tmp/take.json | head -n 1)
    checked "review" $status "$score, $(ls /tmp/report | wc -l) files of the report"
    grep -q '"status": *"scored"' /tmp/take.json
    checked "the take is scored" $? "$(head -n 3 /tmp/analyze.log | tail -n 1 | tr '|' ' ')"
}

sings_into_library() {
    (sleep 3; feed "$MEDLEY/vocal.flac"; wait "$fed") &
    "$ASA" record --song pjs-medley --seconds 6 --delay 0 --singer bench >/tmp/library.log 2>&1
    checked "a take for the library" $? "$(last /tmp/library.log)"
    keeps_library before
}

keeps_library() { # name
    "$ASA" check >/tmp/check.log 2>&1
    status=$?
    takes=$(find "$HOME/.local/share/ASA Desktop" -name '*.flac' 2>/dev/null | wc -l)
    [ $status = 0 ] && [ "$takes" -ge 1 ]
    checked "library, $1" $? "$takes recordings; $(last /tmp/check.log)"
}

reads_foreign() { # an ffmpeg of the system is another program: it must not get our libraries
    command -v ffmpeg >/dev/null || return 0
    ffmpeg -v error -y -i "$MEDLEY/vocal.flac" -t 12 /tmp/foreign.m4a
    "$ASA" analyze /tmp/foreign.m4a --song pjs-medley >/tmp/foreign.log 2>&1
    checked "m4a through the system's ffmpeg" $? "$(last /tmp/foreign.log)"
}

for step in "$@"; do
    case "$step" in
        *:*) "${step%%:*}" "${step#*:}" ;;
        *) "$step" ;;
    esac
done
exit 0
