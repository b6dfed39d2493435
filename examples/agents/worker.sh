#!/bin/sh
# The worker of the example queue_worker: moves each file of SPOOL/new to SPOOL/done, one job after
# the other. At TERM it finishes the job at hand and ends.
# usage: worker.sh SPOOL
spool=$1 ending=""
trap 'ending=yes' TERM
mkdir -p "$spool/new" "$spool/done" || exit 1
sleep 0.1 # stands for opening a database, say; until it is over nobody may count on this worker
: >"$spool/ready"
while [ -z "$ending" ]; do
  for job in "$spool"/new/*; do
    [ -f "$job" ] && mv "$job" "$spool/done/"
  done
  sleep 0.05
done
rm -f "$spool/ready"
