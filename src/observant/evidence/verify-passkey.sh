#!/bin/sh
# Verifies that a passkey signed a table of an access review, without Observant and without Python:
#
#     sh verify-passkey.sh NAME.csv NAME.csv.passkey.json
#
# Needs openssl 3.0 or newer and what every POSIX system has (cut fold grep head od sed tail tr wc). Prints the key that
# signed: compare it with the one that the campaign's record names for the reviewer (reviews/passkeys in a package).
# Ends with 0 when the signature is over this very table, 4 when it is not, 2 when it cannot be told.
set -u
LC_ALL=C
export LC_ALL
umask 077

fail() { echo "$1" >&2; exit 2; }
bad() { echo "BAD: $1"; exit 4; }

[ $# -eq 2 ] && [ -f "$1" ] && [ -f "$2" ] || fail "usage: verify-passkey.sh TABLE SIGNATURE"
table=$1
signature=$2
case $(openssl version) in
    OpenSSL\ [3-9]*) ;;
    *) fail "openssl 3.0 or newer is needed" ;;
esac
work=${TMPDIR:-/tmp}/observant-passkey.$$
mkdir "$work" || fail "cannot make a temporary folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# field NAME: its value, of an object that is one line and has its keys in order
field() { sed -n "s/^{.*\"$1\":\"\([A-Za-z0-9+\/=._-]*\)\".*}\$/\1/p" "$signature"; }
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
decode() {
    field "$1" | tr -d '\n' | openssl base64 -d -A > "$work/$1" 2>/dev/null && [ -s "$work/$1" ] || bad "$1 is not base64"
    [ "$(openssl base64 -A -in "$work/$1")" = "$(field "$1")" ] || bad "$1 is not base64 in its one proper spelling"
}

site=$(field rpId)
for part in authenticatorData clientDataJSON publicKey signature; do decode "$part"; done
printf '{"authenticatorData":"%s","clientDataJSON":"%s","publicKey":"%s","rpId":"%s","signature":"%s"}' \
    "$(field authenticatorData)" "$(field clientDataJSON)" "$(field publicKey)" "$site" "$(field signature)" \
    > "$work/whole"
[ "$(hex "$work/whole")" = "$(hex "$signature")" ] || bad "not the signature of a passkey"

# The challenge is the SHA-256 of the table; browsers write type, challenge and origin first and in this order.
challenge=$(openssl dgst -sha256 -binary "$table" | openssl base64 -A | tr '+/' '-_' | tr -d '=')
printf '{"type":"webauthn.get","challenge":"%s","origin":"' "$challenge" > "$work/beginning"
length=$(wc -c < "$work/beginning" | tr -d ' ')
head -c "$length" "$work/clientDataJSON" > "$work/said"
[ "$(hex "$work/said")" = "$(hex "$work/beginning")" ] || bad "the passkey signed something else than this table"
origin=$(tail -c "+$((length + 1))" "$work/clientDataJSON" | tr '\n' ' ' | cut -d '"' -f 1)
case $(tail -c "+$((length + 1 + ${#origin}))" "$work/clientDataJSON" | head -c 19) in
    '","crossOrigin":tru') bad "the page that asked was inside a page of another site" ;;
esac
host=${origin#*://}
host=${host%%/*}
case $host in
    *@* | *\?* | *#* | '') bad "the page that asked belongs to another site" ;;
esac
host=$(printf %s "${host%:*}" | tr 'A-Z' 'a-z')
case $host in
    "$site" | *".$site") ;;
    *) bad "the page that asked belongs to another site" ;;
esac
case $origin in
    https://*) ;;
    *) [ "$host" = localhost ] || bad "the page that asked was not protected" ;;
esac

[ "$(wc -c < "$work/authenticatorData" | tr -d ' ')" -ge 37 ] || bad "the passkey's data are too short"
data=$(hex "$work/authenticatorData")
[ "$(printf %s "$data" | cut -c 1-64)" = "$(printf %s "$site" | openssl dgst -sha256 -r | cut -d ' ' -f 1)" ] \
    || bad "the passkey answered to another site"
flags=$(printf '%d' "0x$(printf %s "$data" | cut -c 65-66)")
[ $((flags & 5)) -eq 5 ] || bad "the passkey did not verify who used it"

# What is signed: authenticatorData, then the SHA-256 of clientDataJSON.
openssl dgst -sha256 -binary "$work/clientDataJSON" > "$work/digest"
cat "$work/authenticatorData" "$work/digest" > "$work/message"
openssl pkey -pubin -inform DER -in "$work/publicKey" -out "$work/key.pem" 2>/dev/null || bad "not a public key"
case $(openssl pkey -pubin -in "$work/key.pem" -noout -text 2>/dev/null) in
    *ED25519*)
        openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$work/message" \
            -sigfile "$work/signature" > /dev/null 2>&1 ;;
    *prime256v1* | *Modulus:*)
        openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature" "$work/message" > /dev/null 2>&1 ;;
    *) bad "a passkey signs with P-256, RSA or Ed25519" ;;
esac || bad "the signature is wrong"
echo "OK: signed by webauthn $site $(field publicKey)"
