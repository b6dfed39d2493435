#!/usr/bin/perl
# Serves one page, the name of this host, on port 80 of every address. In Perl, because every
# Debian and nearly every other Linux has it and it listens within milliseconds. The foreground
# process ends when the port is open, so that the init script's `start` need not guess.
# usage: page_server.pl PID_FILE
use strict;
use warnings;
use POSIX ();
use Socket;
use Sys::Hostname;

my ($pid_file) = @ARGV;
my $host = hostname();

socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "httpd: cannot make a socket: $!\n";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listener, pack_sockaddr_in(80, INADDR_ANY)) or die "httpd: cannot bind to port 80: $!\n";
listen($listener, 128) or die "httpd: cannot listen on port 80: $!\n";

defined(my $pid = fork()) or die "httpd: cannot fork: $!\n";
if ($pid) {
    open(my $out, '>', $pid_file) or die "httpd: cannot write '$pid_file': $!\n";
    print $out "$pid\n";
    close($out) or die "httpd: cannot write '$pid_file': $!\n";
    exit 0;
}

POSIX::setsid();
chdir '/';
open(STDIN, '<', '/dev/null');
open(STDOUT, '>', '/dev/null');
open(STDERR, '>', '/dev/null');
$SIG{PIPE} = 'IGNORE';

my $page = "$host\n";
my $answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
    . length($page) . "\r\nConnection: close\r\n\r\n$page";
while (1) {
    accept(my $client, $listener) or next;
    # A caller that connects and then says nothing must not hold up the others.
    setsockopt($client, SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 1, 0));
    sysread($client, my $request, 4096);
    syswrite($client, $answer);
    close($client);
}
