#!/bin/sh
# A resource that only writes down what is done to it. As it stands it is a classic resource script
# (`NAME ARGUMENT VERB`), an LSB init script and an OCF agent (`NAME VERB`). The file
# /var/tmp/broken.VERB.NAME has one line for each call of VERB that is to fail.
for verb; do :; done
name=$(basename "$0")
[ $# -eq 1 ] || name=$name::$1
running=/run/witness.$name
broken=/var/tmp/broken.$verb.$name
note=/etc/ha.d/note

case $verb in
start | stop)
  $note begins "$verb" "$name"
  # Long enough that a neighbour begun too early would be seen.
  sleep 0.05
  if [ -s "$broken" ]; then
    sed -i 1d "$broken"
    $note fails "$verb" "$name"
    exit 1
  fi
  if [ "$verb" = start ]; then : >"$running"; else rm -f "$running"; fi
  $note ends "$verb" "$name"
  ;;
status | monitor)
  [ ! -e "$running" ] || { echo running && exit 0; }
  echo stopped
  # What says "not running": 7 in OCF, 3 in LSB.
  exit $((${OCF_ROOT:+4} + 3))
  ;;
*) exit 3 ;;
esac
