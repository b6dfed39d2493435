#!/bin/sh
# Stands in for a service or a disk that cannot be here: it only notes what is done to it. As it
# stands it is a classic resource script (`NAME ARGUMENT… VERB`) and an LSB init script (`NAME VERB`).
name=$(basename "$0")
for verb; do :; done
while [ $# -gt 1 ]; do
  name=$name::$1
  shift
done
running=/run/stand_in/$(echo "$name" | tr / %)

case $verb in
start)
  /etc/ha.d/note "start $name"
  : >"$running"
  ;;
stop)
  # The original also stops what does not run here; that is no change, and no difference.
  [ ! -e "$running" ] || /etc/ha.d/note "stop $name"
  rm -f "$running"
  ;;
status | monitor)
  [ ! -e "$running" ] || { echo running && exit 0; }
  echo stopped
  exit 3
  ;;
*) exit 3 ;;
esac
