#!/bin/bash
# First process of a lab host: arranges what a machine of its own would have, then reaps orphans
# until its standard input ends. It is bash because bash, unlike dash, reaps the children that a
# dead daemon leaves behind. Nothing here touches the real machine: the mount namespace is private.
# usage: host_init.sh NAME DISK REPO
set -eu
name=$1 disk=$2 repo=$3

# The command refuses names that the kernel takes, such as those with an underscore.
hostname "$name" 2>/dev/null || echo "$name" >/proc/sys/kernel/hostname

# The disk outlives a power loss; /run and /dev do not.
mkdir -p "$disk/dev"
mount -t tmpfs -o mode=755 tmpfs "$disk/dev"
for node in null zero full random urandom tty ptmx; do
  : >"$disk/dev/$node"
  mount --bind "/dev/$node" "$disk/dev/$node"
done
mkdir "$disk/dev/pts" "$disk/dev/shm"
mount --rbind /dev/pts "$disk/dev/pts"
mount -t tmpfs tmpfs "$disk/dev/shm"
ln -s /proc/self/fd "$disk/dev/fd"

# The repository stays in sight, read-only, even where it lies below a directory that is replaced.
case $repo in /etc/* | /var/*) mkdir -p "$disk$repo" && target=$disk$repo ;; *) target=$repo ;; esac
mount --bind "$repo" "$target"
mount -o remount,bind,ro "$target"

mount --rbind "$disk/dev" /dev
mount --rbind "$disk/etc" /etc
mount --rbind "$disk/var" /var
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
# So that /sys/class/net shows this host's interfaces; containers may forbid it, few programs care.
mount -t sysfs sysfs /sys 2>/dev/null || true

ip link set lo up
echo booted
while read -r _; do :; done
