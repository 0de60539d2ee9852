/*
 * The machine's floor for reported latencies: a loop that does nothing but send what is due, each transaction on the
 * next of its connections, and stamp each reply as soon as it can be read. What it reports beyond the truth is the
 * machine's doing.
 *
 *     spin-and-read --rate 1000 --seconds 10 --connections 100 --port 26657
 *
 * Prints due -> reply as wrk2 does (-L).
 */
#define _GNU_SOURCE
#include <math.h>
#include <sys/epoll.h>

#include "requests.h"

enum { events_at_once = 64, drain_seconds = 10 };

int main(int argc, char **argv) {
  struct load load = {.rate = 1000, .seconds = 10, .connections = 100};
  read_load(argc, argv, &load);
  double rate = load.rate, seconds = load.seconds;
  int connections = load.connections;
  long count = (long)(rate * seconds), sent = 0, ended = 0;
  double *latency_ms = malloc(count * sizeof *latency_ms);
  int *fds = malloc(connections * sizeof *fds);
  long *replies_of = calloc(connections, sizeof *replies_of);
  if (count < 1 || connections < 1 || latency_ms == NULL || fds == NULL || replies_of == NULL) return 2;
  size_t id = 0;
  struct bytes request = build_request(&id);
  int ready = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; i++) {
    fds[i] = connect_to(load.port);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    if (epoll_ctl(ready, EPOLL_CTL_ADD, fds[i], &event) < 0) die("epoll_ctl");
  }
  double start_s = now_seconds() + 0.05, end_s = start_s + seconds + drain_seconds;
  while (ended < count) {
    double now_s = now_seconds();
    if (now_s > end_s) return fprintf(stderr, "spin-and-read: %ld of %ld were answered\n", ended, count), 1;
    if (sent < count && now_s >= start_s + sent / rate) {
      patch_id(&request, id, sent);
      if (send(fds[sent % connections], request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) die("send");
      sent++;
    }
    struct epoll_event events[events_at_once];
    int got = epoll_wait(ready, events, events_at_once, 0);
    now_s = now_seconds();
    for (int i = 0; i < got; i++) {
      static char replies[65536];
      int connection = events[i].data.u32;
      ssize_t bytes = recv(fds[connection], replies, sizeof replies, MSG_DONTWAIT);
      if (bytes == 0) die("the server hung up");
      /* Replies of a connection come in order, each whole: where its body begins, one has come. */
      for (ssize_t at = 0; at < bytes; at++) {
        if (replies[at] != '\n' || at + 1 >= bytes || replies[at + 1] != '{') continue;
        long number = connection + replies_of[connection]++ * connections;
        if (ended < count) latency_ms[ended++] = (now_s - start_s - number / rate) * 1000;
      }
    }
  }
  qsort(latency_ms, count, sizeof *latency_ms, compare_doubles);
  static const double percents[] = {50, 99, 99.9};
  for (int i = 0; i < 3; i++) printf("%7.3f%% %10.3fms\n", percents[i], latency_ms[(long)ceil(percents[i] / 100 * count) - 1]);
  return 0;
}
