#!/bin/sh
# Appends one line to this host's record: the time in seconds, whether the kernel holds the service
# address at this moment, and the words given. The address tells where in the order IPaddr was.
# usage: note WORDS…
case $(ip -o -4 addr show) in *" 192.168.2.3/"*) address=held ;; *) address=free ;; esac
echo "$(date +%s.%N) $address $*" >>/var/tmp/record
