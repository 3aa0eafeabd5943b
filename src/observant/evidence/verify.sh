#!/bin/sh
# Verifies an Observant evidence log, or a package with one, without Observant and without Python:
#
#     sh verify.sh --trust FOLDER PACKAGE
#
# Needs openssl 3.0 or newer, ssh-keygen for packages, and what every POSIX system has (awk cmp cut dd find grep od sed
# sort tail tr wc xargs). FOLDER holds the keys that you were given by another way: log.vkey, statement.vkey,
# allowed_signers. Without --trust the keys are those inside, which shows that the evidence is whole, not whose it is.
#
# Checked, stopping at the first incident: signed checkpoints; the Merkle tree of all entries against the newest of them;
# every other checkpoint as a beginning of that tree; hash tiles; each entry's signature, its time, and the digests of
# the files it binds. Not checked: what is inside the packs (the Python verifier does, and it needs the signing key to
# get there). Ends with 0 when all is well, 4 when the evidence is damaged, 2 when it cannot be told.
set -u
LC_ALL=C
export LC_ALL
umask 077

fail() { echo "$1" >&2; exit 2; }
bad() { echo "BAD $prefix$1: $2"; exit 4; }

prefix=
trust=
if [ "${1-}" = --trust ]; then
    [ $# -ge 2 ] || fail "usage: verify.sh [--trust FOLDER] [FOLDER]"
    trust=$2
    shift 2
fi
root=${1-.}
[ $# -le 1 ] && [ -d "$root" ] || fail "usage: verify.sh [--trust FOLDER] [FOLDER]"
case $(openssl version) in
    OpenSSL\ [3-9]*) ;;
    *) fail "openssl 3.0 or newer is needed" ;;
esac
work=${TMPDIR:-/tmp}/observant-verify.$$
mkdir "$work" || fail "cannot make a temporary folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
[ -z "$trust" ] || trust=$(cd "$trust" 2>/dev/null && pwd) || fail "no trust folder there"

# ---- small tools -----------------------------------------------------------------------------------------------------

# list_files: all.txt has everything that is not a folder (odd characters as ?), regular.txt plain files with plain names
list_files() {
    find . ! -type d | sed 's/^\.\///' > "$work/raw.txt"
    sed 's/[^A-Za-z0-9._\/-]/?/g' "$work/raw.txt" | sort -u > "$work/all.txt"
    find . -type f | sed 's/^\.\///' | grep '^[A-Za-z0-9._/-]*$' | sort > "$work/regular.txt"
}
is_there() { grep -Fxq -- "$1" "$work/regular.txt"; }
need() { is_there "$1" || bad "$1" "the log names it and it is not there"; }
vouch() { echo "$1" >> "$work/vouched.txt"; }

# digests < NAMES: one hex digest a line, in the same order
digests() { xargs openssl dgst -sha256 -r | cut -d ' ' -f 1; }

# decode BASE64 FILE: fails unless BASE64 is in its one proper spelling
decode() {
    printf %s "$1" | openssl base64 -d -A > "$2" 2>/dev/null || return 1
    [ "$(openssl base64 -A -in "$2")" = "$1" ]
}
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

# load_keys FILE KIND: each verifier key `name+hash+base64` becomes $work/KIND.HASH.name and .pem
load_keys() {
    while IFS= read -r line || [ -n "$line" ]; do
        [ -n "$line" ] || continue
        name=${line%%+*}
        rest=${line#*+}
        hash=${rest%%+*}
        decode "${rest#*+}" "$work/key" || return 1
        case $(hex "$work/key") in
            01*) ;;
            *) return 1 ;;
        esac
        [ "$(wc -c < "$work/key" | tr -d ' ')" = 33 ] || return 1
        found=$({ printf '%s\n' "$name"; cat "$work/key"; } | openssl dgst -sha256 -r | cut -c 1-8)
        [ "$found" = "$hash" ] || return 1
        { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; dd if="$work/key" bs=1 skip=1 2>/dev/null; } > "$work/der"
        openssl pkey -pubin -inform DER -in "$work/der" -out "$work/$2.$hash.pem" 2>/dev/null || return 1
        printf %s "$name" > "$work/$2.$hash.name"
    done < "$1"
    [ -n "$(find "$work" -name "$2.*.pem")" ]
}

# signed PEM FILE SIGNATURE
signed() { openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3" > /dev/null 2>&1; }

# ---- checkpoints -----------------------------------------------------------------------------------------------------

# read_checkpoint FILE NAME: sets origin, size, root_hash (hex)
read_checkpoint() {
    [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' ')" = 0a ] || bad "$2" "the note does not end with a newline"
    awk -v text="$work/text" -v lines="$work/lines" '
        { line[NR] = $0; if ($0 == "") last = NR }
        END {
            if (last < 4) exit 1
            printf "" > lines
            for (i = 1; i < last; i++) print line[i] > text
            for (i = last + 1; i <= NR; i++) print line[i] > lines
        }' "$1" || bad "$2" "not a signed checkpoint"
    signer=
    while IFS= read -r line; do
        case $line in
            "— "*) ;;
            *) bad "$2" "a signature line is malformed" ;;
        esac
        line=${line#"— "}
        decode "${line#* }" "$work/signature" || bad "$2" "a signature is not base64"
        hash=$(hex "$work/signature" | cut -c 1-8)
        if [ -f "$work/log.$hash.pem" ] && [ "$(cat "$work/log.$hash.name")" = "${line%% *}" ]; then
            dd if="$work/signature" bs=1 skip=4 of="$work/bare" 2>/dev/null
            signed "$work/log.$hash.pem" "$work/text" "$work/bare" || bad "$2" "the signature is wrong"
            signer=${signer:-${line%% *}}
        fi
    done < "$work/lines"
    [ -n "$signer" ] || bad "$2" "no trusted key signed this checkpoint"
    origin=$(sed -n 1p "$work/text")
    size=$(sed -n 2p "$work/text")
    case $size in
        '' | *[!0-9]* | 0?*) bad "$2" "the size is not a plain number" ;;
    esac
    decode "$(sed -n 3p "$work/text")" "$work/roothash" || bad "$2" "the root is not base64"
    root_hash=$(hex "$work/roothash")
    [ ${#root_hash} = 64 ] || bad "$2" "the root is not 32 bytes"
    [ "$origin" = "$signer" ] || bad "$2" "the checkpoint is of another log"
}

check_checkpoints() {
    sed -n 's/^log\/checkpoints\/\([1-9][0-9]\{0,14\}\)$/\1/p' "$work/regular.txt" | sort -n > "$work/sizes"
    newest=0
    : > "$work/heads"
    for stored in $(cat "$work/sizes"); do
        read_checkpoint "log/checkpoints/$stored" "log/checkpoints/$stored"
        [ "$size" = "$stored" ] || bad "log/checkpoints/$stored" "this checkpoint is for size $size"
        echo "$size $root_hash log/checkpoints/$size" >> "$work/heads"
        vouch "log/checkpoints/$stored"
        newest=$size newest_root=$root_hash
    done
    need log/checkpoint
    read_checkpoint log/checkpoint log/checkpoint
    if ! grep -Fxq -- "$size" "$work/sizes"; then
        bad "log/checkpoints/$size" "the log was this long and its checkpoint is gone"
    fi
    cmp -s log/checkpoint "log/checkpoints/$size" || bad log/checkpoint "there are two checkpoints of size $size"
    [ "$size" = "$newest" ] || echo "NOTE log/checkpoint is behind: it names size $size of $newest (a writer was interrupted)"
    vouch log/checkpoint
    for remembered in ${keys:+"$keys"/checkpoint*}; do
        [ -f "$remembered" ] || continue
        read_checkpoint "$remembered" "remembered checkpoint"
        [ "$size" -le "$newest" ] || bad log/checkpoint "the log has $newest entries, and $size when it was last seen"
        echo "$size $root_hash log/checkpoint" >> "$work/heads"
    done
}

# ---- the tree --------------------------------------------------------------------------------------------------------

# tile_name LEVEL NUMBER WIDTH
tile_name() {
    rest=$(($2 / 1000))
    tile=$(printf %03d $(($2 % 1000)))
    while [ "$rest" -gt 0 ]; do
        tile=$(printf x%03d/%s $((rest % 1000)) "$tile")
        rest=$((rest / 1000))
    done
    tile=log/tile/$1/$tile
    [ "$3" = 256 ] || tile=$tile.p/$3
}

# unbundle FILE WIDTH FIRST: writes $work/leaf/INDEX (with the zero byte of RFC 6962 in front) for each entry
unbundle() {
    od -An -v -to1 "$1" | awk -v width="$2" -v at="$3" -v folder="$work/leaf" '
        function number(octal) { return substr(octal, 1, 1) * 64 + substr(octal, 2, 1) * 8 + substr(octal, 3, 1) }
        {
            for (i = 1; i <= NF; i++) {
                if (need == 0 && half == "") { half = $i; continue }
                if (need == 0) {
                    need = number(half) * 256 + number($i); half = ""
                    printf "printf \047\\000"
                    if (need == 0) { print "\047 > " folder "/" at; at++; count++ }
                    continue
                }
                printf "\\%s", $i
                if (--need == 0) { print "\047 > " folder "/" at; at++; count++ }
            }
        }
        END { if (need > 0) print "\047"; exit !(need == 0 && half == "" && count == width) }' > "$work/script" || return 1
    . "$work/script"
}

# combine < PAIRS: lines `LEFT RIGHT` (hex) become lines with the hash of their node
combine() {
    rm -rf "$work/pair"
    mkdir "$work/pair"
    awk -v folder="$work/pair" '
        BEGIN {
            for (i = 0; i < 256; i++) octal[sprintf("%02x", i)] = sprintf("\\%03o", i)
        }
        {
            both = $1 $2
            printf "printf \047\\001"
            for (i = 1; i <= length(both); i += 2) printf "%s", octal[substr(both, i, 2)]
            print "\047 > " folder "/" NR
            print folder "/" NR > (folder ".names")
        }' > "$work/script"
    [ -s "$work/script" ] || return 0
    . "$work/script"
    digests < "$work/pair.names"
}

# climb PREFIX: from PREFIX.0 (leaf hashes) makes PREFIX.1, PREFIX.2, ... up to the root, and sets top
climb() {
    level=0
    count=$(wc -l < "$1.0" | tr -d ' ')
    while [ "$count" -gt 1 ]; do
        awk 'NR % 2 { left = $0; next } { print left, $0 }' "$1.$level" | combine > "$1.$((level + 1))"
        [ $((count % 2)) = 0 ] || tail -n 1 "$1.$level" >> "$1.$((level + 1))"
        level=$((level + 1))
        count=$(wc -l < "$1.$level" | tr -d ' ')
    done
    top=$(cat "$1.$level")
}

check_entries() {
    mkdir "$work/leaf"
    number=0
    while [ $((number * 256)) -lt "$newest" ]; do
        width=$((newest - number * 256))
        [ "$width" -le 256 ] || width=256
        tile_name entries $number $width
        if ! is_there "$tile"; then bad "$tile" "entries were signed and are gone"; fi
        unbundle "$tile" $width $((number * 256)) || bad "$tile" "not a bundle of $width entries"
        echo "$tile" >> "$work/bundles"
        number=$((number + 1))
    done
    awk -v size="$newest" -v folder="$work/leaf" 'BEGIN { for (i = 0; i < size; i++) print folder "/" i }' |
        digests > "$work/tree.0"
    climb "$work/tree"
    [ "$top" = "$newest_root" ] || find_culprit
    cat "$work/bundles" >> "$work/vouched.txt"
}

# The entries and the newest checkpoint disagree: the tiles tell which of them changed.
find_culprit() {
    : > "$work/held.0"
    number=0
    while [ $((number * 256)) -lt "$newest" ]; do
        width=$((newest - number * 256))
        [ "$width" -le 256 ] || width=256
        tile_name 0 $number $width
        need "$tile"
        hex "$tile" | awk '{ for (i = 1; i <= length($0); i += 64) print substr($0, i, 64) }' >> "$work/held.0"
        number=$((number + 1))
    done
    climb "$work/held"
    if [ "$top" = "$newest_root" ]; then
        at=$(cmp "$work/tree.0" "$work/held.0" | awk '{ print $NF }')
        bad "$(sed -n "$(((at - 1) / 256 + 1))p" "$work/bundles")" "the entries are not those that were signed"
    fi
    bad "log/checkpoints/$newest" "the tree of the entries has another root"
}

# Every checkpoint must be the root of the first entries: the peaks of each, folded from the right, all sizes in step.
check_history() {
    level=0
    : > "$work/nodes"
    while [ -f "$work/tree.$level" ]; do
        sed "s/^/$level /" "$work/tree.$level" >> "$work/nodes"
        level=$((level + 1))
    done
    awk -v sizes="$work/heads" '
        $1 != level { level = $1; at = 0 }
        { node[$1 " " at++] = $2 }
        END {
            while ((getline line < sizes) > 0) {
                split(line, field, " ")
                if (field[1] == 0) { print ""; continue }
                for (bit = 1; bit * 2 <= field[1]; bit *= 2) power++
                start = 0; rest = field[1]; peaks = ""
                for (k = power; k >= 0; k--) {
                    if (rest >= bit) {
                        peaks = peaks " " node[k " " start / bit]
                        start += bit; rest -= bit
                    }
                    bit /= 2
                }
                power = 0
                print substr(peaks, 2)
            }
        }' "$work/nodes" > "$work/peaks"
    while awk 'NF > 1 { found = 1 } END { exit !found }' "$work/peaks"; do
        awk 'NF > 1 { print $(NF - 1), $NF }' "$work/peaks" | combine > "$work/joined"
        awk -v joined="$work/joined" '
            NF > 1 { getline one < joined; line = ""; for (i = 1; i < NF - 1; i++) line = line $i " "; print line one; next }
            { print }' "$work/peaks" > "$work/peaks.next"
        mv "$work/peaks.next" "$work/peaks"
    done
    wrong=$(awk -v peaks="$work/peaks" '{ getline root < peaks; if (root != "" && root != $2) { print $3; exit } }' "$work/heads")
    [ -z "$wrong" ] || bad "$wrong" "these are not the entries that this checkpoint signed"
}

check_tiles() {
    level=0
    count=$newest
    while [ "$count" -gt 0 ]; do
        number=0
        while [ $((number * 256)) -lt "$count" ]; do
            width=$((count - number * 256))
            [ "$width" -le 256 ] || width=256
            tile_name $level $number $width
            need "$tile"
            expected=$(sed -n "$((number * 256 + 1)),$((number * 256 + width))p" "$work/tree.$((level * 8))" | tr -d '\n')
            [ "$(hex "$tile")" = "$expected" ] || bad "$tile" "the tile does not hold the hashes of the entries"
            vouch "$tile"
            number=$((number + 1))
        done
        count=$((count / 256))
        level=$((level + 1))
    done
}

# ---- entries ---------------------------------------------------------------------------------------------------------

# split_entries: makes $work/payload/INDEX and $work/signature/INDEX (base64) from the leaves; prints the first bad index
split_entries() {
    mkdir "$work/payload" "$work/entry"
    at=0
    while [ $at -lt "$newest" ]; do
        tail -c +2 "$work/leaf/$at" | sed -n 's/^{"payload":"\([A-Za-z0-9+/]\{1,\}=*\)","payloadType":"application\/vnd\.in-toto+json","signatures":\[{"keyid":"[0-9a-f]\{8\}","sig":"\([A-Za-z0-9+/]\{86\}==\)"}\]}$/\1 \2/p' > "$work/entry/$at"
        payload=
        read -r payload signature < "$work/entry/$at" # which may end without a newline
        printf %s "$payload" | openssl base64 -d -A > "$work/payload/$at"
        at=$((at + 1))
    done
}

# read_statements: `INDEX recorded TIME` and `INDEX subject DIGEST NAME` lines of all payloads, in order
read_statements() {
    awk -v size="$newest" -v folder="$work/payload" '
        function take(text,   i, c, depth, string, word, key) {
            # walks the JSON once: a string at depth 2 after the key "recorded" is the time
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (string) {
                    if (c == "\\") { word = word c substr(text, ++i, 1); continue }
                    if (c != "\"") { word = word c; continue }
                    string = 0
                    if (substr(text, i + 1, 1) == ":") key = word
                    else if (depth == 2 && key == "recorded") return word
                    continue
                }
                if (c == "\"") { string = 1; word = "" }
                else if (c == "{" || c == "[") depth++
                else if (c == "}" || c == "]") depth--
            }
            return ""
        }
        BEGIN {
            for (at = 0; at < size; at++) {
                text = ""
                file = folder "/" at
                while ((getline line < file) > 0) text = text line
                close(file)
                print at, "recorded", take(text)
                while ((from = index(text, "\"subject\":["))) text = substr(text, from + 11)
                count = split(text, part, "{\"digest\":{\"sha256\":\"")
                for (i = 2; i <= count; i++) {
                    name = substr(part[i], 76)
                    sub(/".*/, "", name)
                    print at, "subject", substr(part[i], 1, 64), name
                }
            }
        }'
}

check_statements() {
    split_entries
    read_statements > "$work/statements"
    xargs openssl dgst -sha256 -r < "$work/regular.txt" | sed 's/ \*/ /' > "$work/sums"
    # first incident that is not about a signature: `INDEX NAME PROBLEM`; NAME is - for the bundle itself
    awk -v sums="$work/sums" '
        BEGIN { while ((getline line < sums) > 0) sum[substr(line, 66)] = substr(line, 1, 64) }
        $2 == "recorded" {
            if ($3 !~ /^[0-9-]+T[0-9:]+Z$/) { print $1, "-", "not a statement of this log"; exit }
            if ($3 < last) { print $1, "-", "recorded before the entry in front of it"; exit }
            last = $3
        }
        $2 == "subject" && $4 ~ /^(anchors|keys|log|objects)\// {
            if (!($4 in sum)) { print $1, $4, "the log names it and it is not there"; exit }
            if (sum[$4] != $3) { print $1, $4, "the bytes are not those that were signed"; exit }
        }' "$work/statements" > "$work/incident"
    incident=$newest
    [ ! -s "$work/incident" ] || read -r incident name problem < "$work/incident"
    at=0
    while [ $at -lt "$newest" ] && [ $at -le "$incident" ]; do
        is_signed $at ||
            bad "$(sed -n "$((at / 256 + 1))p" "$work/bundles")" "entry $at is not signed by a trusted statement key"
        at=$((at + 1))
    done
    if [ "$incident" -lt "$newest" ]; then
        [ "$name" != - ] || name=$(sed -n "$((incident / 256 + 1))p" "$work/bundles")
        bad "$name" "$problem"
    fi
    awk '$2 == "subject" && $4 ~ /^(anchors|keys|log|objects)\// { print $4 }' "$work/statements" >> "$work/vouched.txt"
}

# 64 bytes leave four bits of their last character unused: only these four spell them as zero
is_signed() {
    signature=
    read -r payload signature < "$work/entry/$1"
    case $signature in *[AQgw]==) ;; *) return 1 ;; esac
    printf %s "$signature" | openssl base64 -d -A > "$work/signature" || return 1
    { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload/$1")"; cat "$work/payload/$1"; } > "$work/message"
    for pem in "$work"/statement.*.pem; do
        if signed "$pem" "$work/message" "$work/signature"; then return 0; fi
    done
    return 1
}

# ---- packages --------------------------------------------------------------------------------------------------------

check_package() {
    list_files
    need SHA256SUMS
    need SHA256SUMS.sig
    awk '
        NR == 1 { good = $0 == "-----BEGIN SSH SIGNATURE-----"; next }
        ended { good = 0 }
        $0 == "-----END SSH SIGNATURE-----" { ended = 1; next }
        $0 !~ /^[A-Za-z0-9+\/=]+$/ { good = 0 }
        END { exit !(good && ended) }' SHA256SUMS.sig || bad SHA256SUMS.sig "not an SSH signature"
    [ "$(tail -c 1 SHA256SUMS.sig | od -An -tx1 | tr -d ' ')" = 0a ] || bad SHA256SUMS.sig "not an SSH signature"
    signer=$(ssh-keygen -Y find-principals -s SHA256SUMS.sig -f "$keys/allowed_signers" 2>/dev/null | sed -n 1p)
    [ -n "$signer" ] || bad SHA256SUMS.sig "not signed by a key in allowed_signers"
    ssh-keygen -Y verify -n observant-package -f "$keys/allowed_signers" -I "$signer" -s SHA256SUMS.sig \
        < SHA256SUMS > /dev/null 2>&1 || bad SHA256SUMS.sig "the signature is wrong"
    ! grep -Evq '^[0-9a-f]{64}  [A-Za-z0-9._/-]+$' SHA256SUMS || bad SHA256SUMS "a line is not a digest and a name"
    xargs openssl dgst -sha256 -r < "$work/regular.txt" | sed 's/ \*/ /' > "$work/sums"
    wrong=$(awk -v sums="$work/sums" '
        BEGIN { while ((getline line < sums) > 0) sum[substr(line, 66)] = substr(line, 1, 64) }
        !(substr($0, 67) in sum) || sum[substr($0, 67)] != substr($0, 1, 64) { print substr($0, 67); exit }' SHA256SUMS)
    [ -z "$wrong" ] || bad "$wrong" "missing, or not the bytes that were signed"
    { cut -c 67- SHA256SUMS; echo SHA256SUMS; echo SHA256SUMS.sig; } | sort -u > "$work/listed"
    comm -23 "$work/all.txt" "$work/listed" > "$work/extra.txt"
}

# ---- all of it -------------------------------------------------------------------------------------------------------

cd "$root" || exit 2
: > "$work/extra.txt"
: > "$work/vouched.txt"
keys=$trust
if [ -d evidence ] && [ ! -d log ]; then
    if [ -z "$trust" ]; then
        keys=$(pwd)/trust
        echo "WARNING the keys came from the package itself: this shows that it is whole, not whose"
    fi
    check_package
    cd evidence || exit 2
    prefix=evidence/
fi
list_files
if [ -n "$keys" ]; then
    load_keys "$keys/log.vkey" log || fail "$keys/log.vkey: not a verifier key"
    load_keys "$keys/statement.vkey" statement || fail "$keys/statement.vkey: not a verifier key"
else
    echo "WARNING the keys came from the evidence itself: this shows that it is whole, not whose"
    for purpose in log statement; do
        need keys/$purpose.vkey
        load_keys keys/$purpose.vkey $purpose || bad keys/$purpose.vkey "not a verifier key"
    done
fi
check_checkpoints
check_entries
check_history
check_tiles
check_statements
if [ -f .lock ] && [ ! -h .lock ] && [ ! -s .lock ]; then vouch .lock; fi
sort -u "$work/vouched.txt" | comm -23 "$work/all.txt" - > "$work/left.txt"
{ grep -v "^anchors/$newest/" "$work/left.txt" | sed "s/^/${prefix%/}${prefix:+\\/}/"; cat "$work/extra.txt"; } |
    sort -u | sed 's/^/UNAUTHENTICATED /'
grep "^anchors/$newest/" "$work/left.txt" | sed "s/^/PENDING ${prefix%/}${prefix:+\\/}/"
echo "OK $newest entries of $origin, root $newest_root"
exit 0
